"""What the telemetry process says becomes occurrences: in one transaction with the number up to which it was heard.

So an event has its effect exactly once, however often it is told. Amended histories change the times of an occurrence
that is meant to be the same one (same beginning, or overlapping); one that never was stays legible, and marked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from zhulian.alarms.models import Occurrence, Progress, Rule
from zhulian.alarms.workflows.stirring import stir
from zhulian.telemetry.alarms.events import Event
from zhulian.telemetry.queries import Heard
from zhulian.vocabulary.clock import to_datetime
from zhulian.vocabulary.readings import TimeUs


@dataclass(frozen=True, slots=True)
class Told:
    """One alarm as an event tells it."""

    started_at: datetime
    ended_at: datetime | None
    value: float | None


def take_over(heard: Heard, now: datetime) -> int:
    """Take over what was heard; how many events there were."""
    with transaction.atomic():
        progress, _ = Progress.objects.select_for_update().get_or_create(pk=1)
        known = 0 if heard.log != progress.log else progress.number
        events = [event for event in heard.events if event.number > known or heard.log != progress.log]
        rules = Rule.objects.in_bulk({event.rule for event in events})
        for event in events:
            if event.rule in rules:
                _take(rules[event.rule], event, now)
        stir(rules[event.rule].enterprise_id for event in events if event.rule in rules)
        progress.log, progress.number = heard.log, max(known, heard.number)
        progress.save(update_fields=["log", "number"])
    return len(events)


def _take(rule: Rule, event: Event, now: datetime) -> None:
    told = [
        Told(to_datetime(TimeUs(start)), to_datetime(TimeUs(end)) if end is not None else None, value)
        for start, end, value in event.spans
    ]
    if event.from_us is None:
        _begin_or_end(rule, told[0], now)
    else:
        _amend(rule, to_datetime(TimeUs(event.from_us)), told, now)


def _begin_or_end(rule: Rule, told: Told, now: datetime) -> None:
    known = Occurrence.objects.filter(rule=rule, started_at=told.started_at, retracted_at=None).first()
    if known is None:
        _add(rule, told, now)
    elif known.ended_at is None and told.ended_at is not None:
        known.ended_at = told.ended_at
        known.save(update_fields=["ended_at"])


def _amend(rule: Rule, start: datetime, told: Sequence[Told], now: datetime) -> None:
    standing = Occurrence.objects.filter(Q(ended_at=None) | Q(ended_at__gte=start), rule=rule, retracted_at=None)
    left = list(standing.order_by("started_at"))
    pairs = _paired(told, left)
    # First out of the way, then moved: an occurrence may take the beginning of one that never was.
    Occurrence.objects.filter(pk__in=[row.pk for row in left]).update(retracted_at=now)
    for one, row in sorted(pairs, key=lambda pair: pair[0].started_at, reverse=True):
        if row is None:
            _add(rule, one, now)
        elif (row.started_at, row.ended_at) != (one.started_at, one.ended_at):
            row.corrected_at = now
            row.started_at, row.ended_at = one.started_at, one.ended_at
            row.save(update_fields=["started_at", "ended_at", "corrected_at"])


def _paired(told: Sequence[Told], left: list[Occurrence]) -> list[tuple[Told, Occurrence | None]]:
    """Which of ``left`` is meant by each: those with the same beginning first. What is meant leaves the list."""
    found: dict[int, Occurrence] = {}
    for is_meant in (lambda row, one: row.started_at == one.started_at, _overlap):
        for number, one in enumerate(told):
            row = None if number in found else next((row for row in left if is_meant(row, one)), None)
            if row is not None:
                left.remove(row)
                found[number] = row
    return [(one, found.get(number)) for number, one in enumerate(told)]


def _overlap(row: Occurrence, told: Told) -> bool:
    return (told.ended_at is None or row.started_at <= told.ended_at) and (
        row.ended_at is None or told.started_at <= row.ended_at
    )


def _add(rule: Rule, told: Told, now: datetime) -> None:
    Occurrence.objects.create(
        rule=rule, enterprise_id=rule.enterprise_id, machine_id=rule.machine_id, revision=rule.revision,
        priority=rule.priority, started_at=told.started_at, ended_at=told.ended_at, value=told.value,
        is_suppressed=_is_suppressed(rule, told), learned_at=now, is_sample=rule.is_sample,
    )  # fmt: skip


def _is_suppressed(rule: Rule, told: Told) -> bool:
    if rule.suppressed_by_id is None:
        return False
    cause = Occurrence.objects.filter(rule=rule.suppressed_by_id, retracted_at=None, started_at__lte=told.started_at)
    return cause.filter(Q(ended_at=None) | Q(ended_at__gte=told.started_at)).exists()
