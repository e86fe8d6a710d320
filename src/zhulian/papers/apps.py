"""The room's place in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PapersConfig(AppConfig):
    """Issued papers."""

    name = "zhulian.papers"
    verbose_name = _("文书")
