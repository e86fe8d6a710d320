"""Django's handle on this room."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Registered as ``audit``."""

    name = "zhulian.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "审计"
