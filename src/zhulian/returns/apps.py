"""Django's handle on this room."""

from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    """Registered as ``returns``."""

    name = "zhulian.returns"
    label = "returns"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "填报"
