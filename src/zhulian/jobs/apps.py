"""Django's handle on this room."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Registered as ``jobs``."""

    name = "zhulian.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "定时任务"
