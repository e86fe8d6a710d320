"""Rules over several points: the newest readings of every input, and a verdict whenever one of them changes.

Inputs of one machine arrive together, those of two gateways a moment apart. A moment is judged when every input has
been heard later, or when :data:`PATIENCE_US` has passed; what comes later still is late data like any other.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from math import fsum, isnan, nan

import numpy as np

from zhulian.telemetry.alarms.computing import compute, compute_one
from zhulian.telemetry.alarms.expressions import Window, parse, windows_of
from zhulian.telemetry.alarms.judging import BAD, Rows, Verdicts, key_of
from zhulian.telemetry.alarms.rules import Rule
from zhulian.telemetry.alarms.states import CLEAR, RAISE, UNKNOWN, Codes, Floats, Ints

PATIENCE_US = 2_000_000
MOST_KEPT = 20_000
"""Readings of one input that are kept for windows; more than an hour at five a second."""

_OVER: Mapping[str, Callable[[Sequence[float]], float]] = {
    "avg": lambda known: fsum(known) / len(known),
    "min": min,
    "max": max,
}


class Composed:
    """One rule and the readings it still needs."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.keys = [key_of(rule.tenant, point) for point in rule.points]
        self._tree = parse(rule.expression)
        self._keep_us = max([rule.hold_us, *windows_of(self._tree)])
        self._times: list[list[int]] = [[] for _ in self.keys]
        self._values: list[list[float]] = [[] for _ in self.keys]

    def take(self, rows: Rows) -> None:
        """Readings of its inputs, in any order; equal ones count once."""
        for slot, key in enumerate(self.keys):
            mine = np.flatnonzero((rows.key == np.uint64(key)) & (rows.time_us > self.rule.since_us))
            if len(mine):
                self._add(slot, rows.chosen(mine))

    def _add(self, slot: int, rows: Rows) -> None:
        times = np.append(np.array(self._times[slot], np.int64), rows.time_us)
        values = np.append(np.array(self._values[slot]), np.where(rows.quality < BAD, rows.value, np.nan))
        order = np.lexsort((values, times))
        times, values = times[order], values[order]
        is_new = np.ones(len(times), np.bool_)
        is_new[1:] = (times[1:] != times[:-1]) | (values[1:] != values[:-1])
        self._times[slot], self._values[slot] = times[is_new].tolist(), values[is_new].tolist()

    def step(self, until_us: int, fresh: Sequence[Sequence[tuple[int, float]]]) -> tuple[int, int, float] | None:
        """The usual case, cheaply: one new reading of every input, all of one moment, and nothing has gone stale since.

        Takes them and gives (time, verdict, value of the first input); ``None`` when it is not that case.
        """
        if any(len(one) != 1 for one in fresh):
            return None
        moment = fresh[0][0][0]
        if moment <= until_us or any(one[0][0] != moment for one in fresh):
            return None
        hold_us = self.rule.hold_us
        if any(not times or not moment - hold_us < times[-1] < moment for times in self._times):
            return None
        values = [one[0][1] for one in fresh]
        for slot, value in enumerate(values):
            self._times[slot].append(moment)
            self._values[slot].append(value)
        found = compute_one(self._tree, values, lambda window: self._window_at(window, moment))
        self.forget(moment)
        return moment, RAISE if found == 1 else CLEAR if found == 0 else UNKNOWN, values[0]

    def heard_by_all_us(self) -> int:
        """Up to when every input was heard; 0 as long as one never was."""
        return min(times[-1] if times else 0 for times in self._times)

    def next_us(self, until_us: int) -> int:
        """Not later than the next moment after ``until_us`` at which an input changes or goes stale."""
        last = [times[-1] for times in self._times if times]
        if any(moment > until_us for moment in last):
            return until_us + 1
        stale = [moment + self.rule.hold_us for moment in last]
        return min((moment for moment in stale if moment > until_us), default=int(np.iinfo(np.int64).max))

    def judge(self, number: int, after_us: int, upto_us: int) -> Verdicts:
        """Verdicts at every moment in ``(after_us, upto_us]``; ``number`` is the rule's in the bank."""
        moments = self._moments(after_us, upto_us)
        values = [self._at(slot, moments) for slot in range(len(self.keys))]
        found = compute(self._tree, values, lambda window: self._window(window, moments), len(moments))
        code: Codes = np.full(len(moments), UNKNOWN, np.uint8)
        code[found == 1], code[found == 0] = RAISE, CLEAR
        return Verdicts(np.full(len(moments), number, np.int64), moments, code, values[0])

    def _moments(self, after_us: int, upto_us: int) -> Ints:
        found = []
        for times in map(np.array, filter(None, self._times)):
            found.append(times)
            found.append((times + self.rule.hold_us)[np.append(np.diff(times) > self.rule.hold_us, True)])
        every = np.concatenate([np.empty(0, np.int64), *found])
        return np.unique(every[(every > after_us) & (every <= upto_us)])

    def _at(self, slot: int, moments: Ints) -> Floats:
        times, values = np.array(self._times[slot], np.int64), np.array(self._values[slot])
        if not len(times):
            return np.full(len(moments), np.nan)
        at = np.searchsorted(times, moments, "right") - 1
        is_known = (at >= 0) & (moments - times[at] < self.rule.hold_us)
        return np.where(is_known, values[at], np.nan)

    def _window(self, window: Window, moments: Ints) -> Floats:
        return np.array([self._window_at(window, moment) for moment in moments.tolist()], np.float64)

    def _window_at(self, window: Window, moment: int) -> float:
        """One way for both, so that a replay rounds as the first time."""
        times = self._times[window.slot]
        start, end = bisect_right(times, moment - window.span_us), bisect_right(times, moment)
        known = [value for value in self._values[window.slot][start:end] if not isnan(value)]
        return _OVER[window.function](known) if known else nan

    def forget(self, until_us: int) -> None:
        """What lies too far before ``until_us`` to matter."""
        for slot, times in enumerate(self._times):
            first = max(bisect_left(times, until_us - self._keep_us) - 1, len(times) - MOST_KEPT, 0)
            if first > len(times) // 2:
                del times[:first], self._values[slot][:first]
