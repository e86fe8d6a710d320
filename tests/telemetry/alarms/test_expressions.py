"""The language of conditions: what it reads, and what it refuses."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhulian.telemetry.alarms.expressions import ExpressionError, Window, inputs_of, parse, windows_of


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
