"""What an officer enters with a day and a document: renames, moves, scale, mergers, splits, closures, reopenings."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.db import transaction

from zhulian.organisations.models import Enterprise, Membership, User
from zhulian.organisations.queries import ENTERPRISE
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.rules.files import ENTERED, EventKind, State, refused
from zhulian.organisations.tenancy import Scope
from zhulian.organisations.workflows.events import Seat
from zhulian.organisations.workflows.history import Cause, append, officers_file, open_file
from zhulian.organisations.workflows.seats import seat_invited
from zhulian.vocabulary.roles import Role

_FIELDS: Mapping[EventKind, frozenset[str]] = {
    EventKind.RENAMED: frozenset({"name", "credit_code"}),
    EventKind.MOVED: frozenset({"district", "reporting_area", "town", "address"}),
}
_FIXED: Mapping[EventKind, State] = {
    EventKind.SCALED_UP: {"above_scale": True},
    EventKind.SCALED_DOWN: {"above_scale": False},
    EventKind.CLOSED: {"status": "closed"},
    EventKind.REOPENED: {"status": "active", "successor": None},
}


@dataclass(frozen=True, slots=True)
class Entered:
    """An event as the form gives it.

    ``values``: the new name, the new place, or (split) what the new enterprise's file begins with. ``other``: into
    which enterprise a merger goes.
    """

    kind: EventKind
    cause: Cause
    values: State = field(default_factory=dict)
    other: int | None = None


def enter_event(scope: Scope, enterprise: int, entered: Entered) -> int:
    """Enter one dated event; returns its id. For officers of the enterprise's present area and the bureau."""
    if entered.kind not in ENTERED:
        raise refused("event_unknown", "没有这种事件", "there is no such event")
    if entered.cause.on is None:
        raise refused("event_day_missing", "请填生效日期", "the day on which it took effect is missing")
    with transaction.atomic():
        found = officers_file(scope, enterprise)
        if entered.kind is EventKind.MERGED:
            return _merge(scope, found, entered)
        if entered.kind is EventKind.SPLIT:
            return _split(scope, found, entered)
        allowed = _FIELDS.get(entered.kind, frozenset())
        changes = _FIXED.get(entered.kind) or {name: entered.values[name] for name in allowed & entered.values.keys()}
        return append(scope, found, entered.kind, changes, entered.cause).pk


def _merge(scope: Scope, found: Enterprise, entered: Entered) -> int:
    """``found`` ends in ``entered.other``. Both keep their tenant ids; the survivor's people see what it absorbed."""
    survivor = scope.enterprises().select_for_update().filter(pk=entered.other or 0).first()
    if survivor is None:
        raise NotVisibleError(ENTERPRISE)
    if survivor.pk == found.pk:
        raise refused("merge_with_itself", "企业不能并入自己", "an enterprise cannot be merged into itself")
    absorbed = replace(entered.cause, other=found.pk)
    append(scope, survivor, EventKind.ABSORBED, {}, absorbed)
    cause = replace(entered.cause, other=survivor.pk)
    event = append(scope, found, EventKind.MERGED, {"status": "merged", "successor": survivor.pk}, cause)
    _give_roles(scope, survivor, found)
    return event.pk


def _split(scope: Scope, found: Enterprise, entered: Entered) -> int:
    """A new enterprise comes out of ``found``, which goes on."""
    child = open_file(scope, entered.values, is_sample=found.is_sample, cause=replace(entered.cause, other=found.pk))
    return append(scope, found, EventKind.SPLIT, {}, replace(entered.cause, other=child.pk)).pk


def _give_roles(scope: Scope, source: Enterprise, target: Enterprise) -> None:
    """Whoever has a role in ``source`` has it in ``target`` as well; nobody loses one."""
    officer = User.objects.filter(pk=scope.person or 0).first()
    for held in Membership.objects.filter(enterprise=source).select_related("user").order_by("pk"):
        seat_invited(held.user, Seat(Role(held.role), enterprise=target.pk), leads=False, inviter=officer)
