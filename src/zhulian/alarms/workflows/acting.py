"""What people do about alarms: acknowledge by name, shelve for a limited time with a reason; all in the trail."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from zhulian.alarms.models import Occurrence, Rule, Shelf
from zhulian.alarms.queries.watching import ALARM, RULE, may_act
from zhulian.alarms.rules import LONGEST_SHELF, wrong
from zhulian.alarms.workflows.stirring import stir
from zhulian.audit.rules import Draft
from zhulian.audit.rules import Subject as Noted
from zhulian.audit.workflows import record, record_all
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.vocabulary.clock import SHANGHAI


def acknowledge(scope: Scope, occurrence_id: int, note: str = "") -> None:
    """ "I have seen it", with a name; a second one changes nothing but a note where there was none."""
    with transaction.atomic():
        row = _occurrence(scope, occurrence_id)
        if row.acknowledged_at is None:
            _acknowledge(scope, [row], note)
            name = row.rule.name
            record(actor(scope), "alarm.acknowledged", Noted("alarm", row.pk, name), organisation=row.enterprise_id,
                   note=note.strip()[:400])  # fmt: skip
        elif note.strip() and not row.note:
            Occurrence.objects.filter(pk=row.pk).update(note=note.strip()[:400])
            stir([row.enterprise_id])


def acknowledge_all(scope: Scope, occurrences: list[int], note: str = "") -> int:
    """Several at once, such as a flood; those out of reach or acknowledged already are left out. How many it were."""
    with transaction.atomic():
        found = Occurrence.objects.select_for_update(of=("self",)).filter(
            pk__in=occurrences, acknowledged_at=None, enterprise__in=scope.enterprises().values("pk")
        )
        rows = [row for row in found.select_related("rule") if may_act(scope, row.enterprise_id)]
        _acknowledge(scope, rows, note)
        who, what = actor(scope), "alarm.acknowledged"
        record_all(
            [Draft(who, what, Noted("alarm", row.pk, row.rule.name), row.enterprise_id, note=note) for row in rows]
        )
    return len(rows)


def _acknowledge(scope: Scope, rows: Sequence[Occurrence], note: str) -> None:
    Occurrence.objects.filter(pk__in=[row.pk for row in rows]).update(
        acknowledged_at=timezone.now(), acknowledged_by=scope.person, acknowledged_name=scope.name,
        note=note.strip()[:400],
    )  # fmt: skip
    stir(row.enterprise_id for row in rows)


def shelve(scope: Scope, rule_id: int, hours: float, reason: str) -> None:
    """Put a rule's alarms aside for a while: recorded, shown as shelved, told to nobody."""
    if not reason.strip():
        raise wrong("搁置要写原因", "shelving needs a reason")
    if not 0 < hours <= LONGEST_SHELF.total_seconds() / 3600:
        raise wrong("最长搁置七天", "at most seven days")
    with transaction.atomic():
        row, now = _rule(scope, rule_id), timezone.now()
        _end(row, now, scope)
        until = now + timedelta(hours=hours)
        Shelf.objects.create(
            rule=row, since=now, until=until, reason=reason.strip()[:200], by_id=scope.person, by_name=scope.name
        )
        stir([row.enterprise_id])
        said = f"{reason.strip()[:200]}（{until.astimezone(SHANGHAI):%Y-%m-%d %H:%M}）"
        record(actor(scope), "alarm.shelved", Noted("alarm_rule", row.pk, row.name), organisation=row.enterprise_id,
               note=said)  # fmt: skip


def unshelve(scope: Scope, rule_id: int) -> None:
    """Take it back before the time is over."""
    with transaction.atomic():
        row = _rule(scope, rule_id)
        now = timezone.now()
        if _end(row, now, scope):
            # What was told to nobody begins to wait for its acknowledgement now.
            waiting = Occurrence.objects.filter(rule=row, ended_at=None, acknowledged_at=None, level=0)
            waiting.filter(told_at__isnull=False).update(told_at=now, level=1)
            stir([row.enterprise_id])
            record(actor(scope), "alarm.unshelved", Noted("alarm_rule", row.pk, row.name),
                   organisation=row.enterprise_id)  # fmt: skip


def _end(row: Rule, now: datetime, scope: Scope) -> int:
    running = Shelf.objects.filter(rule=row, ended_at=None, until__gt=now)
    return running.update(ended_at=now, ended_name=scope.name)


def _occurrence(scope: Scope, occurrence_id: int) -> Occurrence:
    found = Occurrence.objects.select_for_update(of=("self",)).select_related("rule")
    row = found.filter(pk=occurrence_id, enterprise__in=scope.enterprises().values("pk")).first()
    if row is None:
        raise NotVisibleError(ALARM)
    if not may_act(scope, row.enterprise_id):
        raise NotAllowedError
    return row


def _rule(scope: Scope, rule_id: int) -> Rule:
    row = Rule.objects.select_for_update(of=("self",)).filter(
        pk=rule_id, removed_at=None, enterprise__in=scope.enterprises().values("pk")
    ).first()  # fmt: skip
    if row is None:
        raise NotVisibleError(RULE)
    if not may_act(scope, row.enterprise_id):
        raise NotAllowedError
    return row
