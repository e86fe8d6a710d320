"""The only writer of this room. Everything but favourites is on the audit trail."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record
from zhulian.dashboards.models import Favourite, Mark, SavedView
from zhulian.dashboards.rules import checked_mark, checked_name, checked_query
from zhulian.organisations import queries
from zhulian.organisations.models import Point
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.rules.edits import ChangedMeanwhileError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.workflows import trail
from zhulian.vocabulary.errors import Text

VIEW, MARK = Text("视图", "view"), Text("标记", "mark")
MOST_FAVOURITES = 200


@dataclass(frozen=True, slots=True)
class ViewDraft:
    """A view as a page gives it: ``id`` 0 makes a new one, ``enterprise`` None is the person's own."""

    name: str
    query: str
    enterprise: int | None = None
    id: int = 0
    revision: int = 0
    is_sample: bool = False


@dataclass(frozen=True, slots=True)
class MarkDraft:
    """A mark as a page gives it; of ``machine`` and ``point`` the narrower one counts, neither is the enterprise."""

    enterprise: int
    kind: str
    text: str
    start: datetime | None
    end: datetime | None = None
    machine: int | None = None
    point: int | None = None
    is_sample: bool = False


def may_share(scope: Scope, enterprise: int) -> bool:
    """Whether this person keeps views, marks and dashboards of the enterprise: its engineers and owners."""
    return scope.may_configure(enterprise) or enterprise in scope.owns


def toggle_favourite(scope: Scope, point: int) -> bool:
    """Take a point in sight among one's favourites, or out of them; whether it is one now."""
    if scope.person is None:
        raise NotAllowedError
    if Favourite.objects.filter(person=scope.person, point=point).delete()[0]:
        return False
    found = _point(scope, point)
    if Favourite.objects.filter(person=scope.person).count() >= MOST_FAVOURITES:
        Favourite.objects.filter(person=scope.person).order_by("id").first().delete()  # type: ignore[union-attr]
    Favourite.objects.get_or_create(person_id=scope.person, point=found)  # a second click may have been quicker
    return True


def save_view(scope: Scope, draft: ViewDraft) -> int:
    """Keep an address of the explorer under a name, for oneself or for an enterprise."""
    name, query = checked_name(draft.name), checked_query(draft.query)
    with transaction.atomic():
        row = _kept_view(scope, draft) if draft.id else _new_view(scope, draft)
        before = trail.values(row, ("name", "query")) if row.pk else {}
        row.name, row.query = name, query
        row.revision, row.changed_name = (row.revision + 1 if row.pk else 1), scope.name
        row.changed_at = timezone.now()
        row.save()
        changes = trail.difference(before, trail.values(row, ("name", "query")))
        about = Subject("saved_view", row.pk, row.name)
        record(actor(scope), "saved_view.saved", about, organisation=row.enterprise_id, changes=changes)
    return row.pk


def remove_view(scope: Scope, view: int) -> None:
    """Let go of a view."""
    with transaction.atomic():
        row = _view(scope, view)
        about = Subject("saved_view", row.pk, row.name)
        changes: trail.Changes = {"query": (row.query, None)}
        row.delete()
        record(actor(scope), "saved_view.removed", about, organisation=row.enterprise_id, changes=changes)


def _new_view(scope: Scope, draft: ViewDraft) -> SavedView:
    if scope.person is None and not scope.administers:
        raise NotAllowedError
    if draft.enterprise is not None:
        queries.enterprise(scope, draft.enterprise)
        if not may_share(scope, draft.enterprise):
            raise NotAllowedError
    return SavedView(person_id=scope.person, enterprise_id=draft.enterprise, is_sample=draft.is_sample)


def _kept_view(scope: Scope, draft: ViewDraft) -> SavedView:
    row = _view(scope, draft.id)
    if draft.revision != row.revision:
        raise ChangedMeanwhileError(row.changed_name or "zhulian")
    return row


def _view(scope: Scope, view: int) -> SavedView:
    """The view, locked, for whoever may change it."""
    row = SavedView.objects.select_for_update().filter(pk=view).first()
    if row is None or not is_in_sight(scope, row.enterprise_id, row.person_id):
        raise NotVisibleError(VIEW)
    if row.enterprise_id is not None and not may_share(scope, row.enterprise_id):
        raise NotAllowedError
    return row


