"""Forms as data, compared with the catalogue; typed text to values and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.evidence.catalogue import catalogue
from zhulian.evidence.rules import EvidenceClass
from zhulian.returns.definitions import Form, forms
from zhulian.returns.rules import read, written
from zhulian.vocabulary.errors import Text

FACTS = catalogue()
ALL = [(form, question) for form in forms().values() for question in form.question]


@pytest.mark.parametrize(("form", "question"), ALL, ids=[f"{form.key}-{one.key}" for form, one in ALL])
def test_each_question_asks_for_a_fact_that_may_be_stated(form: Form, question: object) -> None:
    asked = next(one for one in form.question if one is question)
    fact = FACTS[asked.key]
    assert fact.allows(EvidenceClass.C)
    assert tuple(asked.options) == (fact.options if fact.kind in {"text", "options"} else ())
    assert asked.ask.zh.endswith(("？", "?"))
    assert asked.ask.en.endswith("?")
    if asked.when:
        assert asked.when.key in form.keys[: form.keys.index(asked.key)], "a condition looks back"


def question(key: str) -> tuple[object, ...]:
    form, asked = next((form, one) for form, one in ALL if one.key == key)
    return form, asked, FACTS[key]


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("business.employees", "１２０", 120),
        ("business.employees", "1,200 ", 1200),
        ("business.revenue", "3.5", 3_500_000),
        ("business.revenue", "1.2亿元", 12_000_000_000),
        ("business.revenue", "300元", 30_000),
        ("security.self_check", "yes", True),
        ("security.self_check", "否", False),
        ("cloud.information_system", "部门内使用", "department"),
        ("energy.total_tce", "12.5", 12.5),
    ],
)
def test_what_people_type_is_understood(key: str, text: str, value: object) -> None:
    _, asked, fact = question(key)
    assert read(asked, fact, text) == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("business.employees", "一百多"),
        ("business.employees", "12.5"),
        ("business.employees", "-3"),
        ("cloud.information_system", "很好"),
        ("security.self_check", "也许"),
        ("business.revenue", "很多万元"),
    ],
)
def test_what_is_not_understood_is_said_in_words(key: str, text: str) -> None:
    _, asked, fact = question(key)
    found = read(asked, fact, text)  # type: ignore[arg-type]
    assert isinstance(found, Text)
    assert found.zh
    assert found.en


@given(st.integers(0, 10**12))
def test_money_survives_being_shown_and_typed_again(fen: int) -> None:
    _, asked, fact = question("business.revenue")
    assert read(asked, fact, written(fact, fen)) == fen  # type: ignore[arg-type]


@given(st.floats(0, 1e12))
def test_a_measure_survives_being_shown_and_typed_again(amount: float) -> None:
    _, asked, fact = question("energy.total_tce")
    text = written(fact, amount)
    assert "e" not in text
    assert read(asked, fact, text) == amount  # type: ignore[arg-type]
