"""The room's place in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardsConfig(AppConfig):
    """Favourites, views, marks, dashboards."""

    name = "zhulian.dashboards"
    verbose_name = _("看板与视图")
