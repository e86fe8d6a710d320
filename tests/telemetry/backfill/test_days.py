"""Readings laid down by day: none lost, none twice, days in order, each batch within its bounds, always the same."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.telemetry.backfill import days as module
from zhulian.telemetry.backfill.days import DAY_US, Days
from zhulian.vocabulary.readings import PointId, Reading, TimeUs
from zhulian.wire.batch import SCHEMA, from_readings, values_of

blocks = st.lists(st.lists(st.integers(-3, 120), max_size=40), max_size=6)


def laid(folder: Path, blocks: list[list[int]]) -> Days:
    days, number = Days(folder), 0
    for block in blocks:
        readings = [Reading(PointId(1), TimeUs(day * DAY_US + 5), float(number + n)) for n, day in enumerate(block)]
        number += len(block)
        days.add(from_readings(readings) if readings else pa.RecordBatch.from_pylist([], SCHEMA))
    return days


@given(blocks=blocks, held=st.sampled_from([1, 7, 10_000]))
def test_everything_comes_back_by_day(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[list[int]], held: int
) -> None:
    folder = tmp_path_factory.mktemp("days") / "days"
    given_days = [day for block in blocks for day in block]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "HELD_ROWS", held)
        patch.setattr(module, "BATCH_ROWS", 10)
        days = laid(folder, blocks)
        found = list(days.batches())
    assert days.days == sorted(set(given_days))
    assert days.rows == len(given_days)
    assert all(0 < batch.num_rows <= 10 for batch in found)
    assert all(np.ptp(values_of(batch, "ts", np.int64) // DAY_US) < module.DAYS_A_BATCH for batch in found)
    values = [float(value) for batch in found for value in batch.column("value").to_pylist()]
    wanted = sorted(range(len(given_days)), key=lambda number: given_days[number])  # stable: the file's own order stays
    assert values == wanted
    days.remove()
    assert not folder.exists()


def test_the_batches_do_not_depend_on_how_often_it_was_laid_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = [[3, 1, 2] * 20, [2, 2, 0] * 30]
    monkeypatch.setattr(module, "BATCH_ROWS", 7)
    whole = [batch.to_pylist() for batch in laid(tmp_path / "a", blocks).batches()]
    monkeypatch.setattr(module, "HELD_ROWS", 5)
    assert [batch.to_pylist() for batch in laid(tmp_path / "b", blocks).batches()] == whole
