"""Saving dashboards whole: one definition, one revision, one entry of the trail."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record
from zhulian.dashboards.models import Dashboard, Home
from zhulian.dashboards.rules import checked_name
from zhulian.dashboards.rules.definitions import Tile, checked, definition_of
from zhulian.dashboards.workflows import is_in_sight, may_share
from zhulian.organisations import queries
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.rules.edits import ChangedMeanwhileError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.workflows import trail
from zhulian.vocabulary.errors import Text

BOARD = Text("看板", "dashboard")


@dataclass(frozen=True, slots=True)
class BoardDraft:
    """A dashboard as a page or a file gives it: ``id`` 0 makes a new one, ``enterprise`` None is the person's own."""

    name: str
    tiles: tuple[Tile, ...] = ()
    enterprise: int | None = None
    id: int = 0
    revision: int = 0
    is_sample: bool = False


def save_board(scope: Scope, draft: BoardDraft) -> tuple[int, int]:
    """Save it; returns number and revision. Whoever began from an older revision is told, and nothing is changed."""
    name, tiles = checked_name(draft.name), checked(definition_of(draft.tiles))
    with transaction.atomic():
        row = _kept(scope, draft) if draft.id else _new(scope, draft)
        before = _told(row) if row.pk else {}
        row.name, row.definition = name, definition_of(tiles)
        row.revision, row.changed_name = (row.revision + 1 if row.pk else 1), scope.name
        row.changed_at = timezone.now()
        row.save()
        changes = trail.difference(before, _told(row))
        record(actor(scope), "dashboard.saved", _about(row), organisation=row.enterprise_id, changes=changes)
    return row.pk, row.revision


def remove_board(scope: Scope, board: int) -> None:
    """Let go of a dashboard; the trail keeps its name and how many tiles it had."""
    with transaction.atomic():
        row = changeable(scope, board)
        about, changes, enterprise = _about(row), trail.difference(_told(row), {}), row.enterprise_id
        row.delete()
        record(actor(scope), "dashboard.removed", about, organisation=enterprise, changes=changes)


def choose_home(scope: Scope, board: int) -> bool:
    """Make a dashboard in sight one's first one, or no longer; whether it is now."""
    row = Dashboard.objects.filter(pk=board).first()
    if row is None or not is_in_sight(scope, row.enterprise_id, row.person_id):
        raise NotVisibleError(BOARD)
    if scope.person is None:
        raise NotAllowedError
    if Home.objects.filter(person=scope.person, dashboard=row).delete()[0]:
        return False
    Home.objects.update_or_create(person_id=scope.person, defaults={"dashboard": row})
    return True


def changeable(scope: Scope, board: int) -> Dashboard:
    """The dashboard, locked, for whoever may change it."""
    row = Dashboard.objects.select_for_update().filter(pk=board).first()
    if row is None or not is_in_sight(scope, row.enterprise_id, row.person_id):
        raise NotVisibleError(BOARD)
    if row.enterprise_id is not None and not may_share(scope, row.enterprise_id):
        raise NotAllowedError
    return row


def _kept(scope: Scope, draft: BoardDraft) -> Dashboard:
    row = changeable(scope, draft.id)
    if row.revision != draft.revision:
        raise ChangedMeanwhileError(row.changed_name or "zhulian")
    return row


def _new(scope: Scope, draft: BoardDraft) -> Dashboard:
    if scope.person is None:
        raise NotAllowedError
    if draft.enterprise is not None:
        queries.enterprise(scope, draft.enterprise)
        if not may_share(scope, draft.enterprise):
            raise NotAllowedError
    return Dashboard(person_id=scope.person, enterprise_id=draft.enterprise, is_sample=draft.is_sample)


def _about(row: Dashboard) -> Subject:
    return Subject("dashboard", row.pk, row.name)


def _told(row: Dashboard) -> dict[str, object]:
    return {"name": row.name, "tiles": len(row.definition["tiles"])}