def is_in_sight(scope: Scope, enterprise: int | None, person: int | None) -> bool:
    """Whether something of an enterprise, or else of a person, may be seen."""
    if enterprise is None:
        return person is not None and person == scope.person
    return scope.enterprises().filter(pk=enterprise).exists()


def make_mark(scope: Scope, draft: MarkDraft) -> int:
    """Write down what happened, by somebody of the enterprise."""
    text, start = checked_mark(draft.kind, draft.text, draft.start, draft.end)
    queries.enterprise(scope, draft.enterprise)
    if not may_share(scope, draft.enterprise):
        raise NotAllowedError
    draft = _placed(scope, draft)
    with transaction.atomic():
        row = Mark.objects.create(
            enterprise_id=draft.enterprise,
            machine_id=draft.machine,
            point_id=draft.point,
            kind=draft.kind,
            text=text,
            start=start,
            end=draft.end,
            author_id=scope.person,
            author_name=scope.name,
            is_sample=draft.is_sample,
            changed_at=timezone.now(),
        )
        changes = trail.difference({}, _told(row))
        record(actor(scope), "mark.made", _about(row), organisation=row.enterprise_id, changes=changes)
    return row.pk


def change_mark(scope: Scope, mark: int, revision: int, draft: MarkDraft) -> None:
    """Another kind, text or time of one's own mark; where it belongs stays."""
    text, start = checked_mark(draft.kind, draft.text, draft.start, draft.end)
    with transaction.atomic():
        row = _own_mark(scope, mark, revision)
        before = _told(row)
        row.kind, row.text, row.end = draft.kind, text, draft.end
        row.start = start
        row.revision, row.changed_at = row.revision + 1, timezone.now()
        row.save()
        changes = trail.difference(before, _told(row))
        record(actor(scope), "mark.changed", _about(row), organisation=row.enterprise_id, changes=changes)


def withdraw_mark(scope: Scope, mark: int, revision: int) -> None:
    """Take one's own mark off the charts; the trail keeps it."""
    with transaction.atomic():
        row = _own_mark(scope, mark, revision)
        row.revision, row.withdrawn_at = row.revision + 1, timezone.now()
        row.save(update_fields=["revision", "withdrawn_at"])
        changes: trail.Changes = {"text": (row.text, None)}
        record(actor(scope), "mark.withdrawn", _about(row), organisation=row.enterprise_id, changes=changes)


def _own_mark(scope: Scope, mark: int, revision: int) -> Mark:
    row = Mark.objects.select_for_update().filter(pk=mark, withdrawn_at=None).first()
    if row is None or not is_in_sight(scope, row.enterprise_id, None):
        raise NotVisibleError(MARK)
    if scope.person is None or row.author_id != scope.person or not may_share(scope, row.enterprise_id):
        raise NotAllowedError
    if row.revision != revision:
        raise ChangedMeanwhileError(row.author_name or "zhulian")
    return row


def _placed(scope: Scope, draft: MarkDraft) -> MarkDraft:
    """The draft with the machine of its point; both have to belong to the enterprise."""
    if draft.point is not None:
        found = _point(scope, draft.point)
        if found.machine.enterprise_id != draft.enterprise:
            raise NotVisibleError(queries.POINT)
        return replace(draft, machine=found.machine_id)
    if draft.machine is not None and queries.machine(scope, draft.machine).enterprise != draft.enterprise:
        raise NotVisibleError(queries.MACHINE)
    return draft


def _point(scope: Scope, point: int) -> Point:
    found = scope.points().select_related("machine").filter(pk=point).first() if 0 < point < 2**63 else None
    if found is None:
        raise NotVisibleError(queries.POINT)
    return found


def _about(row: Mark) -> Subject:
    return Subject("mark", row.pk, row.text[:60])


def _told(row: Mark) -> dict[str, object]:
    """What the trail says about a mark."""
    return {
        "kind": row.kind,
        "text": row.text,
        "start": row.start.isoformat(),
        "end": row.end.isoformat() if row.end else None,
        "machine": row.machine_id,
        "point": row.point_id,
    }
