"""Django's handle on this room."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Registered as ``organisations``."""

    name = "zhulian.organisations"
    label = "organisations"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "组织与设备"
