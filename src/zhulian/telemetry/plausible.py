"""Which readings of a batch can be true: those of a possible time, whose text is a state and not a document.

Decided from the frame alone: a batch read back from the journal falls into the same two parts as the first time.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhulian.vocabulary.readings import TimeUs
from zhulian.wire.batch import values_of

EARLIEST_US = 631_152_000_000_000
"""1990-01-01: before it, a clock was never set."""
LATEST_US = 4_102_444_800_000_000
"""2100-01-01: the store's partitions reach no further with certainty."""
AHEAD_US = 24 * 3600 * 1_000_000
LONGEST_TEXT_BYTES = 4096
Mask = npt.NDArray[np.bool_]


class Parts(NamedTuple):
    """A batch in two: what goes in, and what does not for its time (``mistimed``) or its text. Either may be empty."""

    readings: pa.RecordBatch
    aside: pa.RecordBatch
    mistimed: int


def parts(readings: pa.RecordBatch, received_us: TimeUs, offset_us: int) -> Parts:
    """Take apart what was received at ``received_us`` from a clock that ran ahead by ``offset_us``."""
    latest_us = min(LATEST_US - 1, received_us + offset_us + AHEAD_US)
    times = values_of(readings, "ts", np.int64)
    if times.min() >= EARLIEST_US and times.max() <= latest_us and not _has_long_text(readings):
        return Parts(readings, readings.slice(0, 0), 0)
    timed: Mask = (times >= EARLIEST_US) & (times <= latest_us)
    good = timed & _short_texts(readings)
    return Parts(_chosen(readings, good), _chosen(readings, ~good), int(np.count_nonzero(~timed)))


def _has_long_text(readings: pa.RecordBatch) -> bool:
    text = readings.column("text")
    return text.null_count < len(text) and bool(pc.max(pc.binary_length(text)).as_py() > LONGEST_TEXT_BYTES)


def _short_texts(readings: pa.RecordBatch) -> Mask:
    lengths = pc.fill_null(pc.binary_length(readings.column("text")), 0)
    return np.array([length <= LONGEST_TEXT_BYTES for length in lengths.to_pylist()], np.bool_)


def _chosen(readings: pa.RecordBatch, mask: Mask) -> pa.RecordBatch:
    return readings.take(pa.array(np.flatnonzero(mask).tolist(), pa.int64()))
