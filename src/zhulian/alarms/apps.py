"""Django's handle on this room."""

from django.apps import AppConfig


class AlarmsConfig(AppConfig):
    """Registered as ``alarms``."""

    name = "zhulian.alarms"
    label = "alarms"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "报警"
