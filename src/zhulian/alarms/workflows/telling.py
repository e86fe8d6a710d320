"""Who hears of alarms: the people on duty at once, a flood as one message, the next level when nobody acknowledges.

Everything goes through the desk, whose keys make it exist once; this may run again at any time. An alarm is told a
moment after it was learned (:data:`GATHER`), so that a flood shows before its first ten messages are out.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from zhulian.alarms.models import Duty, Flood, Occurrence, Patience, Rule, Shelf
from zhulian.alarms.rules import FLOOD, PRIORITY_WORDS, URGENT, Turn, due_level, is_flood
from zhulian.alarms.workflows.stirring import stir
from zhulian.desk.calendar import WorkingDays, working_days
from zhulian.desk.rules import Audience
from zhulian.desk.workflows import NewMessage, send
from zhulian.organisations.models import Membership
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text

GATHER = timedelta(seconds=2)
STALE = timedelta(hours=12)
"""What began longer ago (late data) stands in the list and wakes nobody."""
SUBJECT = "设备报警"
Place = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is on duty in some enterprises at a moment."""

    turns: dict[int, list[Turn]]
    calendar: WorkingDays
    now: datetime

    def people(self, enterprise: int, upto_level: int) -> list[int] | None:
        """Those on duty up to a level; ``None`` without a roster or when nobody is: then everybody is told."""
        on_duty = [
            turn.person
            for turn in self.turns.get(enterprise, ())
            if turn.level <= upto_level and turn.covers(self.now, self.calendar.is_working(turn.began(self.now).date()))
        ]
        return sorted(set(on_duty)) or None


def tell(now: datetime) -> int:
    """Tell of what has not been told yet; how many messages there were."""
    if not Occurrence.objects.filter(told_at=None).exists():
        return 0
    with transaction.atomic():
        untold = list(
            Occurrence.objects.select_for_update(of=("self",))
            .filter(told_at=None, learned_at__lte=now - GATHER)
            .select_related("rule", "machine", "enterprise")
            .order_by("started_at")[:2_000]
        )
        if not untold:
            return 0
        shelved = _shelved({row.rule_id for row in untold}, now)
        loud = [row for row in untold if _is_loud(row, shelved, now)]
        roster = _roster({row.enterprise_id for row in loud}, now)
        count = sum(_tell_place(rows, roster, now) for rows in _by_place(loud).values())
        Occurrence.objects.filter(pk__in=[row.pk for row in untold]).update(told_at=now)
        Occurrence.objects.filter(pk__in=[row.pk for row in loud]).update(level=1)
    return count


def _is_loud(row: Occurrence, shelved: set[int], now: datetime) -> bool:
    if row.is_suppressed or row.retracted_at or row.rule_id in shelved or row.rule.out_of_service:
        return False
    return row.started_at > now - STALE


def _by_place(rows: Iterable[Occurrence]) -> dict[Place, list[Occurrence]]:
    found: dict[Place, list[Occurrence]] = defaultdict(list)
    for row in rows:
        found[row.enterprise_id, row.machine.workshop].append(row)
    return found


def _tell_place(rows: list[Occurrence], roster: Roster, now: datetime) -> int:
    """One message an alarm; in a flood one message for all, and singles only of priority 1."""
    flood = _flood(rows, now)
    singles = rows
    count = 0
    if flood is not None:
        Occurrence.objects.filter(pk__in=[row.pk for row in rows]).update(flood=flood)
        singles = [row for row in rows if row.priority == 1]
        _send(flood.enterprise_id, roster, 1, _flood_message(flood, rows))
        count = 1
    for row in singles:
        _send(row.enterprise_id, roster, 1, _message(row, 1))
    return count + len(singles)


def _flood(rows: list[Occurrence], now: datetime) -> Flood | None:
    """The flood that these belong to: the one that runs, or a new one when they are too many."""
    first = rows[0]
    place = first.machine.workshop
    running = Flood.objects.filter(enterprise=first.enterprise_id, place=place, ended_at=None).first()
    if running is not None and running.last_at < now - FLOOD:
        running.ended_at = running.last_at
        running.save(update_fields=["ended_at"])
        running = None
    if running is not None:
        running.last_at = now
        running.save(update_fields=["last_at"])
        return running
    recent = Occurrence.objects.filter(
        enterprise=first.enterprise_id, machine__workshop=place, is_suppressed=False, retracted_at=None,
        learned_at__gt=now - FLOOD,
    ).values_list("learned_at", flat=True)  # fmt: skip
    if not is_flood(list(recent), now):
        return None
    return Flood.objects.create(enterprise_id=first.enterprise_id, place=place, started_at=now, last_at=now)


def _flood_message(flood: Flood, rows: list[Occurrence]) -> NewMessage:
    """The same key as long as the flood lasts: it is told once, and its page counts on."""
    count = len(rows)
    root = min(rows, key=lambda row: (row.priority, row.started_at))
    place = flood.place or root.enterprise.name
    return NewMessage(
        f"alarm-flood:{flood.pk}",
        SUBJECT,
        Text(f"{place}：{count} 个报警同时出现", f"{place}: {count} alarms at once"),
        Text(
            f"最早且最重要的是“{root.machine.name} {root.rule.name}”。后续同处报警并入这一条，请从它查起。",
            f"First and foremost: “{root.machine.name} {root.rule.name}”. Further alarms there join this message.",
        ),
        f"/alarms/?state=all&flood={flood.pk}",
        urgent=min(row.priority for row in rows) <= URGENT,
        is_sample=root.is_sample,
    )


