"""Pure decisions: states, turns of duty, floods, rules in words."""

from datetime import datetime, timedelta

import pytest

from zhulian.alarms.rules import (
    AlarmError,
    Standing,
    Turn,
    chattering,
    computed,
    due_level,
    in_words,
    is_flood,
    shown_span,
    standing,
)
from zhulian.telemetry.alarms.rules import RuleError
from zhulian.vocabulary.clock import SHANGHAI

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("a", Standing.UNACKNOWLEDGED),
        ("ak", Standing.ACKNOWLEDGED),
        ("", Standing.RETURNED),
        ("k", Standing.NORMAL),
        ("as", Standing.SHELVED),
        ("s", Standing.RETURNED),
        ("au", Standing.SUPPRESSED),
        ("u", Standing.NORMAL),
        ("asur", Standing.RETRACTED),
    ],
)
def test_the_states_of_isa_18_2(flags: str, expected: Standing) -> None:
    found = standing(
        is_active="a" in flags,
        is_acknowledged="k" in flags,
        is_shelved="s" in flags,
        is_suppressed="u" in flags,
        is_retracted="r" in flags,
    )
    assert found is expected


def test_a_turn_may_span_midnight_and_belongs_to_the_day_it_began() -> None:
    night = Turn(1, 1, "working", 20, 8)
    assert night.covers(NOON.replace(hour=23), is_working=True)
    assert night.covers(NOON.replace(hour=3), is_working=True)
    assert not night.covers(NOON, is_working=True)
    assert not night.covers(NOON.replace(hour=3), is_working=False)
    assert night.began(NOON.replace(hour=3)).date() == NOON.date() - timedelta(days=1)
    assert Turn(1, 1, "any", 0, 0).covers(NOON, is_working=False)
    assert Turn(1, 1, "off", 8, 20).covers(NOON, is_working=False)


def test_a_chart_shows_the_time_of_its_alarm() -> None:
    minutes = timedelta(minutes=1)
    assert shown_span(NOON, NOON + minutes, NOON + 99 * minutes) == (NOON - 15 * minutes, NOON + 16 * minutes)
    assert shown_span(NOON, NOON + minutes, NOON + 5 * minutes)[1] == NOON + 5 * minutes, "nothing is known of later"
    assert shown_span(NOON, None, NOON + 60 * minutes) == (NOON - 30 * minutes, NOON + 60 * minutes)
    days = timedelta(days=9)
    assert shown_span(NOON, NOON + days, NOON + 2 * days) == (NOON - days / 18, NOON + days + days / 18)
    assert shown_span(NOON, None, NOON, 1_800.0) == (NOON - 45 * minutes, NOON)


def test_floods_chatter_and_levels() -> None:
    times = [NOON - timedelta(minutes=9)] * 11
    assert is_flood(times, NOON)
    assert not is_flood(times, NOON + timedelta(minutes=2))
    assert chattering([NOON, NOON + timedelta(seconds=20), NOON + timedelta(seconds=59)])
    assert not chattering([NOON, NOON + timedelta(seconds=20), NOON + timedelta(seconds=61)])
    assert [due_level(timedelta(minutes=m), 10, 30) for m in (5, 10, 30)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("kind", "chosen", "zh"),
    [
        ("threshold", {"limit": 80, "on_delay_s": 120}, "温度 高于 80 ℃，持续 2 分钟"),
        ("threshold", {"limit": 5, "is_low": True}, "温度 低于 5 ℃"),
        ("rate", {"limit": -3, "is_low": True}, "温度 每分钟下降超过 3 ℃"),
        ("state", {"limit": 4}, "温度 为 4"),
        ("state", {"limit": 4, "before": 2}, "温度 由 2 变为 4"),
        ("state", {"text": "fault"}, "温度 为 fault"),
        ("absence", {"silence_s": 90}, "温度 超过 90 秒没有读数"),
        ("expression", {"expression": "a > 5"}, "a > 5 (a = 温度)"),
    ],
)
def test_a_rule_reads_as_a_sentence(kind: str, chosen: dict[str, object], zh: str) -> None:
    assert in_words(kind, chosen, ["温度"], "℃").zh == zh


def test_settings_that_cannot_be_computed_are_refused() -> None:
    fields = {"number": 1, "version": 1, "tenant": 1, "points": [1], "since_us": 0}
    with pytest.raises(RuleError):
        computed(kind="threshold", settings={"limit": float("inf")}, **fields)  # type: ignore[arg-type]
    with pytest.raises(AlarmError):
        computed(kind="threshold", settings={"limit": "x"}, **fields)  # type: ignore[arg-type]
