"""Conditions over several points: a small language, read into a tree that ``computing`` computes. Nothing is executed.

::

    a > 80 and (b - c) / b < 0.1        a, b, c: the rule's points in their order
    not (a == 1 or max(b, c) >= 4)      + - * /   < <= > >= == !=   and or not   abs min max
    avg(a, 5m) > 40                     avg, min, max over the time before; s, m, h, at most one hour
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from zhulian.vocabulary.errors import Text, ZhulianError

LONGEST_TEXT = 500
DEEPEST = 24
LONGEST_WINDOW_US = 3_600_000_000
NAMES = "abcdefgh"
_UNITS_US = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)(s|m|h)?(?![\w.])|([a-z]+)|(<=|>=|==|!=|[-+*/()<>,]))")


class ExpressionError(ZhulianError):
    """An expression that cannot be read."""


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Input:
    """The present value of the rule's point number ``slot``."""

    slot: int


@dataclass(frozen=True, slots=True)
class Window:
    """``function`` over the readings of ``slot`` in the last ``span_us``."""

    function: str
    slot: int
    span_us: int


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or a function over parts."""

    name: str
    parts: tuple["Node", ...]


Node = Number | Input | Window | Call


_COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
_TRUTHS = _COMPARISONS | {"and", "or", "not"}
_FUNCTIONS = frozenset({"abs", "min", "max"})
_OVER_TIME = frozenset({"avg", "min", "max"})


def inputs_of(node: Node) -> set[int]:
    """Which points an expression names."""
    match node:
        case Input(slot) | Window(_, slot, _):
            return {slot}
        case Call(_, parts):
            return set[int]().union(*(inputs_of(part) for part in parts))
    return set()


def windows_of(node: Node) -> list[int]:
    """The lengths of its windows, in microseconds."""
    match node:
        case Window(_, _, span_us):
            return [span_us]
        case Call(_, parts):
            return [span for part in parts for span in windows_of(part)]
    return []


@lru_cache(maxsize=10_000)
def parse(text: str) -> Node:
    """Read ``text``. Raises ExpressionError that names the place."""
    if len(text) > LONGEST_TEXT:
        raise _wrong(0, f"最长 {LONGEST_TEXT} 个字符", f"it is longer than {LONGEST_TEXT} signs")
    reader = _Reader(_tokens(text))
    found = reader.alternatives(0)
    reader.expect("")
    if not _is_truth(found):
        raise _wrong(0, "要写成一个条件，例如 a > 80", "it has to be a condition, such as a > 80")
    return found


class _Token(NamedTuple):
    text: str
    at: int
    number: float = 0.0
    unit: str = ""


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _wrong(
                at, f"读不懂“{text[at : at + 12].strip()}”", f"“{text[at : at + 12].strip()}” is not understood"
            )
        number, unit, name, sign = match.groups()
        found.append(_Token("number", at, float(number), unit or "") if number else _Token(name or sign, at))
        at = match.end()
    return [*found, _Token("", at)]


class _Reader:
    """Recursive descent, one method a level of binding; a comparison binds two sums, once."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def expect(self, text: str) -> None:
        """The next token has to be ``text``; the end is the empty one."""
        token = self._take() if self._next.text else self._next
        if token.text != text:
            seen = token.text or "…"
            wanted = text or "…"
            raise _wrong(token.at, f"这里应为“{wanted}”，却是“{seen}”", f"“{wanted}” is wanted here and not “{seen}”")

    def alternatives(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise _wrong(self._next.at, "括号嵌套太深", "brackets are nested too deeply")
        return self._chain(("or",), lambda: self._chain(("and",), lambda: self._negation(depth), True), True)

    def _chain(self, signs: tuple[str, ...], part: Callable[[], Node], is_logic: bool = False) -> Node:
        found = part()
        while self._next.text in signs:
            token = self._take()
            other = part()
            if is_logic and not (_is_truth(found) and _is_truth(other)):
                raise _wrong(token.at, f"“{token.text}”的两边都要是条件", f"“{token.text}” joins two conditions")
            if not is_logic:
                _numbers(token, found, other)
            found = Call(token.text, (found, other))
        return found

    def _negation(self, depth: int) -> Node:
        if self._next.text != "not":
            return self._comparison(depth)
        token = self._take()
        part = self._negation(depth + 1) if depth < DEEPEST else self._comparison(depth)
        if not _is_truth(part):
            raise _wrong(token.at, "“not”后面要是条件", "“not” is followed by a condition")
        return Call("not", (part,))

    def _comparison(self, depth: int) -> Node:
        left = self._sum(depth)
        if self._next.text not in _COMPARISONS:
            return left
        token = self._take()
        right = self._sum(depth)
        _numbers(token, left, right)
        return Call(token.text, (left, right))

    def _sum(self, depth: int) -> Node:
        return self._chain(("+", "-"), lambda: self._chain(("*", "/"), lambda: self._signed(depth)))

    def _signed(self, depth: int) -> Node:
        if self._next.text != "-":
            return self._atom(depth)
        token = self._take()
        part = self._atom(depth)
        _numbers(token, part)
        return Call("negative", (part,))

    def _atom(self, depth: int) -> Node:
        token = self._take()
        if token.text == "number" and not token.unit:
            return Number(token.number)
        if token.text == "(":
            found = self.alternatives(depth + 1)
            self.expect(")")
            return found
        if token.text in _FUNCTIONS | _OVER_TIME and self._next.text == "(":
            return self._call(token, depth)
        if len(token.text) == 1 and token.text in NAMES:
            return Input(NAMES.index(token.text))
        seen = token.text or "…"
        raise _wrong(token.at, f"这里应为点位、数字或括号，却是“{seen}”", f"a point, number or bracket, not “{seen}”")

    def _call(self, name: _Token, depth: int) -> Node:
        self.expect("(")
        parts = [self.alternatives(depth + 1)]
        while self._next.text == ",":
            self._take()
            if self._next.unit:
                return self._window(name, parts)
            parts.append(self.alternatives(depth + 1))
        self.expect(")")
        _numbers(name, *parts)
        if name.text not in _FUNCTIONS or len(parts) != (1 if name.text == "abs" else max(len(parts), 2)):
            raise _wrong(name.at, f"“{name.text}”的参数不对", f"“{name.text}” takes other arguments")
        return Call(name.text, tuple(parts))

    def _window(self, name: _Token, parts: list[Node]) -> Node:
        token = self._take()
        self.expect(")")
        span_us = int(token.number * _UNITS_US[token.unit])
        if len(parts) != 1 or not isinstance(parts[0], Input) or name.text not in _OVER_TIME:
            raise _wrong(name.at, "按时间计算只能用一个点位，例如 avg(a, 5m)", "over time, name one point: avg(a, 5m)")
        if not 0 < span_us <= LONGEST_WINDOW_US:
            raise _wrong(token.at, "时间窗最长一小时", "a window is at most one hour")
        return Window(name.text, parts[0].slot, span_us)


def _is_truth(node: Node) -> bool:
    return isinstance(node, Call) and node.name in _TRUTHS


def _numbers(token: _Token, *parts: Node) -> None:
    if any(_is_truth(part) for part in parts):
        raise _wrong(
            token.at, f"“{token.text}”只能用于数值，不能用于条件", f"“{token.text}” takes numbers, no conditions"
        )


def _wrong(at: int, zh: str, en: str) -> ExpressionError:
    return ExpressionError(
        "alarm_expression_wrong",
        Text(f"表达式第 {at + 1} 个字符处：{zh}。", f"At sign {at + 1} of the expression: {en}."),
        Text("写法例如：a > 80 and avg(b, 5m) < 2。", "Write it like: a > 80 and avg(b, 5m) < 2."),
    )
