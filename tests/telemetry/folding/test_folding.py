"""Folding gives way: nothing while readings wait, nothing after the end, on from where it was killed."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from peers.store_endpoint import steady, table
from zhulian.telemetry import folding as module
from zhulian.telemetry.check import _excessive_folds
from zhulian.telemetry.folding import Folding
from zhulian.telemetry.store.embedded import EmbeddedEngine
from zhulian.telemetry.store.engine import Block
from zhulian.telemetry.store.errors import StoreError, statement_refused
from zhulian.telemetry.store.repair import Repaired, repair
from zhulian.vocabulary.readings import TimeUs

DAY_US = 86_400_000_000
DAY = 20_700
NOW = TimeUs((DAY + 3) * DAY_US)
COUNTED = "SELECT count(), sum(seen), min(gap), sum(area) FROM folded FINAL"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    opened = EmbeddedEngine.open(tmp_path, 512)
    for point in range(1, 7):
        rows = steady(1, point, DAY * DAY_US, 600_000_000, [float(point)] * 288)
        opened.insert(Block(f"p{point}", table(rows)))
    yield opened
    opened.close()


class Listening:
    """An engine that answers nothing, and counts how often it was asked."""

    def __init__(self, fault: StoreError | None = None) -> None:
        self.asked = 0
        self._fault = fault

    def query(self, *_: object) -> Iterator[bytes]:
        self.asked += 1
        if self._fault is not None:
            raise self._fault
        return iter(())


def test_killed_after_any_piece_it_goes_on(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POINTS_A_STEP", 2)
    pieces = [next(Folding(engine, lambda: NOW).steps()) for _ in range(6)]
    assert pieces == [2] * 6  # two days of three pieces
    assert list(Folding(engine, lambda: NOW).steps()) == []
    assert engine.run(COUNTED).split() == ["288", "1728", "600000000", "3024000000000"]
    assert engine.run("SELECT DISTINCT stood FROM folded").split() == ["3000000000"]


def test_what_was_folded_of_readings_that_are_gone_is_dropped_and_made_again(engine: EmbeddedEngine) -> None:
    Folding(engine, lambda: NOW).fold_all()
    engine.run("INSERT INTO folded SELECT * REPLACE (seen + 1 AS seen) FROM folded WHERE point = 1")
    assert list(_excessive_folds(engine.run)) == ["folded/2026-09-04", "folded/2026-09-05"]
    assert list(repair(engine)) == [Repaired("folds_dropped", f"folded/{DAY + day}") for day in range(2)]
    assert list(_excessive_folds(engine.run)) == []
    Folding(engine, lambda: NOW).fold_all()
    assert engine.run(COUNTED).split()[:2] == ["288", "1728"]


def test_an_hour_whose_raw_rows_were_taken_out_keeps_its_fold(engine: EmbeddedEngine) -> None:
    Folding(engine, lambda: NOW).fold_all()
    engine.run("ALTER TABLE readings DROP PARTITION '2026-09-04'")
    assert list(Folding(engine, lambda: NOW).steps()) == []
    engine.insert(Block("late", table([(1, 1, DAY * DAY_US + 1, 5.0, "", 0)])))
    Folding(engine, lambda: NOW).fold_all()  # it finds one reading of seven, and the fold of six stays
    assert engine.run(COUNTED).split()[:2] == ["288", "1728"]


def test_nothing_is_folded_while_readings_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.0)
    engine = Listening()
    looks = 0

    def is_busy() -> bool:
        nonlocal looks
        looks += 1
        if looks == 2:
            folding.end()
        return True

    folding = Folding(engine, lambda: NOW, is_busy)  # type: ignore[arg-type]
    monkeypatch.setattr(module, "BUSY_S", 0.0)
    asyncio.run(folding.run())
    assert (engine.asked, looks) == (0, 2)


def test_a_store_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.0)
    engine = Listening(statement_refused("away", 210))

    def is_busy() -> bool:
        if engine.asked == 3:
            folding.end()
        return False

    folding = Folding(engine, lambda: NOW, is_busy)  # type: ignore[arg-type]
    asyncio.run(folding.run())
    assert engine.asked >= 3


def test_a_point_too_quick_for_the_memory_is_left_out(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(day: int, points: str, *, with_minutes: bool) -> str:
        return f"INSERT INTO folded SELECT * FROM folded SETTINGS max_memory_usage = 1 -- {day} {points} {with_minutes}"

    monkeypatch.setattr(module.folded, "fold", run)
    Folding(engine, lambda: NOW).fold_all()
    assert engine.run("SELECT count() FROM folded") == "0\n"


def test_nothing_is_folded_while_rows_are_taken_away(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was deleted on demand would come back in a fold that was made of it a moment before."""
    turn = threading.Lock()
    held: list[bool] = []
    fold = module.folded.fold
    monkeypatch.setattr(
        module.folded, "fold", lambda *given, **kinds: held.append(turn.locked()) or fold(*given, **kinds)
    )
    Folding(engine, lambda: NOW, turn=turn).fold_all()
    assert held == [True] * len(held)
    assert held
    assert not turn.locked()
