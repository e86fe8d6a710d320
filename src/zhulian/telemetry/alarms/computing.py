"""What an expression comes to: over whole arrays, or at one moment without any.

True is 1, false 0, and what is not known NaN: ``and`` and ``or`` decide as far as they can (Kleene's strong logic).
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from math import isnan, nan

import numpy as np
import numpy.typing as npt

from zhulian.telemetry.alarms.expressions import Call, Input, Node, Number, Window
from zhulian.telemetry.alarms.states import Floats

Windows = Callable[[Window], Floats]


def _known(result: npt.NDArray[np.bool_], *parts: Floats) -> Floats:
    answer = result.astype(np.float64)
    for part in parts:
        answer[np.isnan(part)] = np.nan
    return answer


def _and(left: Floats, right: Floats) -> Floats:
    return np.where((left == 0) | (right == 0), 0.0, left * right)


def _or(left: Floats, right: Floats) -> Floats:
    return np.where((left == 1) | (right == 1), 1.0, left + right)


def _divide(left: Floats, right: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(right == 0, np.nan, left / right)


_PAIRS: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": _divide,
    "<": lambda left, right: _known(left < right, left, right),
    "<=": lambda left, right: _known(left <= right, left, right),
    ">": lambda left, right: _known(left > right, left, right),
    ">=": lambda left, right: _known(left >= right, left, right),
    "==": lambda left, right: _known(left == right, left, right),
    "!=": lambda left, right: _known(left != right, left, right),
    "and": _and,
    "or": _or,
    "min": np.minimum,
    "max": np.maximum,
}
_SINGLES: Mapping[str, Callable[[Floats], Floats]] = {
    "not": lambda truth: 1.0 - truth,
    "negative": np.negative,
    "abs": np.abs,
}
_SINGLE_NUMBERS: Mapping[str, Callable[[float], float]] = {
    "not": lambda truth: 1.0 - truth,
    "negative": operator.neg,
    "abs": abs,
}


def _truth(compare: Callable[[float, float], bool]) -> Callable[[float, float], float]:
    return lambda left, right: nan if isnan(left) or isnan(right) else float(compare(left, right))


_PAIR_NUMBERS: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda left, right: left / right if right else nan,
    "<": _truth(operator.lt),
    "<=": _truth(operator.le),
    ">": _truth(operator.gt),
    ">=": _truth(operator.ge),
    "==": _truth(operator.eq),
    "!=": _truth(operator.ne),
    "and": lambda left, right: 0.0 if left == 0 or right == 0 else left * right,
    "or": lambda left, right: 1.0 if left == 1 or right == 1 else left + right,
    "min": lambda left, right: nan if isnan(left) or isnan(right) else min(left, right),
    "max": lambda left, right: nan if isnan(left) or isnan(right) else max(left, right),
}


def compute(node: Node, values: list[Floats], windows: Windows, size: int) -> Floats:
    """The expression at ``size`` moments; ``values[slot]`` are the inputs there, NaN where nothing is known."""
    match node:
        case Number(value):
            return np.full(size, value)
        case Input(slot):
            return values[slot]
        case Window():
            return windows(node)
        case Call(name, parts):
            found = [compute(part, values, windows, size) for part in parts]
            return _SINGLES[name](found[0]) if name in _SINGLES else reduce(_PAIRS[name], found)


def compute_one(node: Node, values: Sequence[float], windows: Callable[[Window], float]) -> float:
    """The same at one moment, without arrays: what is computed once a reading has to be cheap."""
    match node:
        case Number(value):
            return value
        case Input(slot):
            return values[slot]
        case Window():
            return windows(node)
        case Call(name, parts):
            found = [compute_one(part, values, windows) for part in parts]
            return _SINGLE_NUMBERS[name](found[0]) if name in _SINGLES else reduce(_PAIR_NUMBERS[name], found)
