"""The canonical form: RFC 8785 over values that leave no choice, and hashes that others compute alike."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peers import trail
from zhulian.audit.rules import Actor, Draft, Subject
from zhulian.audit.rules.canonical import GENESIS, HASHES, canonical, chained, plain, time_text

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3)
    ),
)


@given(PLAIN)
def test_the_form_says_the_same_and_is_its_own_form(value: object) -> None:
    once = canonical(value)
    assert json.loads(once) == value
    assert canonical(json.loads(once)) == once


def test_members_follow_the_example_of_rfc_8785() -> None:
    given = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert list(json.loads(canonical(given)).values()) == [2, 4, 6, 7, 1, 5, 3]
    assert canonical('\u20ac$\u000f\nA\'B"\\\\"/') == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'.encode()


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),  # FIPS 180-2, B.1
        ("sm3", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),  # GB/T 32905-2016, A.1
    ],
)
def test_hashes_are_those_of_the_standards(algorithm: str, expected: str) -> None:
    assert HASHES[algorithm](b"abc") == expected


@given(st.text(), st.text(), st.dictionaries(st.text(), st.tuples(st.text(), st.floats() | st.integers())))
def test_whatever_a_workflow_gives_becomes_an_entry(
    name: str, note: str, changes: dict[str, tuple[str, object]]
) -> None:
    draft = Draft(Actor(None, name), "enterprise.changed", Subject("enterprise", 1, name), 1, changes, note)
    (entry,) = chained([draft], 0, GENESIS, trail.START, "sha256")
    assert entry.computed_hash() == entry.hash
    assert "\0" not in entry.actor_name + entry.note


def test_values_become_json_of_one_reading() -> None:
    moment = datetime(2026, 11, 25, 9, tzinfo=timezone(timedelta(hours=8)))
    assert time_text(moment) == time_text(moment.astimezone(UTC)) == "2026-11-25T01:00:00.000000Z"
    assert [plain(value) for value in (True, 2**60, 1.5, {"b", "a"}, moment)] == [
        True, str(2**60), "1.5", ["a", "b"], "2026-11-25T01:00:00.000000Z",
    ]  # fmt: skip
    assert len(str(plain("x" * 9999))) == 500
