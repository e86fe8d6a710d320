"""What a figure rests on: where it was read from, how much of the range had readings, how fresh the point is."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import Any

from zhulian.telemetry.queries.values import Latest
from zhulian.vocabulary.freshness import LATE_AFTER_POLLS, SHORTEST_GRACE_S, SHORTEST_SILENCE_S
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs

Range = tuple[TimeUs, TimeUs]
LONGEST_GRACE_US = 86_400_000_000
"""No reading stands for longer than a day, whatever is asked for: a question looks back no further."""


class Source(StrEnum):
    """The coarsest table that an answer was read from; its ragged ends always come from raw readings."""

    RAW = "raw"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Asked:
    """A point of a question. ``every_us``: its longest silence while all is well; None when nobody knows.

    ``grace_us``: how long one reading stands when the next does not come; three intervals unless given, at least 30 s,
    at most a day; ten minutes while the interval is not known.
    """

    point: PointId
    every_us: int | None = None
    grace_us: int | None = None

    @property
    def stands_us(self) -> int:
        """The grace that holds."""
        if self.grace_us is not None:
            return max(0, min(self.grace_us, LONGEST_GRACE_US))
        if self.every_us is None:
            return int(SHORTEST_SILENCE_S * 1e6)
        return min(max(LATE_AFTER_POLLS * self.every_us, int(SHORTEST_GRACE_S * 1e6)), LONGEST_GRACE_US)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one point: whose it is, and from when until when."""

    tenant: TenantId
    asked: Asked
    span_us: Range

    @property
    def has_length(self) -> bool:
        """Whether anything can be in the range."""
        return self.span_us[0] < self.span_us[1]

    @property
    def values(self) -> dict[str, Any]:
        """The parameters that every statement about one point has."""
        start_us, end_us = self.span_us
        return {"tenant": self.tenant, "point": self.asked.point, "start": start_us, "end": end_us}


@dataclass(frozen=True, slots=True)
class Basis:
    """``share`` (0 to 1): how much of the range, up to now, had usable readings as often as expected.

    ``every_us`` is the interval that was expected, ``is_estimated`` when it was taken from the readings themselves;
    both ``share`` and ``every_us`` are None when there are too few readings to tell. ``newest_us`` and ``received_us``
    belong to the point's newest reading of all, whatever the range.
    """

    source: Source
    share: float | None
    every_us: int | None
    is_estimated: bool
    newest_us: TimeUs | None
    received_us: TimeUs | None


@dataclass(frozen=True, slots=True)
class Entries:
    """Usable readings counted where they are: ``counts[i]`` from ``times_us[i]`` on, within ``width_us`` (0: there)."""

    times_us: Sequence[int]
    counts: Sequence[int]
    width_us: int


NOTHING = Entries((), (), 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known beside the store's answer: the time, and each point's newest reading."""

    now_us: TimeUs
    newest: Mapping[PointId, Latest]

    def basis(self, question: Question, source: Source, entries: Entries, last_us: TimeUs | None = None) -> Basis:
        """``last_us``: the newest reading in the range, for a point that live memory does not know."""
        asked, span_us = question.asked, question.span_us
        every_us = asked.every_us or estimated_interval_us(entries)
        within = (span_us[0], TimeUs(min(span_us[1], max(self.now_us, span_us[0]))))
        share = covered_share(entries, every_us, within) if every_us else None
        newest = self.newest.get(asked.point)
        return Basis(
            source,
            0.0 if asked.every_us and not entries.counts and within[0] < within[1] else share,
            every_us,
            not asked.every_us and every_us is not None,
            newest.time_us if newest else last_us,
            newest.received_us if newest else None,
        )


def estimated_interval_us(entries: Entries) -> int | None:
    """The median time from one reading to the next; None with fewer than two entries."""
    steps = [
        (later - time) / count for (time, later), count in zip(pairwise(entries.times_us), entries.counts, strict=False)
    ]
    return round(median(steps)) or None if steps else None


def covered_share(entries: Entries, every_us: int, span_us: Range) -> float | None:
    """How much of the range had readings as often as every ``every_us``; None for a range without length.

    One reading accounts for an interval and a half (so that jitter is no gap), ``n`` within a bucket for half an
    interval more than ``n``, and none for more than the time to the next entry. A first or last reading that was not
    yet due is no gap either.
    """
    start_us, end_us = span_us
    if end_us <= start_us:
        return None
    stands_us = every_us * 3 // 2
    covered_us, upto = 0, bisect_left(entries.times_us, end_us)
    for at in range(upto):
        time_us = max(entries.times_us[at], start_us)
        until_us = min(entries.times_us[at + 1], end_us) if at + 1 < upto else end_us
        worth_us = (2 * entries.counts[at] + 1) * every_us // 2
        covered_us += max(0, min(until_us - time_us, max(entries.width_us, stands_us), worth_us))
    if upto and 0 < entries.times_us[0] - start_us <= stands_us:
        covered_us += entries.times_us[0] - start_us
    return min(1.0, covered_us / (end_us - start_us))
