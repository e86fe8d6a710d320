"""Recordings and how they are replayed: endlessly, shifted to now, the weekday and the hour kept.

A replay is a function of time alone, so the thirty days written as history and the live machines agree to the digit.
"""

import csv
import gzip
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from zhulian.vocabulary.clock import SHANGHAI

Array = NDArray[np.float64]
MONDAY_S = datetime(2024, 1, 1, tzinfo=SHANGHAI).timestamp()
"""A Monday at midnight, from which replays count."""
WEEK_S = timedelta(weeks=1).total_seconds()


@dataclass(frozen=True)
class Recording:
    """Columns of equally spaced values; the first stands ``first_s`` after a Monday's midnight."""

    columns: dict[str, Array]
    step_s: float
    first_s: float

    @property
    def length(self) -> int:
        """How many values a column has."""
        return len(next(iter(self.columns.values())))

    def position(self, times_s: Array, weeks_on: int) -> Array:
        """Where in the recording the moments ``times_s`` (seconds since 1970) fall, ``weeks_on`` weeks further in."""
        position: Array = (times_s - MONDAY_S - self.first_s + weeks_on * WEEK_S) / self.step_s % self.length
        return position

    def at(self, column: str, times_s: Array, weeks_on: int = 0) -> Array:
        """Values at ``times_s``, straight lines between recorded ones."""
        values = self.columns[column]
        around = np.append(values, values[0])
        found: Array = np.interp(self.position(times_s, weeks_on), np.arange(self.length + 1), around)
        return found

    def step_at(self, column: str, times_s: Array, weeks_on: int = 0) -> Array:
        """The last recorded value before each of ``times_s``: for states, which have nothing in between."""
        found: Array = self.columns[column][self.position(times_s, weeks_on).astype(np.intp)]
        return found

    def total_at(self, column: str, times_s: Array, weeks_on: int = 0) -> Array:
        """What a counter of ``column`` (an amount for each step) shows at ``times_s``, counting on over every round."""
        sums = np.concatenate(([0.0], np.cumsum(self.columns[column])))
        rounds = (times_s - MONDAY_S - self.first_s + weeks_on * WEEK_S) // (self.step_s * self.length)
        within = np.interp(self.position(times_s, weeks_on), np.arange(self.length + 1), sums)
        counted: Array = rounds * sums[-1] + within
        return counted


def _read(name: str, step_s: float, first_s: float) -> Recording:
    packed = (files("zhulian.cli.demo") / "recordings" / f"{name}.csv.gz").read_bytes()
    rows = list(csv.reader(io.StringIO(gzip.decompress(packed).decode())))
    columns = np.array(rows[1:], np.float64).T
    return Recording(dict(zip(rows[0], columns, strict=True)), step_s, first_s)


@cache
def steel_energy() -> Recording:
    """Electricity of a steel works every 15 minutes, from a Monday 00:15 on; 39 weeks."""
    return _read("steel_energy", 900.0, 900.0)


@cache
def machine_temperature() -> Recording:
    """A machine's temperature every 5 minutes, from a Monday 21:15 on; 11 weeks."""
    return _read("machine_temperature", 300.0, 21.25 * 3600.0)
