"""Django's handle on this room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackfillConfig(AppConfig):
    """Registered as ``backfill``."""

    name = "zhulian.backfill"
    verbose_name = _("历史数据导入")
