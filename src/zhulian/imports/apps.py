"""The room's place in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    """Imports of the register."""

    name = "zhulian.imports"
    verbose_name = _("导入")
