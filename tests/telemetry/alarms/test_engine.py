"""Every kind of rule against its plain truth: readings in any order, repeated, late, with restarts in between."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.alarms.oracle import S, Seen, truth
from zhulian.telemetry.alarms.engine import GRACE_US, Engine
from zhulian.telemetry.alarms.judging import Rows, key_of
from zhulian.telemetry.alarms.listening import Listened, Listening
from zhulian.telemetry.alarms.rules import Kind, Rule, checked
from zhulian.telemetry.alarms.said import Said, Span

TENANT = 7
BASE = 1_700_000_000 * S


def rule(kind: Kind, **more: object) -> Rule:
    fields = {"id": 1, "version": 1, "tenant": TENANT, "kind": kind, "points": (1,), "since_us": BASE, "stale_s": 20.0}
    return checked(msgspec.convert(fields | more, Rule))


RULES = (
    rule(Kind.THRESHOLD, limit=5),
    rule(Kind.THRESHOLD, limit=5, hysteresis=2, on_delay_s=3, off_delay_s=4),
    rule(Kind.THRESHOLD, limit=3, is_low=True, hysteresis=1, off_delay_s=2),
    rule(Kind.RATE, limit=60, on_delay_s=2),
    rule(Kind.STATE, limit=4, on_delay_s=1),
    rule(Kind.STATE, limit=4, before=2.0),
    rule(Kind.STATE, text="fault"),
    rule(Kind.ABSENCE, silence_s=6),
    rule(Kind.ABSENCE, silence_s=6, on_delay_s=2, off_delay_s=3),
    rule(Kind.EXPRESSION, points=(1, 2), expression="a > 5 and b < 3", stale_s=9),
    rule(Kind.EXPRESSION, points=(1, 2), expression="a > 5 and b < 3", stale_s=9, on_delay_s=3, off_delay_s=2),
)
READINGS = st.lists(
    st.builds(
        Seen,
        st.sampled_from([1, 1, 2]),
        st.integers(1, 60).map(lambda second: BASE + second * S),
        st.integers(0, 8).map(float),
        st.sampled_from([False] * 5 + [True]),
        st.sampled_from([None, "fault", "ok"]),
    ),
    max_size=25,
    unique_by=lambda seen: (seen.point, seen.time_us),
)


def rows(readings: Sequence[Seen]) -> Rows:
    return Rows(
        np.array([key_of(TENANT, seen.point) for seen in readings], np.uint64),
        np.array([seen.time_us for seen in readings], np.int64),
        np.array([seen.value for seen in readings], np.float64),
        np.array([2 if seen.is_bad else 0 for seen in readings], np.uint8),
        np.array([seen.text for seen in readings], object),
    )


class Told:
    """What a listener knows who hears everything that was said, in order."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def hear(self, said: Sequence[Said]) -> None:
        for one in said:
            if one.from_us is not None:
                kept = [s for s in self.spans if s.end_us is not None and s.end_us < one.from_us]
                self.spans = kept + list(one.spans)
            elif self.spans and self.spans[-1].start_us == one.spans[0].start_us and self.spans[-1].end_us is None:
                self.spans[-1] = one.spans[0]
            else:
                self.spans.append(one.spans[0])

    @property
    def times(self) -> list[tuple[int, int | None]]:
        return [(span.start_us, span.end_us) for span in self.spans]


def replay_due(engine: Engine, told: Told, arrived: Sequence[Seen], now_us: int) -> None:
    for at, from_us in list(engine.due.items()):
        told.hear(engine.replay(at, from_us, rows(arrived), now_us))
    assert not engine.due


@pytest.mark.parametrize("watched", RULES, ids=lambda one: f"{one.kind}-{one.on_delay_s}-{one.off_delay_s}")
@settings(max_examples=60)
@given(READINGS, st.data())
def test_in_any_order_in_any_batches_with_restarts(watched: Rule, readings: list[Seen], data: st.DataObject) -> None:
    arriving = data.draw(st.permutations(readings))
    repeated = [*arriving, *(data.draw(st.lists(st.sampled_from(readings), max_size=3)) if readings else ())]
    engine, told, arrived, now_us, deaf = Engine([watched]), Told(), [], BASE, Listened()
    while len(arrived) < len(repeated):
        batch = repeated[len(arrived) :][: data.draw(st.integers(1, 8))]
        arrived += batch
        now_us = max(now_us, *(seen.time_us for seen in batch)) + data.draw(st.sampled_from([0, S, 12 * S]))
        told.hear(engine.take(rows(batch), now_us))
        match data.draw(st.sampled_from(["go on", "tick", "replay", "restart"])):
            case "tick":
                told.hear(engine.tick(now_us))
            case "replay":
                replay_due(engine, told, arrived, now_us)
            case "restart":
                for stop_s in data.draw(st.lists(st.sampled_from([0, 1, 8, 80]), min_size=1, max_size=2)):
                    until_us, listening = engine.decided()[watched.id], Listening(Listened(now_us, deaf.deaf))
                    now_us += stop_s * S
                    listening.begin(now_us)
                    engine, deaf = Engine([watched], listening), listening.kept()
                    engine.remember(watched, told.spans, until_us)
    end_us = now_us + 100 * S
    told.hear(engine.tick(end_us))
    replay_due(engine, told, arrived, end_us)
    told.hear(engine.tick(end_us))
    assert told.times == truth(watched, readings, end_us - GRACE_US, deaf.deaf)
    assert [(s.start_us, s.end_us) for s in engine.spans(watched.id)] == told.times


@pytest.mark.parametrize("watched", RULES, ids=lambda one: f"{one.kind}-{one.on_delay_s}-{one.off_delay_s}")
@settings(max_examples=30)
@given(READINGS)
def test_in_one_batch_nothing_is_late(watched: Rule, readings: list[Seen]) -> None:
    engine, told = Engine([watched]), Told()
    told.hear(engine.take(rows(readings), BASE + 60 * S))
    assert not engine.due
    told.hear(engine.tick(BASE + 200 * S))
    assert told.times == truth(watched, readings, BASE + 200 * S - GRACE_US)
