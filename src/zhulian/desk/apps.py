"""Django's handle on this room, and the events of lower rooms that it listens to."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Registered as ``desk``."""

    name = "zhulian.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "工作台"