def _message(row: Occurrence, level: int) -> NewMessage:
    again = Text(f"第 {level} 级：", f"Level {level}: ") if level > 1 else Text("", "")
    return _told(row, f"alarm:{row.pk}:{level}", again)


def _told(row: Occurrence, key: str, again: Text) -> NewMessage:
    """``again`` says why it is told once more."""
    rule, start = row.rule, row.started_at.astimezone(SHANGHAI)
    words = PRIORITY_WORDS[row.priority]
    value = "" if row.value is None else f"{row.value:g}"
    return NewMessage(
        key,
        SUBJECT,
        Text(
            f"{again.zh}[{words.zh}] {row.machine.name} {rule.name}",
            f"{again.en}[{words.en}] {row.machine.name} {rule.name}",
        ),
        Text(
            f"{row.enterprise.name}，{start:%m-%d %H:%M:%S} 开始，当时 {value or '—'}。{rule.advice}",
            f"{row.enterprise.name}, since {start:%m-%d %H:%M:%S}, value {value or '—'}. {rule.advice}",
        ),
        f"/alarms/{row.pk}/",
        urgent=row.priority <= URGENT,
        is_sample=row.is_sample,
    )


def _send(enterprise: int, roster: Roster, level: int, message: NewMessage) -> None:
    send(message, Audience(enterprise=enterprise), only=roster.people(enterprise, level))


def escalate(now: datetime) -> int:
    """Urgent alarms that nobody acknowledged in time go to the next level; how many did."""
    with transaction.atomic():
        waiting = list(
            Occurrence.objects.select_for_update(of=("self",))
            .filter(
                Q(flood=None) | Q(priority=1),
                ended_at=None, retracted_at=None, acknowledged_at=None, is_suppressed=False,
                priority__lte=URGENT, level__gte=1, level__lt=3, rule__out_of_service="",
            )
            .exclude(Exists(_running_shelves(now).filter(rule=OuterRef("rule"))))
            .select_related("rule", "machine", "enterprise")
        )  # fmt: skip
        if not waiting:
            return 0
        enterprises = {row.enterprise_id for row in waiting}
        patience = {row.enterprise_id: row for row in Patience.objects.filter(enterprise__in=enterprises)}
        roster = _roster(enterprises, now)
        return sum(_escalate(row, patience.get(row.enterprise_id) or Patience(), roster, now) for row in waiting)


def _escalate(row: Occurrence, patience: Patience, roster: Roster, now: datetime) -> bool:
    told_at = row.told_at or now
    level = due_level(now - told_at, patience.second_min, patience.third_min)
    if level <= row.level or not any(turn.level > row.level for turn in roster.turns.get(row.enterprise_id, ())):
        return False
    _send(row.enterprise_id, roster, level, _message(row, level))
    Occurrence.objects.filter(pk=row.pk).update(level=level)
    return True


def end_shelves(now: datetime) -> int:
    """Shelves whose time is over: what is still active and unacknowledged is told, and waits for somebody anew.

    How many messages there were.
    """
    with transaction.atomic():
        over = list(Shelf.objects.select_for_update(of=("self",)).filter(ended_at=None, until__lte=now))
        if not over:
            return 0
        Shelf.objects.filter(pk__in=[shelf.pk for shelf in over]).update(ended_at=F("until"))
        shelf_of = {shelf.rule_id: shelf.pk for shelf in over}
        rows = list(
            Occurrence.objects.filter(
                rule__in=shelf_of, ended_at=None, retracted_at=None, acknowledged_at=None, is_suppressed=False,
                told_at__isnull=False, rule__out_of_service="", rule__removed_at=None,
            ).select_related("rule", "machine", "enterprise")
        )  # fmt: skip
        roster = _roster({row.enterprise_id for row in rows}, now)
        again = Text("搁置到期，仍在报警：", "No longer shelved, still active: ")
        for row in rows:
            _send(row.enterprise_id, roster, 1, _told(row, f"alarm:{row.pk}:shelf:{shelf_of[row.rule_id]}", again))
        Occurrence.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=now, level=1)
        stir(Rule.objects.filter(pk__in=shelf_of).values_list("enterprise_id", flat=True))
    return len(rows)


def _roster(enterprises: set[int], now: datetime) -> Roster:
    """Only turns of people who still belong to the enterprise: nobody else is sent its messages."""
    turns: dict[int, list[Turn]] = defaultdict(list)
    seat = Membership.objects.filter(user=OuterRef("person"), enterprise=OuterRef("enterprise"))
    for row in Duty.objects.filter(Exists(seat), enterprise__in=enterprises, person__is_active=True):
        turns[row.enterprise_id].append(Turn(row.person_id, row.level, row.days, row.start_hour, row.end_hour % 24))
    return Roster(turns, working_days(), now)


def _running_shelves(now: datetime) -> QuerySet[Shelf]:
    return Shelf.objects.filter(ended_at=None, since__lte=now, until__gt=now)


def _shelved(rules: set[int], now: datetime) -> set[int]:
    return set(_running_shelves(now).filter(rule__in=rules).values_list("rule_id", flat=True))
