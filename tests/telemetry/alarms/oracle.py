"""The plain truth about one rule: its whole ordered history, one reading after the other, in the words of the decision.

Written without looking at the engine's arrays: an independent peer for tests, and slow.
"""

from collections.abc import Sequence
from typing import NamedTuple

from zhulian.telemetry.alarms.rules import Kind, Rule

S = 1_000_000


class Seen(NamedTuple):
    """One reading of point ``point``."""

    point: int
    time_us: int
    value: float
    is_bad: bool = False
    text: str | None = None


Deaf = Sequence[tuple[int, int]]
"""(from when, until when) nobody listened, in order."""


def truth(rule: Rule, readings: Sequence[Seen], now_us: int, deaf: Deaf = ()) -> list[tuple[int, int | None]]:
    """Begin and end of every alarm, from verdicts in the order of time."""
    verdicts = _verdicts(rule, sorted(set(readings), key=lambda seen: (seen.time_us, seen.value)), now_us, deaf)
    spans: list[tuple[int, int | None]] = []
    for (at, verdict), (end, following) in zip(verdicts, [*verdicts[1:], (now_us, "now")], strict=True):
        is_active = bool(spans) and spans[-1][1] is None
        due = at + int((rule.on_delay_s if verdict == "raise" else rule.off_delay_s) * S)
        is_due = due == at or due < end or (following in {"now", verdict} and due <= end)
        if verdict == "raise" and not is_active and is_due:
            spans.append((due, None))
        if verdict == "clear" and is_active and is_due:
            spans[-1] = (spans[-1][0], due)
    return spans


def _verdicts(rule: Rule, readings: list[Seen], now_us: int, deaf: Deaf) -> list[tuple[int, str]]:
    """(from when, what) with runs of the same verdict joined."""
    if rule.kind is Kind.EXPRESSION:
        found = _composed(rule, readings, now_us)
    else:
        mine = [seen for seen in readings if seen.point == rule.points[0] and seen.time_us > rule.since_us]
        found = _single(rule, mine, now_us, deaf)
    joined: list[tuple[int, str]] = []
    for at, verdict in found:
        if not joined or joined[-1][1] != verdict:
            joined.append((at, verdict))
    return joined


def _single(rule: Rule, readings: list[Seen], now_us: int, deaf: Deaf) -> list[tuple[int, str]]:
    silent = "raise" if rule.kind is Kind.ABSENCE else "unknown"
    if rule.kind is Kind.ABSENCE:
        readings = [seen for seen in readings if not seen.is_bad]
    found, heard, before = [(rule.since_us, "unknown")], rule.since_us, None
    for seen in readings:
        silent_at = _silent_at(rule, heard, seen.time_us, deaf)
        if silent_at < seen.time_us:
            found.append((silent_at, silent))
        found.append((seen.time_us, _say(rule, seen, before, heard)))
        heard, before = seen.time_us, seen
    silent_at = _silent_at(rule, heard, None, deaf)
    if silent_at <= now_us:
        found.append((silent_at, silent))
    return found


def _silent_at(rule: Rule, heard: int, following: int | None, deaf: Deaf) -> int:
    """An absence that was no alarm yet when the platform stopped counts anew from its return, a quarter of an hour at
    most, unless the next reading is more than a minute older than that return: then it was kept and handed in."""
    at = heard + rule.hold_us
    if rule.kind is not Kind.ABSENCE:
        return at
    for stopped, returned in deaf:
        was_alarm = at + rule.on_delay_s * S <= stopped
        is_closed = following is not None and (following <= stopped or following <= returned - 60 * S)
        if heard < returned and not is_closed and not was_alarm:
            at = max(at, returned + min(rule.hold_us, 900 * S))
    return at


def _say(rule: Rule, seen: Seen, before: Seen | None, heard: int) -> str:  # noqa: PLR0911 - one a kind
    if rule.kind is Kind.ABSENCE:
        return "clear"
    if seen.is_bad:
        return "unknown"
    if rule.kind is Kind.STATE:
        is_there = seen.text == rule.text if rule.text else seen.value == rule.limit
        if not is_there:
            return "clear"
        if rule.before is not None and (before is None or before.is_bad or before.value != rule.before):
            return "neither"
        return "raise"
    value = seen.value
    if rule.kind is Kind.RATE:
        passed = seen.time_us - heard
        if before is None or before.is_bad or not 0 < passed <= rule.hold_us:
            return "unknown"
        value = (seen.value - before.value) / passed * 60 * S
    limit = rule.limit
    if rule.is_low:
        value, limit = -value, -limit
    if value > limit:
        return "raise"
    return "clear" if value <= limit - rule.hysteresis else "neither"


def _composed(rule: Rule, readings: list[Seen], now_us: int) -> list[tuple[int, str]]:
    """Only for ``a > 5 and b < 3``."""
    assert rule.expression == "a > 5 and b < 3"
    hold = rule.hold_us
    mine = [seen for seen in readings if seen.point in rule.points and seen.time_us > rule.since_us]
    moments = {seen.time_us for seen in mine} | {seen.time_us + hold for seen in mine if seen.time_us + hold <= now_us}
    found = [(rule.since_us, "unknown")]
    for at in sorted(moments):
        a, b = (_value(mine, point, at, hold) for point in rule.points)
        left, right = None if a is None else a > 5, None if b is None else b < 3
        if left is False or right is False:
            found.append((at, "clear"))
        elif left is None or right is None:
            found.append((at, "unknown"))
        else:
            found.append((at, "raise"))
    return found


def _value(readings: list[Seen], point: int, at: int, hold: int) -> float | None:
    mine = [seen for seen in readings if seen.point == point and seen.time_us <= at]
    if not mine or mine[-1].is_bad or at - mine[-1].time_us >= hold:
        return None
    return mine[-1].value
