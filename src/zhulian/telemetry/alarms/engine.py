"""All rules at once: readings in, the beginning and end of alarms out; late readings are put right by replay.

A reading later than everything its rule has judged is judged at once. One that is not (late, repeated, or from before
a restart) makes the rule *due*: its past from that time on is computed again from the readings themselves
(:meth:`Engine.replayed`), and what differs from what was said is said. The same computation serves after a restart.
Readings ahead of the clock wait until their time comes, so they keep nobody from being heard. No input, no output.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from zhulian.telemetry.alarms.composed import PATIENCE_US, Composed
from zhulian.telemetry.alarms.judging import BAD, Keys, Rows, Sight, in_order, joined
from zhulian.telemetry.alarms.listening import Listening
from zhulian.telemetry.alarms.replaying import Alone
from zhulian.telemetry.alarms.rules import Kind, Rule
from zhulian.telemetry.alarms.said import Past, Said, Span
from zhulian.telemetry.alarms.states import FIELDS, UNKNOWN, Bank, Change, Ints

AHEAD_US = 60_000_000
"""A reading further ahead than this waits for its time."""
AMENDED_US = 7 * 86_400_000_000
"""Later than a week, a reading no longer changes the history of alarms."""
GRACE_US = 2_000_000
"""Silence is believed after this long, since batches take a moment to arrive."""
CAUGHT_UP_US = 31 * 86_400_000_000
"""So much of the past a rule that begins there is given at most."""
FRESH_US = 60_000_000
"""A rule that was written within this time begins at once."""
MOST_AHEAD = 100_000


@dataclass(slots=True)
class Counts:
    """What happened to readings that were not simply judged."""

    late: int = 0
    too_late: int = 0
    ahead: int = 0
    ahead_lost: int = 0


class Engine:
    """Rules, their state, and what was said of each. ``past`` and ``until`` come from what was kept on disk."""

    def __init__(self, rules: Iterable[Rule], listening: Listening | None = None) -> None:
        """``listening``: when somebody did; None is always."""
        self.rules = in_order(list(rules))
        self.number = {rule.id: at for at, rule in enumerate(self.rules)}
        self._listening = listening or Listening()
        self.bank = Bank(self.rules, self._listening)
        self.counts = Counts()
        self.due: dict[int, int] = {}
        """Rules whose past has to be computed again, and from when."""
        self._singles = sum(rule.kind is not Kind.EXPRESSION for rule in self.rules)
        self._sight = Sight(self.rules[: self._singles])
        self._composed = [Composed(rule) for rule in self.rules[self._singles :]]
        self._by_key: dict[int, list[int]] = {}
        for at, composed in enumerate(self._composed, self._singles):
            for key in composed.keys:
                self._by_key.setdefault(key, []).append(at)
        composed_keys = np.array(sorted(self._by_key), np.uint64)
        self._keys: Keys = np.union1d(self._sight.keys, composed_keys)
        self._composed_keys = composed_keys
        self._wake = np.full(len(self._composed), np.iinfo(np.int64).max)
        self._past: dict[int, Past] = {}
        self._ahead = Rows.none()
        self._asleep = np.zeros(len(self.rules), np.bool_)
        """Just started: says nothing before its past was computed again."""

    # --- what was known before

    def remember(self, rule: Rule, spans: Sequence[Span], until_us: int | None = None) -> None:
        """Before anything else: what was said of ``rule``, and up to when its past is decided."""
        at = self.number[rule.id]
        self._past[at] = Past(list(spans))
        self.bank.active[at] = bool(spans) and spans[-1].end_us is None
        if until_us is not None:
            self.bank.until[at] = self.bank.heard[at] = max(until_us, rule.since_us)
            self._asleep[at] = True
            self._is_due(at, int(self.bank.until[at]) + 1)

    def succeeded_by(self, rules: Iterable[Rule], now_us: int) -> tuple["Engine", list[Said]]:
        """An engine with other rules. What has not changed goes on as it is; alarms of what has gone end now."""
        new = Engine(rules, self._listening)
        new.counts, new._ahead = self.counts, self._ahead
        ended: list[Said] = []
        for at, rule in enumerate(self.rules):
            there = new.number.get(rule.id)
            if there is not None and new.rules[there].version == rule.version:
                self._move(at, new, there)
            elif self.bank.active[at]:
                span = self._past[at].spans[-1]
                ended.append(Said(rule, (span._replace(end_us=max(now_us, span.start_us)),)))
        for rule in new.rules:
            known = self.number.get(rule.id)
            if known is None or self.rules[known].version != rule.version:
                # Readings may have come since it was written; one that begins in the past first looks at that.
                new._is_due(new.number[rule.id], max(rule.since_us + 1, now_us - CAUGHT_UP_US))
                new._asleep[new.number[rule.id]] = rule.since_us < now_us - FRESH_US
        return new, ended

    def _move(self, at: int, new: "Engine", there: int) -> None:
        for name in FIELDS:
            getattr(new.bank, name)[there] = getattr(self.bank, name)[at]
        new._asleep[there] = self._asleep[at]
        if at in self._past:
            new._past[there] = self._past[at]
        if at in self.due:
            new.due[there] = self.due[at]
        if at >= self._singles:
            new._adopt(there, self._composed[at - self._singles])

    def _adopt(self, at: int, composed: Composed) -> None:
        self._composed[at - self._singles] = composed
        self._wake[at - self._singles] = composed.next_us(int(self.bank.until[at]))

    def spans(self, rule_id: int) -> list[Span]:
        """Everything said of a rule, oldest first."""
        past = self._past.get(self.number[rule_id])
        return list(past.spans) if past else []

    def active(self) -> list[tuple[Rule, Span]]:
        """Alarms that are active now."""
        return [(self.rules[at], past.spans[-1]) for at, past in self._past.items() if past.is_active]

    def unknown(self) -> list[Rule]:
        """Rules about which nothing can be said right now."""
        return [self.rules[at] for at in np.flatnonzero(self.bank.code == UNKNOWN).tolist()]

    def forget_before(self, moment_us: int) -> None:
        """Drop ended alarms so old that nothing can change them any more."""
        for past in self._past.values():
            past.forget_before(moment_us)

    # --- readings

    def watched(self, keys: Keys) -> Ints:
        """Which rows some rule looks at."""
        if not len(self._keys):
            return np.empty(0, np.int64)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.flatnonzero(self._keys[at] == keys)

    def take(self, rows: Rows, now_us: int) -> list[Said]:
        """Readings of watched points have become durable."""
        is_ahead = rows.time_us > now_us + AHEAD_US
        if is_ahead.any():
            self._put_aside(rows.chosen(is_ahead))
            rows = rows.chosen(~is_ahead)
        changes = self._judge_singles(rows)
        if len(self._composed_keys):
            changes += self._judge_composed(rows, now_us)
        return self._said(changes)

    def tick(self, now_us: int) -> list[Said]:
        """Once a second: silence, delays that have passed, readings whose time has come."""
        said: list[Said] = []
        is_time = self._ahead.time_us <= now_us + AHEAD_US
        if is_time.any():
            coming, self._ahead = self._ahead.chosen(is_time), self._ahead.chosen(~is_time)
            said = self.take(coming, now_us)
        upto_us = now_us - GRACE_US
        waking = (np.flatnonzero(self._wake <= upto_us) + self._singles).tolist()
        changes = [change for at in waking for change in self._judge_one(at, upto_us)]
        return said + self._said(changes + self.bank.settle(upto_us, np.flatnonzero(~self._asleep)))

    def _put_aside(self, rows: Rows) -> None:
        self.counts.ahead += len(rows.key)
        kept = joined([self._ahead, rows])
        self.counts.ahead_lost += max(len(kept.key) - MOST_AHEAD, 0)
        self._ahead = kept.chosen(np.arange(min(len(kept.key), MOST_AHEAD)))

    def _judge_singles(self, rows: Rows) -> list[Change]:
        rule, row = self._sight.spread(rows)
        if not len(rule):
            return []
        time_us = rows.time_us[row]
        is_late = time_us <= self.bank.until[rule]
        if is_late.any():
            for at, moment_us in zip(rule[is_late].tolist(), time_us[is_late].tolist(), strict=True):
                self._late(at, moment_us)
            rule, row = rule[~is_late], row[~is_late]
        is_awake = ~self._asleep[rule]
        if not is_awake.all():
            rule, row = rule[is_awake], row[is_awake]
        return self.bank.advance(*self._sight.judge(self.bank, rule, row, rows))

    def _judge_composed(self, rows: Rows, now_us: int) -> list[Change]:
        rows = rows.chosen(np.isin(rows.key, self._composed_keys))
        if not len(rows.key):
            return []
        fresh: dict[int, list[tuple[int, float]]] = {}
        values = np.where(rows.quality < BAD, rows.value, np.nan).tolist()
        for key, time_us, value in zip(rows.key.tolist(), rows.time_us.tolist(), values, strict=True):
            fresh.setdefault(key, []).append((time_us, value))
        steps, changes = [], []
        for at in sorted({at for key in fresh for at in self._by_key[key]}):
            composed = self._composed[at - self._singles]
            mine = [fresh.get(key, ()) for key in composed.keys]
            step = None if self._asleep[at] else composed.step(int(self.bank.until[at]), mine)
            if step is None:
                changes += self._judge_apart(at, rows, now_us)
            else:
                steps.append((at, *step))
                self._wake[at - self._singles] = step[0] + composed.rule.hold_us
        return changes + self._advance(steps)

    def _advance(self, steps: list[tuple[int, int, int, float]]) -> list[Change]:
        if not steps:
            return []
        rule, time_us, code, value = zip(*steps, strict=True)
        columns = np.array(rule, np.int64), np.array(time_us, np.int64), np.array(code, np.uint8), np.array(value)
        return self.bank.advance(*columns)

    def _judge_apart(self, at: int, rows: Rows, now_us: int) -> list[Change]:
        """The unusual case of a composed rule: several moments, a gap, inputs of different times, late ones."""
        composed = self._composed[at - self._singles]
        mine = rows.chosen(np.isin(rows.key, np.array(composed.keys, np.uint64)))
        self._late_of_composed(at, mine)
        composed.take(mine)
        return self._judge_one(at, max(composed.heard_by_all_us(), now_us - PATIENCE_US))

    def _late_of_composed(self, at: int, rows: Rows) -> None:
        earliest = int(rows.time_us.min()) if len(rows.time_us) else 0
        if len(rows.time_us) and earliest <= self.bank.until[at]:
            self._late(at, earliest)

    def _judge_one(self, at: int, upto_us: int) -> list[Change]:
        composed, until_us = self._composed[at - self._singles], int(self.bank.until[at])
        if self._asleep[at]:
            return []
        changes = []
        verdicts = composed.judge(at, until_us, upto_us)
        if len(verdicts.rule):
            changes = self.bank.advance(*verdicts)
            composed.forget(int(self.bank.until[at]))
        self._wake[at - self._singles] = composed.next_us(int(self.bank.until[at]))
        return changes

    # --- late readings

    def _late(self, at: int, moment_us: int) -> None:
        if moment_us <= self.rules[at].since_us:
            return  # from before the rule: it was never meant to judge that
        self.counts.late += 1
        if moment_us < self.bank.until[at] - AMENDED_US:
            self.counts.too_late += 1
            return
        self._is_due(at, moment_us)

    def _is_due(self, at: int, moment_us: int) -> None:
        self.due[at] = min(self.due.get(at, moment_us), moment_us)

    def decided(self) -> dict[int, int]:
        """By rule id: up to when its past is decided, less what is due. What has to be known after a restart."""
        found = dict(zip((rule.id for rule in self.rules), self.bank.until.tolist(), strict=True))
        for at, from_us in self.due.items():
            found[self.rules[at].id] = min(found[self.rules[at].id], from_us - 1)
        return found

    def reach_us(self, at: int, from_us: int) -> int:
        """From when on the readings are needed to compute rule number ``at`` again from ``from_us`` on.

        A stop of the platform may hold back a silence that is older than the rule's own reach.
        """
        rule = self.rules[at]
        if rule.kind is Kind.ABSENCE:
            from_us = self._listening.moment_before(from_us, rule.reach_us)
        return max(from_us - rule.reach_us, rule.since_us + 1)

    def replay(self, at: int, from_us: int, rows: Rows, now_us: int) -> list[Said]:
        """Compute rule number ``at`` again from ``from_us`` on; ``rows`` hold all its readings since :meth:`reach_us`.

        Tells what has to be amended, if anything. Other rules are not touched.
        """
        rule, reach_us = self.rules[at], self.reach_us(at, from_us)
        rows = rows.chosen((rows.time_us >= reach_us) & (rows.time_us <= now_us + AHEAD_US))
        past = self._past.setdefault(at, Past())
        alone = Alone(rule, past.is_active_before(reach_us), self._listening)
        alone.feed(rows.chosen(rows.time_us < from_us))
        coming = rows.chosen(rows.time_us >= from_us)
        alone.stand_at(from_us, past.is_active_before(from_us), coming)
        changes = alone.feed(coming)
        changes += alone.settle(now_us - GRACE_US)
        self._take_over(at, alone)
        self.due.pop(at, None)
        amended = past.amend(from_us, changes)
        return [] if amended is None else [Said(rule, amended, from_us)]

    def _take_over(self, at: int, alone: Alone) -> None:
        for name in FIELDS:
            getattr(self.bank, name)[at] = getattr(alone.bank, name)[0]
        self._asleep[at] = False
        if alone.composed is not None:
            self._adopt(at, alone.composed)

    def _said(self, changes: list[Change]) -> list[Said]:
        return [
            Said(self.rules[change.rule], (self._past.setdefault(change.rule, Past()).change(change),))
            for change in changes
        ]
