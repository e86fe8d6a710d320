"""Django's handle on the search, and the one event it lives by."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """Registered as ``search``."""

    name = "zhulian.organisations.search"
    label = "search"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "搜索"

    def ready(self) -> None:
        """Whatever is recorded about something that can be found, its entry follows in the same transaction."""
        from zhulian.audit.workflows import Recorded  # noqa: PLC0415 - models need Django awake
        from zhulian.organisations.search.workflows import follow  # noqa: PLC0415
        from zhulian.vocabulary.events import listen  # noqa: PLC0415

        listen(Recorded, follow)
