"""What may be kept: names in one line, addresses that the explorer understands, marks with usable times."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.dashboards.rules import KeptError, checked_mark, checked_name, checked_query, points_of

AT = datetime(2026, 11, 25, 3, 10, tzinfo=UTC)
ids = st.lists(st.integers(0, 10**11 - 1), min_size=1, max_size=20)


@given(ids, st.sampled_from(["1h", "24h", "1y"]), st.sampled_from(["", "&m=overlay"]), st.sampled_from(["", "&c=7d"]))
def test_an_address_comes_back_as_it_was(points: list[int], span: str, mode: str, compared: str) -> None:
    query = f"p={','.join(map(str, points))}&r={span}{mode}{compared}"
    assert checked_query(f"?{query}") == query
    assert points_of(query) == points


@given(st.text(max_size=300))
def test_whatever_is_kept_holds_known_parts_only(given_query: str) -> None:
    try:
        query = checked_query(given_query)
    except KeptError:
        return
    assert checked_query(query) == query
    assert points_of(query)


@pytest.mark.parametrize(
    "query", ["", "r=24h", "p=", "p=1&x=2", "p=1&p=2", "p=1,", "p=1&r=<b>", "p=1&from=now", "p=" + ",".join(["1"] * 21)]
)
def test_a_damaged_address_is_refused(query: str) -> None:
    with pytest.raises(KeptError):
        checked_query(query)


@given(st.text(max_size=100))
def test_a_name_is_one_line(text: str) -> None:
    try:
        name = checked_name(text)
    except KeptError:
        return
    assert name == name.strip()
    assert 0 < len(name) <= 60
    assert len(name.splitlines()) == 1


@pytest.mark.parametrize(
    ("kind", "text", "start", "end"),
    [
        ("party", "x", AT, None),
        ("event", "  ", AT, None),
        ("event", "x" * 201, AT, None),
        ("event", "x", None, None),
        ("event", "x", AT, AT),
        ("event", "x", AT, AT + timedelta(days=400)),
    ],
)
def test_a_mark_needs_words_and_times(kind: str, text: str, start: datetime | None, end: datetime | None) -> None:
    with pytest.raises(KeptError):
        checked_mark(kind, text, start, end)


def test_a_mark_is_one_line() -> None:
    assert checked_mark("note", " 换了\n刀具 ", AT, AT + timedelta(hours=1)) == ("换了 刀具", AT)
