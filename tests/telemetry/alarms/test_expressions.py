"""The language of conditions: what it computes, what it refuses, and what is not known."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhulian.telemetry.alarms.expressions import (
    ExpressionError,
    Window,
    compute,
    compute_one,
    inputs_of,
    parse,
    windows_of,
)

NAN = float("nan")


def say(text: str, **inputs: float) -> float:
    values = [np.array([inputs.get(name, NAN)]) for name in "abcdefgh"]
    return float(compute(parse(text), values, lambda _window: np.array([42.0]), 1)[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a > 5", 1),
        ("a - 2 * 3 == 0", 1),
        ("(a - 2) * 3 == 12", 1),
        ("-a < 0 and not b >= 3", 1),
        ("a / 0 > 1", NAN),
        ("c > 1", NAN),
        ("c > 1 and a < 5", 0),
        ("c > 1 or a > 5", 1),
        ("not c > 1", NAN),
        ("max(a, b, 9) == 9 and min(a, b) == 2 and abs(b - a) == 4", 1),
        ("avg(a, 5m) == 42", 1),
        ("a != 6", 0),
    ],
)
def test_what_is_computed(text: str, expected: float) -> None:
    found = say(text, a=6, b=2)
    assert found == expected or (np.isnan(found) and np.isnan(expected))


@given(st.lists(st.sampled_from([NAN, 0.0, 1.0, 2.0, -3.5, 9.0]), min_size=3, max_size=3))
def test_one_moment_is_computed_as_many_are(inputs: list[float]) -> None:
    for text in (
        "a > 1 and (b / c < 2 or not a != b)",
        "max(a, b, c) >= min(a, -b) and abs(c) <= 3",
        "a - b * c == 0 or avg(a, 5m) + c > 1",
    ):
        tree = parse(text)
        many = compute(tree, [np.array([one]) for one in inputs], lambda _window: np.array([inputs[1]]), 1)[0]
        one = compute_one(tree, inputs, lambda _window: inputs[1])
        assert one == many or (np.isnan(one) and np.isnan(many))


@pytest.mark.parametrize(
    "text",
    ["", "a", "a +", "a > ", "a > 1 > 2", "(a > 1", "z > 1", "a > 1 and 3", "not a", "(a > 1) + 2 > 1",
     "__import__ > 1", "avg(a + b, 5m) > 1", "avg(a, 2h) > 1", "avg(a) > 1", "a > 5m", "max(a) > 1",
     "abs(a, b) > 1", "a.b > 1", "(" * 60 + "a" + ")" * 60 + " > 1", "a > 1 " + "or a > 1 " * 80,
     "not " * 100 + "a > 1", "1 > 2;", "exp(a) > 1"],
)  # fmt: skip
def test_what_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(text)
    assert "sign" in refused.value.what.en


@settings(max_examples=200)
@given(st.text("ab()<>=+-*/ 019.,mnotrdviaxg&", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ExpressionError):
        parse(text)


def test_what_it_looks_at() -> None:
    tree = parse("avg(a, 5m) > c and min(b, 30s) < 2")
    assert inputs_of(tree) == {0, 1, 2}
    assert windows_of(tree) == [300_000_000, 30_000_000]
    assert parse("min(b, 30s) < 2").parts[0] == Window("min", 1, 30_000_000)  # type: ignore[union-attr]
