"""Readings that the store may not hold yet: let go when it does, and when there are too many, which is remembered."""

import pytest

from telemetry.alarms.oracle import Seen
from telemetry.alarms.test_engine import rows
from zhulian.telemetry.alarms import fresh as module
from zhulian.telemetry.alarms.fresh import Fresh


def held(fresh: Fresh) -> list[int]:
    return [len(batch.key) for batch in fresh.rows()]


def test_what_the_store_holds_goes_and_too_much_goes_unstored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FRESH", 5)
    fresh = Fresh()
    for number, size in enumerate((1, 2, 2), 1):
        fresh.add(number * 100, rows([Seen(0, second, 1.0) for second in range(size)]))
    fresh.forget(199)
    assert (held(fresh), fresh.gone_end) == ([2, 2], 0)
    fresh.add(400, rows([Seen(0, 9, 1.0)] * 4))
    assert (held(fresh), fresh.gone_end) == ([4], 300)
    fresh.add(500, rows([Seen(0, 9, 1.0)] * 9))
    assert (held(fresh), fresh.gone_end) == ([9], 400), "the newest stays whatever its size"
