"""Pure decisions about alarms: the state after ISA-18.2, who is on duty, what a flood is, a rule in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from zhulian.telemetry.alarms.expressions import NAMES
from zhulian.telemetry.alarms.rules import Kind, checked
from zhulian.telemetry.alarms.rules import Rule as Computed
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text, ZhulianError

FLOOD = timedelta(minutes=10)
FLOOD_SIZE = 10
"""ISA-18.2: more than ten alarms in ten minutes is more than an operator can work through."""
LONGEST_SHELF = timedelta(days=7)
ACCEPTABLE_A_DAY, MOST_A_DAY = 150, 300
"""ISA-18.2, alarms an operator a day: very likely acceptable, and the most that can be managed."""
CHATTERS = 3
"""Alarms of one rule within a minute that make it chattering."""
STANDS = timedelta(hours=24)
"""An alarm that is active for longer stands there unheeded."""
BEFORE_AND_AFTER, MOST_BEFORE = timedelta(minutes=15), timedelta(hours=12)
"""What a chart of an alarm shows beyond the alarm."""
URGENT = 2
"""Priorities 1 to 2 pass quiet hours where people allow it, and are escalated."""


class AlarmError(ZhulianError):
    """Something about an alarm that a person can put right."""


class Standing(StrEnum):
    """The state of one alarm (ISA-18.2, figure 4.1, in our words)."""

    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned"
    """Back to normal, and nobody has acknowledged it."""
    NORMAL = "normal"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    RETRACTED = "retracted"


STANDINGS = {
    Standing.UNACKNOWLEDGED: Text("未确认", "Unacknowledged"),
    Standing.ACKNOWLEDGED: Text("已确认", "Acknowledged"),
    Standing.RETURNED: Text("已恢复，未确认", "Returned, unacknowledged"),
    Standing.NORMAL: Text("已恢复", "Returned"),
    Standing.SHELVED: Text("已搁置", "Shelved"),
    Standing.SUPPRESSED: Text("设计抑制", "Suppressed by design"),
    Standing.RETRACTED: Text("已更正：未发生", "Corrected: never was"),
}
PRIORITY_WORDS = {
    1: Text("1 紧急", "1 Critical"),
    2: Text("2 高", "2 High"),
    3: Text("3 中", "3 Medium"),
    4: Text("4 低", "4 Low"),
}


def standing(
    *, is_active: bool, is_acknowledged: bool, is_shelved: bool, is_suppressed: bool, is_retracted: bool
) -> Standing:
    """The state of an alarm; what takes it out of sight comes first."""
    if is_retracted:
        return Standing.RETRACTED
    if is_active and is_shelved:
        return Standing.SHELVED
    if is_active and is_suppressed:
        return Standing.SUPPRESSED
    if is_active:
        return Standing.ACKNOWLEDGED if is_acknowledged else Standing.UNACKNOWLEDGED
    return Standing.NORMAL if is_acknowledged or is_suppressed else Standing.RETURNED


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of the duty roster. Hours of Shanghai; a turn may span midnight, and equal hours mean all day."""

    person: int
    level: int
    days: str
    start_hour: int
    end_hour: int

    def covers(self, moment: datetime, is_working: bool) -> bool:
        """Whether this person is on duty then; ``is_working`` tells of the day on which the turn began."""
        if self.days != "any" and (self.days == "working") is not is_working:
            return False
        hour = moment.astimezone(SHANGHAI).hour
        if self.start_hour == self.end_hour:
            return True
        if self.start_hour < self.end_hour:
            return self.start_hour <= hour < self.end_hour
        return hour >= self.start_hour or hour < self.end_hour

    def began(self, moment: datetime) -> datetime:
        """The day on which a turn that covers ``moment`` began: after midnight, the day before."""
        local = moment.astimezone(SHANGHAI)
        return local - timedelta(days=1) if self.start_hour > self.end_hour and local.hour < self.end_hour else local


def due_level(age: timedelta, second_min: int, third_min: int) -> int:
    """Up to which level of duty should know of an alarm that nobody has acknowledged for ``age``."""
    minutes = age.total_seconds() / 60
    return 3 if minutes >= third_min else 2 if minutes >= second_min else 1


def is_flood(times: Sequence[datetime], now: datetime) -> bool:
    """More than :data:`FLOOD_SIZE` beginnings within the last :data:`FLOOD`."""
    return sum(now - FLOOD <= time <= now for time in times) > FLOOD_SIZE


