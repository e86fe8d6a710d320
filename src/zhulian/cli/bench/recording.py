"""Realistic readings for benchmarks of the store: machines of six points, polled once a second, as Arrow batches.

Values come from the steel works' electricity recording (UCI 851, CC BY 4.0) when ``ZHULIAN_TEST_DATA`` holds it, else
they are generated; the figure says which. The recording has one row in 15 minutes; here one is replayed each second.
"""

import csv
import gzip
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhulian.wire.batch import SCHEMA

MACHINES = 20
POINTS = 6
START_US = 1_780_000_000_000_000
LARGEST_JITTER_US = 20_000
_FILE = "steel_energy/steel_energy_jan_sep.csv.gz"
_COLUMNS = (1, 2, 3, 4, 5, 9)


@dataclass(frozen=True, slots=True)
class Recording:
    """``values[tick, point]``, and where they come from."""

    name: str
    values: npt.NDArray[np.float64]

    def batch(self, first: int, rows: int, seed: int, start_us: int = START_US) -> pa.RecordBatch:
        """Readings number ``first`` to ``first + rows - 1`` (from 0) of one gateway with :data:`MACHINES` machines.

        The points of a machine share one timestamp, as they do when it is polled.
        """
        number = np.arange(first, first + rows)
        tick, machine, point = number // (MACHINES * POINTS), number // POINTS % MACHINES, number % POINTS
        jitter_us = (tick * 7919 + machine * 104_729 + seed * 15_485_863) % LARGEST_JITTER_US
        columns = [
            pa.array((machine * POINTS + point + 1).astype(np.uint32)),
            pa.array(start_us + tick * 1_000_000 + machine * 40_000 + jitter_us, pa.timestamp("us", tz="UTC")),
            pa.array(self.values[(tick + machine * 1307 + seed * 613) % len(self.values), point]),
            pa.nulls(rows, pa.utf8()),
            pa.array(np.zeros(rows, np.uint8)),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def recording() -> Recording:
    """The recording, or generated values when it is not here."""
    given = os.environ.get("ZHULIAN_TEST_DATA")
    path = Path(given or "../shared/data") / _FILE
    return _recorded(path) if path.exists() else _generated()


def _recorded(path: Path) -> Recording:
    with gzip.open(path, "rt") as file:
        rows = list(csv.reader(file))[1:]
    values = np.array([[float(row[column]) for column in _COLUMNS] for row in rows])
    return Recording("UCI 851 steel works, replayed at 1 Hz", values)


def _generated() -> Recording:
    """Random walks with two decimals, the usual shape of a meter's values."""
    steps = np.random.default_rng(851).normal(0.0, 0.05, (26_208, POINTS))
    return Recording("generated random walks", np.round(100 + steps.cumsum(axis=0), 2))
