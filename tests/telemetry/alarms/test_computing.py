"""What conditions come to, over many moments and at one, and what is not known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.telemetry.alarms.computing import compute, compute_one
from zhulian.telemetry.alarms.expressions import parse

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
