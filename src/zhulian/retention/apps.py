"""The room's place in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RetentionConfig(AppConfig):
    """Terms of keeping, demands for deletion."""

    name = "zhulian.retention"
    verbose_name = _("留存")