def chattering(times: Iterable[datetime]) -> bool:
    """Whether :data:`CHATTERS` alarms began within some minute."""
    ordered = sorted(times)
    pairs = zip(ordered, ordered[CHATTERS - 1 :], strict=False)
    return any(last - first <= timedelta(minutes=1) for first, last in pairs)


def shown_span(
    started: datetime, ended: datetime | None, now: datetime, delay_s: float = 0.0
) -> tuple[datetime, datetime]:
    """From when to when a chart of an alarm reaches: its own time, and half of it on either side.

    At least :data:`BEFORE_AND_AFTER`, at most :data:`MOST_BEFORE`; before it, the rule's delay as well.
    """
    over = ended or now
    margin = min(max((over - started) / 2, BEFORE_AND_AFTER), MOST_BEFORE)
    return started - margin - timedelta(seconds=delay_s), min(over + margin, now)


FIELDS = frozenset(Computed.__struct_fields__) - {"id", "version", "tenant", "kind", "points", "since_us"}


def computed(
    *, number: int, version: int, tenant: int, kind: str, points: Sequence[int], since_us: int,
    settings: Mapping[str, object],
) -> Computed:  # fmt: skip
    """A rule as the telemetry process takes it. Raises RuleError, ExpressionError, AlarmError for unknown settings."""
    fields = {
        "id": number, "version": version, "tenant": tenant, "kind": kind, "points": tuple(points), "since_us": since_us,
    }  # fmt: skip
    try:
        return checked(msgspec.convert(fields | {name: settings[name] for name in FIELDS & set(settings)}, Computed))
    except msgspec.ValidationError as fault:
        raise wrong("设置里有读不懂的内容", f"a setting is not understood ({fault})") from fault


def in_words(kind: str, settings: Mapping[str, object], names: Sequence[str], unit: str) -> Text:
    """A rule as a sentence: “温度 高于 80 ℃，持续 10 秒”"""
    name = names[0] if names else "—"
    limit, after = _g(settings.get("limit", 0)), _span(settings.get("on_delay_s", 0))
    zh_unit = f" {unit}" if unit else ""
    if kind == Kind.THRESHOLD:
        low = bool(settings.get("is_low"))
        zh = f"{name} {'低于' if low else '高于'} {limit}{zh_unit}"
        en = f"{name} {'below' if low else 'above'} {limit}{zh_unit}"
    elif kind == Kind.RATE:
        low, change = bool(settings.get("is_low")), limit.removeprefix("-")
        zh = f"{name} 每分钟{'下降' if low else '上升'}超过 {change}{zh_unit}"
        en = f"{name} {'falls' if low else 'rises'} by more than {change}{zh_unit}/min"
    elif kind == Kind.STATE:
        wanted = str(settings.get("text") or limit)
        before = settings.get("before")
        zh = f"{name} 由 {_g(before)} 变为 {wanted}" if before is not None else f"{name} 为 {wanted}"
        en = f"{name} goes from {_g(before)} to {wanted}" if before is not None else f"{name} is {wanted}"
    elif kind == Kind.ABSENCE:
        silence = _span(settings.get("silence_s", 0))
        zh, en = f"{name} 超过 {silence.zh}没有读数", f"no reading of {name} for {silence.en}"
    else:
        legend = ", ".join(f"{letter} = {one}" for letter, one in zip(NAMES, names, strict=False))
        zh = en = f"{settings.get('expression', '')} ({legend})"
    if float(str(settings.get("on_delay_s", 0) or 0)):
        zh, en = f"{zh}，持续 {after.zh}", f"{en}, for {after.en}"
    return Text(zh, en)


def _g(value: object) -> str:
    return f"{float(str(value)):g}"


def _span(value: object) -> Text:
    seconds = float(str(value or 0))
    if seconds >= 60 and seconds % 60 == 0:
        return Text(f"{seconds / 60:g} 分钟", f"{seconds / 60:g} min")
    return Text(f"{seconds:g} 秒", f"{seconds:g} s")


def wrong(zh: str, en: str) -> AlarmError:
    """Something typed that cannot be."""
    return AlarmError(
        "alarm_wrong",
        Text(f"没有保存：{zh}。", f"Nothing was saved: {en}."),
        Text("请改正后再试。", "Correct it and try again."),
    )
