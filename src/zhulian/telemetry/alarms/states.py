"""From verdicts to alarms: one small state machine a rule, in arrays, so that a batch costs no Python loop a reading.

A verdict holds from its reading until the next one, or until the reading is stale. A rule raises when RAISE has held
for the on-delay, and ends when CLEAR has held for the off-delay; NEITHER (within the deadband) and UNKNOWN stop both
clocks and change nothing. All times are event times: what comes out depends on the readings, never on when they came,
but that silence counts only where somebody listened (:mod:`~zhulian.telemetry.alarms.listening`).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from zhulian.telemetry.alarms.listening import Listening
from zhulian.telemetry.alarms.rules import US, Kind, Rule

NEITHER, RAISE, CLEAR, UNKNOWN = 0, 1, 2, 3
NEVER = np.iinfo(np.int64).max
FIELDS = ("until", "heard", "active", "code", "since", "value", "last_value")
"""What changes while a rule runs."""
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


class Change(NamedTuple):
    """An alarm began (``is_raised``) or ended. ``value`` is that of the reading that decided it."""

    rule: int
    time_us: int
    is_raised: bool
    value: float


class Bank:
    """The state of many rules; a rule is its number here. ``until`` is the time up to which its past is decided."""

    def __init__(self, rules: Sequence[Rule], listening: Listening) -> None:
        size = len(rules)
        self._listening = listening
        self.on_us = _ints(int(rule.on_delay_s * US) for rule in rules)
        self.off_us = _ints(int(rule.off_delay_s * US) for rule in rules)
        # A composed rule finds stale inputs itself; its verdicts hold until the next.
        self.hold_us = _ints(NEVER // 4 if rule.kind is Kind.EXPRESSION else rule.hold_us for rule in rules)
        self.lapse: Codes = np.array([RAISE if rule.kind is Kind.ABSENCE else UNKNOWN for rule in rules], np.uint8)
        self.until = _ints(rule.since_us for rule in rules)
        self.heard = self.until.copy()
        self.active = np.zeros(size, np.bool_)
        self.code: Codes = np.full(size, UNKNOWN, np.uint8)
        self.since = self.until.copy()
        self.value = np.full(size, np.nan)
        self.last_value = np.full(size, np.nan)

    def __len__(self) -> int:
        return len(self.until)

    def advance(self, rule: Ints, time_us: Ints, code: Codes, value: Floats) -> list[Change]:
        """Take verdicts, ordered by (rule, time), none earlier than :attr:`heard`; tells what changed."""
        if not len(rule):
            return []
        is_first = np.ones(len(rule), np.bool_)
        is_first[1:] = rule[1:] != rule[:-1]
        last = np.flatnonzero(np.append(is_first[1:], True))
        touched, heard = rule[last], time_us[last]
        steps = self._with_lapses(rule, time_us, code, value, is_first)
        changes = [change for step in self._rounds(*steps) for change in self._step(*step)]
        self.heard[touched], self.last_value[touched] = heard, value[last]
        self.until[touched] = np.maximum(self.until[touched], heard)
        return changes + self._fire(touched, heard)

    def _with_lapses(
        self, rule: Ints, time_us: Ints, code: Codes, value: Floats, is_first: npt.NDArray[np.bool_]
    ) -> tuple[Ints, Ints, Codes, Floats]:
        """Where a reading had gone stale before the next one came, the verdict of silence stands between them."""
        before: Ints = np.empty_like(time_us)
        before[1:] = time_us[:-1]
        before[is_first] = self.heard[rule[is_first]]
        stale = before + self.hold_us[rule]
        at = np.flatnonzero(stale < time_us)
        if not len(at):
            return rule, time_us, code, value
        stale[at] = self._lapsing(rule[at], before[at], time_us[at])
        at = at[stale[at] < time_us[at]]
        silent: Codes = self.lapse[rule[at]]
        return (
            np.insert(rule, at, rule[at]),
            np.insert(time_us, at, stale[at]),
            np.insert(code, at, silent),
            np.insert(value, at, np.nan),
        )

    def _lapsing(self, rule: Ints, heard: Ints, following: Ints) -> Ints:
        """When readings of ``heard`` go stale; only where that raises does it matter whether somebody listened."""
        lapsing: Ints = heard + self.hold_us[rule]
        at = np.flatnonzero(self.lapse[rule] == RAISE)
        if len(at):
            silent = rule[at]
            lapsing[at] = self._listening.silent_us(heard[at], following[at], self.hold_us[silent], self.on_us[silent])
        return lapsing

    def _rounds(
        self, rule: Ints, time_us: Ints, code: Codes, value: Floats
    ) -> Iterator[tuple[Ints, Ints, Codes, Floats]]:
        """Only verdicts that differ from the one before matter; the n-th of every rule make one round."""
        is_first = np.ones(len(rule), np.bool_)
        is_first[1:] = rule[1:] != rule[:-1]
        before: Codes = np.empty_like(code)
        before[1:] = code[:-1]
        before[is_first] = self.code[rule[is_first]]
        kept = np.flatnonzero(code != before)
        if not len(kept):
            return
        rule, time_us, code, value = rule[kept], time_us[kept], code[kept], value[kept]
        starts = np.flatnonzero(np.append(True, rule[1:] != rule[:-1]))
        rank = np.arange(len(rule)) - np.repeat(starts, np.diff(np.append(starts, len(rule))))
        order = np.argsort(rank, kind="stable")
        bounds = np.searchsorted(rank[order], np.arange(rank.max() + 2))
        for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            chosen = order[start:end]
            yield rule[chosen], time_us[chosen], code[chosen], value[chosen]

    def _step(self, rule: Ints, time_us: Ints, code: Codes, value: Floats) -> list[Change]:
        """One new verdict for each of some rules: first what fell due under the old one, then what holds at once."""
        changes = self._fire(rule, time_us - 1)
        self.code[rule], self.since[rule], self.value[rule] = code, time_us, value
        return changes + self._fire(rule, time_us)

    def _fire(self, rule: Ints, upto_us: Ints) -> list[Change]:
        """Raise and end what has held long enough by ``upto_us``."""
        code, active = self.code[rule], self.active[rule]
        raises = (code == RAISE) & ~active
        ends = (code == CLEAR) & active
        if not (raises | ends).any():
            return []
        due = self.since[rule] + np.where(raises, self.on_us[rule], self.off_us[rule])
        at = np.flatnonzero((raises | ends) & (due <= upto_us))
        fired, when = rule[at], due[at]
        self.active[fired] = raises[at]
        self.until[fired] = np.maximum(self.until[fired], when)
        values = self.value[fired].tolist()
        return [
            Change(*found) for found in zip(fired.tolist(), when.tolist(), raises[at].tolist(), values, strict=True)
        ]

    def settle(self, upto_us: int, rules: Ints | None = None, following_us: int = NEVER) -> list[Change]:
        """Time has passed without readings: what went stale is silent, and what has held long enough is due.

        ``following_us``: when the next reading came, where that is known already.
        """
        chosen = np.arange(len(self)) if rules is None else rules
        stale = self.heard[chosen] + self.hold_us[chosen]
        quiet = chosen[(stale <= upto_us) & (self.code[chosen] != self.lapse[chosen])]
        lapsing = self._lapsing(quiet, self.heard[quiet], np.full(len(quiet), following_us))
        silent, since_us = quiet[lapsing <= upto_us], lapsing[lapsing <= upto_us]
        changes: list[Change] = []
        if len(silent):
            changes = self._step(silent, since_us, self.lapse[silent], np.full(len(silent), np.nan))
            self.until[silent] = np.maximum(self.until[silent], since_us)
        return changes + self._fire(chosen, np.full(len(chosen), upto_us, np.int64))


def _ints(values: Iterator[int]) -> Ints:
    return np.fromiter(values, np.int64)
