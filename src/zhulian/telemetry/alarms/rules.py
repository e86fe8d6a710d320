"""What is watched: a rule as the portal hands it over, a plain value with a version.

Terms after IEC 62682 (ISA-18.2): on-delay, off-delay, deadband (here ``hysteresis``). Everything that a person set up
around a rule (name, priority, who is told) stays in the portal; here is only what has to be computed.
"""

from enum import StrEnum

import msgspec

from zhulian.telemetry.alarms.expressions import inputs_of, parse, windows_of
from zhulian.vocabulary.errors import Text, ZhulianError

US = 1_000_000
LONGEST_S = 7 * 86_400.0
"""No delay and no silence may be longer."""
MOST_POINTS = 8


class Kind(StrEnum):
    """How a rule judges. "For longer than T" is no kind of its own: every kind has an on-delay."""

    THRESHOLD = "threshold"
    RATE = "rate"
    """Change per minute between two readings."""
    STATE = "state"
    """A value or a text; with ``before``, only on the way there from that value."""
    ABSENCE = "absence"
    """No usable reading for ``silence_s``."""
    EXPRESSION = "expression"


class RuleError(ZhulianError):
    """A rule that cannot be computed."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule. It judges readings after ``since_us`` only; a changed one comes with a new ``version`` and begins anew.

    ``limit`` is in the point's unit (RATE: unit a minute); a rule raises strictly beyond it and clears at or within
    ``limit`` less ``hysteresis``. A reading holds for ``stale_s``, then nothing is known.
    """

    id: int
    version: int
    tenant: int
    kind: Kind
    points: tuple[int, ...]
    since_us: int
    limit: float = 0.0
    hysteresis: float = 0.0
    is_low: bool = False
    text: str = ""
    before: float | None = None
    silence_s: float = 0.0
    expression: str = ""
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    stale_s: float = 180.0

    @property
    def hold_us(self) -> int:
        """How long a reading stands for the present."""
        return int((self.silence_s if self.kind is Kind.ABSENCE else self.stale_s) * US)

    @property
    def reach_us(self) -> int:
        """How far back from a moment readings can matter for it, once it is known whether the alarm was active."""
        window_us = max(windows_of(parse(self.expression)), default=0) if self.expression else 0
        return int(max(self.on_delay_s, self.off_delay_s) * US) + 2 * self.hold_us + window_us


def checked(rule: Rule) -> Rule:
    """``rule`` itself. Raises RuleError with what is wrong, ExpressionError where its expression is."""
    if not 1 <= len(rule.points) <= MOST_POINTS or (rule.kind is not Kind.EXPRESSION and len(rule.points) != 1):
        raise _wrong("点位数量不对", "the number of points is wrong")
    numbers = (rule.limit, rule.hysteresis, rule.on_delay_s, rule.off_delay_s, rule.stale_s, rule.silence_s)
    if not all(abs(number) < 1e300 for number in numbers) or min(numbers[1:]) < 0:
        raise _wrong(
            "限值、死区和时间要是有限的数，后两者不为负", "limits and times are finite, times and deadband ≥ 0"
        )
    if max(rule.on_delay_s, rule.off_delay_s, rule.stale_s, rule.silence_s) > LONGEST_S:
        raise _wrong("时间最长七天", "no time is longer than seven days")
    if rule.hold_us <= 0:
        raise _wrong("要写明多久没有读数算失联", "say after how long without a reading nothing is known")
    if rule.kind is Kind.EXPRESSION and not inputs_of(parse(rule.expression)) <= set(range(len(rule.points))):
        raise _wrong("表达式用到了没有选择的点位", "the expression names a point that was not chosen")
    return rule


def _wrong(zh: str, en: str) -> RuleError:
    return RuleError(
        "alarm_rule_wrong",
        Text(f"这条报警规则不能计算：{zh}。", f"This alarm rule cannot be computed: {en}."),
        Text("请改正后再保存。", "Correct it, then save it again."),
    )
