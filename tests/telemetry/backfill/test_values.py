"""Numbers and qualities in cells: what is one, what is empty, and what is neither."""

import pyarrow as pa
import pytest

from zhulian.telemetry.backfill.values import numbers, qualities

GOOD, UNCERTAIN, BAD = 0, 1, 2


def test_numbers_blanks_and_words_are_told_apart() -> None:
    found = numbers(pa.array(["1.5", " 2 ", "", None, "NaN", "--", "abc", "1,000", "TRUE", "-3e2", ".5"]))
    assert found.values.tolist() == [1.5, 2, 0, 0, 0, 0, 0, 0, 1, -300, 0.5]
    assert found.is_empty.nonzero()[0].tolist() == [2, 3, 4, 5]
    assert found.is_wrong.nonzero()[0].tolist() == [6, 7]


@pytest.mark.parametrize("text", ["inf", "1e999", "-inf"])
def test_what_is_not_finite_is_no_number(text: str) -> None:
    assert numbers(pa.array([text])).is_wrong.tolist() == [True]


def test_columns_that_are_numbers_already() -> None:
    assert numbers(pa.array([1, None, 3])).values.tolist() == [1, 0, 3]
    assert numbers(pa.array([True, False])).values.tolist() == [1, 0]
    assert numbers(pa.array([1.5, float("nan"), float("inf")])).is_wrong.tolist() == [False, False, True]
    assert numbers(pa.array([b"x"])).is_wrong.tolist() == [True]


def test_qualities_as_opc_writes_them_and_in_words() -> None:
    codes = ["192", "216", "64", "0", "24", "128", "x", "1.5", "", "good", "坏", "Uncertain"]
    found = qualities(pa.array(codes), "opc")
    assert found.qualities.tolist()[:5] == [GOOD, GOOD, UNCERTAIN, BAD, BAD]
    assert found.is_wrong.nonzero()[0].tolist() == [5, 6, 7]
    assert found.qualities.tolist()[8:] == [GOOD, GOOD, BAD, UNCERTAIN]


def test_qualities_as_zhulian_writes_them() -> None:
    found = qualities(pa.array([0, 1, 2, 3, None]), "own")
    assert found.qualities.tolist()[:3] == [GOOD, UNCERTAIN, BAD]
    assert found.is_wrong.tolist() == [False, False, False, True, False]
