"""Delegation: a deputy acts within somebody's rights for a period. Whatever the deputy does names both."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from zhulian.audit.workflows import record
from zhulian.organisations.models import Delegation, User
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, RecordsError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.workflows import trail
from zhulian.organisations.workflows.events import Delegated
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.events import announce

DELEGATION = Text("代理", "delegation")
LONGEST = timedelta(days=184)
"""Half a year; whoever is away for longer hands over."""


def delegate(
    scope: Scope, person: int, deputy: int, starts_at: datetime, ends_at: datetime, *, reason: str = ""
) -> int:
    """Let ``deputy`` act for ``person``: oneself, or (administrators) somebody who cannot do it any more."""
    _own_or_administrator(scope, person)
    _checked_period(starts_at, ends_at)
    with transaction.atomic():
        colleague = scope.colleagues().filter(pk=deputy).exclude(pk=person).first()
        if colleague is None:
            raise NotVisibleError(Text("代理人", "deputy"))
        made = Delegation.objects.create(
            person=User.objects.get(pk=person),
            deputy=colleague,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason.strip()[:120],
        )
        _record(scope, "delegation.made", made, {}, trail.values(made, _FIELDS))
        announce(Delegated(made.pk, person, deputy, starts_at, ends_at))
    return made.pk


def end_delegation(scope: Scope, delegation: int) -> None:
    """End it now; either of the two and an administrator may."""
    with transaction.atomic():
        found = Delegation.objects.select_for_update().filter(pk=delegation).first()
        concerned = found is not None and scope.person in {found.person_id, found.deputy_id}
        if found is None or not (concerned or scope.administers):
            raise NotVisibleError(DELEGATION)
        if found.ended_at is None:
            found.ended_at = timezone.now()
            found.save(update_fields=["ended_at"])
            _record(scope, "delegation.ended", found, {"ended_at": None}, trail.values(found, ("ended_at",)))


_FIELDS = ("person_id", "deputy_id", "starts_at", "ends_at", "reason")


def _record(scope: Scope, action: str, row: Delegation, before: trail.Values, after: trail.Values) -> None:
    changes = trail.difference(before, after)
    record(actor(scope), action, trail.of_account(row.deputy), organisation=None, changes=changes)


def _own_or_administrator(scope: Scope, person: int) -> None:
    if scope.on_behalf_of is not None or (scope.person != person and not scope.administers):
        raise NotAllowedError


def _checked_period(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at or ends_at <= timezone.now():
        raise _wrong("结束应晚于开始，也应晚于现在", "it ends after it starts, and after now")
    if ends_at - starts_at > LONGEST:
        raise _wrong("代理最长半年；离开更久请用“交接”", "it lasts half a year at most; hand over for longer")


def _wrong(zh: str, en: str) -> RecordsError:
    return RecordsError(
        "delegation_wrong",
        Text(f"{zh}。", f"Nothing was saved: {en}."),
        Text("请改正后重试。", "Correct it and try again."),
    )
