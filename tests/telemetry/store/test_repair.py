"""Sums that went wrong and parts that were set aside, put right; what is whole stays as it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from peers.store_endpoint import steady, table
from zhulian.telemetry.store.embedded import EmbeddedEngine
from zhulian.telemetry.store.engine import Block
from zhulian.telemetry.store.repair import Repaired, repair
from zhulian.telemetry.store.rollups import ROLLUPS

NOON_US = 1_790_035_200_000_000
"""2026-09-21 12:00 UTC, a Monday."""
DAY_US = 86_400_000_000
BLOCKS = [Block(f"d{day}", table(steady(1, 1, NOON_US + DAY_US * day, 1000, [float(day)] * 10))) for day in range(2)]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    opened = EmbeddedEngine.open(tmp_path, 512)
    for block in BLOCKS:
        opened.insert(block)
    yield opened
    opened.close()


def assert_whole(engine: EmbeddedEngine, rows: int = 20) -> None:
    for name in ("count() FROM readings", *(f"sum({rollup.name}.rows) FROM {rollup.name}" for rollup in ROLLUPS)):
        assert engine.run(f"SELECT {name}") == f"{rows}\n", name


def detach(engine: EmbeddedEngine, reason: str) -> Path:
    """The second day's part, as if the engine had found it ``reason`` when it opened."""
    found = engine.run("SELECT name FROM system.parts WHERE table = 'readings' AND active ORDER BY name").split()
    engine.run(f"ALTER TABLE readings DETACH PART '{found[-1]}'")
    folder = Path(engine.run("SELECT data_paths[1] FROM system.tables WHERE name = 'readings'").strip()) / "detached"
    return (folder / found[-1]).rename(folder / f"{reason}_{found[-1]}")


def test_nothing_to_do_is_nothing_done(engine: EmbeddedEngine) -> None:
    assert list(repair(engine)) == []
    assert_whole(engine)


@pytest.mark.parametrize("rollup", [rollup.name for rollup in ROLLUPS])
def test_sums_that_differ_are_made_anew(engine: EmbeddedEngine, rollup: str) -> None:
    engine.run(f"INSERT INTO {rollup} SELECT * FROM {rollup} SETTINGS insert_deduplicate = 0")
    assert {done.what for done in repair(engine)} == {"sums_remade"}
    assert_whole(engine)
    assert list(repair(engine)) == []


def test_a_part_that_can_be_read_gives_back_what_is_lacking(engine: EmbeddedEngine) -> None:
    part = detach(engine, "broken-on-start")
    engine.insert(Block("again", BLOCKS[1].rows.slice(0, 4)))  # as the journal's replay may have done
    assert engine.run("SELECT count() FROM readings") == "14\n"
    done = list(repair(engine))
    assert done[0] == Repaired("rows_found", f"readings/{part.name}", 6)
    assert_whole(engine)
    assert not part.exists()
    assert list(repair(engine)) == []


def test_a_part_that_cannot_be_read_is_set_aside_and_its_sums_are_kept(engine: EmbeddedEngine) -> None:
    part = detach(engine, "broken-on-start")
    for file in part.glob("*.bin"):
        file.write_bytes(b"\0" * file.stat().st_size)
    assert list(repair(engine)) == [Repaired("part_set_aside", f"readings/{part.name}")]
    aside = engine.folder / "set-aside" / "readings" / part.name
    assert aside.is_dir()
    assert engine.run("SELECT count(), (SELECT sum(daily.rows) FROM daily) FROM readings") == "10\t20\n"
    assert list(repair(engine)) == []
    aside.rename(engine.folder / "accepted")  # somebody accepts the loss
    assert {done.what for done in repair(engine)} == {"sums_remade"}
    assert_whole(engine, 10)


def test_a_part_of_sums_is_made_anew(engine: EmbeddedEngine) -> None:
    found = engine.run("SELECT name FROM system.parts WHERE table = 'hourly' AND active ORDER BY name").split()
    engine.run(f"ALTER TABLE hourly DETACH PART '{found[0]}'")
    folder = Path(engine.run("SELECT data_paths[1] FROM system.tables WHERE name = 'hourly'").strip()) / "detached"
    (folder / found[0]).rename(folder / f"broken_{found[0]}")
    done = [done.what for done in repair(engine)]
    assert done[0] == "part_set_aside"
    assert set(done[1:]) == {"sums_remade"}
    assert_whole(engine)
