"""Django's handle on this room."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Registered as ``evidence``. Announces the events of ``workflows.events``."""

    name = "zhulian.evidence"
    label = "evidence"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "事实与依据"
