"""Django's handle on this room, and the events of lower rooms that it listens to."""

from django.apps import AppConfig

from zhulian.vocabulary.events import listen


class DeskConfig(AppConfig):
    """Registered as ``desk``."""

    name = "zhulian.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "工作台"

    def ready(self) -> None:
        """Listen to the people of ``organisations``."""
        from zhulian.desk.workflows import listening as hear  # noqa: PLC0415 - models are not loaded before
        from zhulian.organisations.workflows import announcements, events  # noqa: PLC0415

        listen(announcements.ClaimMade, hear.claim_made)
        listen(announcements.ClaimDecided, hear.claim_decided)
        listen(events.Joined, hear.joined)
        listen(events.RoleGiven, hear.role_given)
        listen(events.Delegated, hear.delegated)
        listen(events.HandedOver, hear.handed_over)
        listen(events.HandOverUndone, hear.hand_over_undone)
