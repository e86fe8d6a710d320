"""Readings of single points become verdicts of the rules on them: thresholds, rates, states, absence; all at once.

``Sight`` knows which rules look at which point. Rules on one point are neighbours, so a reading is spread to its rules
by repetition, and a verdict is a handful of array operations for the whole batch.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from zhulian.telemetry.alarms.rules import Kind, Rule
from zhulian.telemetry.alarms.states import CLEAR, NEITHER, RAISE, UNKNOWN, Bank, Codes, Floats, Ints

MINUTE_US = 60_000_000
BAD = 2
Keys = npt.NDArray[np.uint64]
Texts = npt.NDArray[np.object_]


class Rows(NamedTuple):
    """Readings as columns. ``key`` is tenant << 32 | point; ``text`` holds ``None`` where a reading has no words."""

    key: Keys
    time_us: Ints
    value: Floats
    quality: Codes
    text: Texts

    def chosen(self, which: npt.NDArray[np.bool_] | Ints) -> "Rows":
        """Some of them."""
        return Rows(*(column[which] for column in self))  # type: ignore[arg-type]  # each of its own type

    @classmethod
    def none(cls) -> Self:
        """Nothing."""
        return cls(
            np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint8), np.empty(0, object)
        )


def joined(parts: Sequence[Rows]) -> Rows:
    """Many as one, in their order."""
    some = [Rows.none(), *parts]
    return Rows(
        np.concatenate([rows.key for rows in some]),
        np.concatenate([rows.time_us for rows in some]),
        np.concatenate([rows.value for rows in some]),
        np.concatenate([rows.quality for rows in some]),
        np.concatenate([rows.text for rows in some]),
    )


class Verdicts(NamedTuple):
    """What rules say, ordered by rule and time; goes into :meth:`Bank.advance`."""

    rule: Ints
    time_us: Ints
    code: Codes
    value: Floats


def key_of(tenant: int, point: int) -> int:
    """A point among all tenants' points."""
    return tenant << 32 | point


class Sight:
    """The single-point rules of a bank; they are its first ones, in the order of their keys (:func:`in_order`)."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        keys = np.array([key_of(rule.tenant, rule.points[0]) for rule in rules], np.uint64)
        self.keys, self._start, self._count = np.unique(keys, return_index=True, return_counts=True)
        kinds = [rule.kind for rule in rules]
        self._is_rate = np.array([kind is Kind.RATE for kind in kinds], np.bool_)
        self._is_state = np.array([kind is Kind.STATE for kind in kinds], np.bool_)
        self._is_absence = np.array([kind is Kind.ABSENCE for kind in kinds], np.bool_)
        self._sign = np.array([-1.0 if rule.is_low else 1.0 for rule in rules])
        self._raise_above = self._sign * np.array([rule.limit for rule in rules])
        self._clear_upto = self._raise_above - np.array([rule.hysteresis for rule in rules])
        self._before = np.array([np.nan if rule.before is None else rule.before for rule in rules])
        self._is_passage = ~np.isnan(self._before) & self._is_state
        self._text = np.array([rule.text or None for rule in rules], object)
        self._is_text = self._is_state & np.array([bool(rule.text) for rule in rules], np.bool_)

    def spread(self, rows: Rows) -> tuple[Ints, Ints]:
        """Which rule looks at which row: (rule, row) pairs."""
        if not len(self.keys):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        slot = np.minimum(np.searchsorted(self.keys, rows.key), len(self.keys) - 1)
        hit = np.flatnonzero(self.keys[slot] == rows.key)
        slot = slot[hit]
        count = self._count[slot]
        row = np.repeat(hit, count)
        within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        return np.repeat(self._start[slot], count) + within, row

    def judge(self, bank: Bank, rule: Ints, row: Ints, rows: Rows) -> Verdicts:
        """What the rules say to readings that are later than everything they judged before."""
        usable = (rows.quality < BAD) & ~np.isnan(rows.value)
        kept = usable[row] | ~self._is_absence[rule]  # a failed reading is no sign of life
        rule, row = rule[kept], row[kept]
        rule, row = _ordered(rule, row, rows)
        time_us = rows.time_us[row]
        value = np.where(usable[row], rows.value[row], np.nan)
        code = self._limits(bank, rule, time_us, value)
        states = np.flatnonzero(self._is_state[rule])
        if len(states):
            code[states] = self._states(bank, rule, value, rows.text[row])[states]
        code[np.isnan(value)] = UNKNOWN
        code[self._is_absence[rule]] = CLEAR
        return Verdicts(rule, time_us, code, value)

    def _limits(self, bank: Bank, rule: Ints, time_us: Ints, value: Floats) -> Codes:
        measured = value
        if self._is_rate[rule].any():
            measured = np.where(self._is_rate[rule], _rates(bank, rule, time_us, value), value)
        measured = measured * self._sign[rule]
        code = np.where(measured > self._raise_above[rule], RAISE, NEITHER)
        code[measured <= self._clear_upto[rule]] = CLEAR
        code[np.isnan(measured)] = UNKNOWN
        return code.astype(np.uint8)

    def _states(self, bank: Bank, rule: Ints, value: Floats, text: Texts) -> Codes:
        is_there = value == self._raise_above[rule] * self._sign[rule]
        texts = self._is_text[rule]
        is_there[texts] = text[texts] == self._text[rule[texts]]
        code = np.where(is_there, RAISE, CLEAR)
        came_from = _previous(bank.last_value, rule, value) == self._before[rule]
        code[self._is_passage[rule] & is_there & ~came_from] = NEITHER
        return code.astype(np.uint8)


def in_order(rules: Sequence[Rule]) -> list[Rule]:
    """Rules as a bank wants them: those on single points by key, then composed ones."""
    return sorted(rules, key=lambda rule: (rule.kind is Kind.EXPRESSION, rule.tenant, rule.points[0], rule.id))


def _ordered(rule: Ints, row: Ints, rows: Rows) -> tuple[Ints, Ints]:
    """By rule and time, and equal readings once, so that the order in which they came leaves no trace."""
    time_us, value = rows.time_us[row], rows.value[row]
    is_sorted = (rule[1:] > rule[:-1]) | ((rule[1:] == rule[:-1]) & (time_us[1:] > time_us[:-1]))
    if is_sorted.all():
        return rule, row
    order = np.lexsort((rows.quality[row], value, time_us, rule))
    rule, row, time_us, value = rule[order], row[order], time_us[order], value[order]
    is_new = np.ones(len(rule), np.bool_)
    is_same = (rule[1:] == rule[:-1]) & (time_us[1:] == time_us[:-1]) & (value[1:] == value[:-1])
    is_new[1:] = ~is_same
    return rule[is_new], row[is_new]


def _previous(kept: npt.NDArray[np.generic], rule: Ints, column: npt.NDArray[np.generic]) -> Floats:
    before = np.empty_like(column)
    before[1:] = column[:-1]
    is_first = np.ones(len(rule), np.bool_)
    is_first[1:] = rule[1:] != rule[:-1]
    before[is_first] = kept[rule[is_first]]
    return before


def _rates(bank: Bank, rule: Ints, time_us: Ints, value: Floats) -> Floats:
    """Change a minute against the reading before; NaN after a gap, since nobody knows what lay in it."""
    passed = time_us - _previous(bank.heard, rule, time_us)
    known = (passed > 0) & (passed <= bank.hold_us[rule])
    change = value - _previous(bank.last_value, rule, value)
    return np.where(known, change / np.where(known, passed, 1) * MINUTE_US, np.nan)
