"""One rule by itself over its readings once more, as if they had come in their order."""

import numpy as np

from zhulian.telemetry.alarms.composed import Composed
from zhulian.telemetry.alarms.judging import BAD, Rows, Sight, key_of
from zhulian.telemetry.alarms.listening import Listening
from zhulian.telemetry.alarms.rules import Kind, Rule
from zhulian.telemetry.alarms.states import NEVER, Bank, Change


class Alone:
    """One rule on a bank of its own, for a replay."""

    def __init__(self, rule: Rule, is_active: bool, listening: Listening) -> None:
        self.bank = Bank([rule], listening)
        self.bank.active[0] = is_active
        self._keys = np.array([key_of(rule.tenant, point) for point in rule.points], np.uint64)
        self._sight = Sight([rule] if rule.kind is not Kind.EXPRESSION else [])
        self.composed = Composed(rule) if rule.kind is Kind.EXPRESSION else None

    def feed(self, rows: Rows) -> list[Change]:
        """Judge readings, none of which is earlier than those of the call before."""
        rows = rows.chosen(np.isin(rows.key, self._keys))
        if self.composed is not None:
            self.composed.take(rows)
            return self._judge(int(rows.time_us.max())) if len(rows.key) else []
        return self.bank.advance(*self._sight.judge(self.bank, *self._sight.spread(rows), rows))

    def _judge(self, upto_us: int) -> list[Change]:
        if self.composed is None:
            return []
        return self.bank.advance(*self.composed.judge(0, int(self.bank.until[0]), upto_us))

    def settle(self, upto_us: int) -> list[Change]:
        """Time passes without readings."""
        return self._judge(upto_us) + self.bank.settle(upto_us)

    def stand_at(self, from_us: int, is_active: bool, coming: Rows) -> None:
        """What was said before ``from_us`` stands. The verdict and its clock are exact: a verdict older than the
        cut-off past would have fallen due by now. Only whether the alarm is active may differ, since the first
        verdict after the cut seems younger than it is (decision 0028). ``coming`` are the readings from then on: after
        a stop, silence before one that was handed in is believed (0036)."""
        is_sign = np.isin(coming.key, self._keys) & (coming.quality < BAD) & ~np.isnan(coming.value)
        following_us = int(coming.time_us[is_sign].min()) if is_sign.any() else NEVER
        self._judge(from_us - 1)
        self.bank.settle(from_us - 1, following_us=following_us)
        self.bank.active[0] = is_active
