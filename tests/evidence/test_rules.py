"""What holds on a day: by class, period, capture; the same whatever comes later, in whatever order."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.evidence.rules import (
    EvidenceClass,
    FactId,
    FactRow,
    Value,
    agree,
    effective,
    of_enterprise,
    settle,
    standing,
)

START = date(2026, 1, 1)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def fact(number: int, **more: object) -> FactRow:
    given = {
        "value": number,
        "period_start": START,
        "period_end": START,
        "source": "statement:enterprise",
        "evidence_class": EvidenceClass.C,
        "captured_at": EPOCH + timedelta(hours=number),
        "valid_until": None,
        "supersedes": None,
        "is_withdrawal": False,
    } | more
    return FactRow(
        id=FactId(number),
        enterprise=None,
        subject=of_enterprise(1),
        key="business.employees",
        unit="people",
        captured_by=None,
        captured_by_name="",
        document=None,
        details={},
        note="",
        **given,  # type: ignore[arg-type]
    )


@st.composite
def ledgers(draw: st.DrawFn) -> list[FactRow]:
    """A ledger as the workflows make it: ids and captures grow together, each fact is superseded at most once."""
    rows: list[FactRow] = []
    free: list[FactRow] = []
    captured = EPOCH
    for number in range(1, draw(st.integers(1, 25)) + 1):
        captured += timedelta(hours=draw(st.integers(0, 40)))
        old = draw(st.sampled_from(free)) if free and draw(st.booleans()) else None
        end = START + timedelta(days=draw(st.integers(0, 20)))
        until = draw(st.one_of(st.none(), st.integers(0, 20).map(lambda days, end=end: end + timedelta(days=days))))
        row = fact(
            number,
            value=draw(st.integers(0, 5)),
            period_start=end,
            period_end=end,
            source=draw(st.sampled_from(["collector:a", "document:1", "statement:enterprise", "statement:bureau"])),
            evidence_class=draw(st.sampled_from(EvidenceClass)),
            captured_at=captured,
            valid_until=until,
            supersedes=old.id if old else None,
            is_withdrawal=old is not None and draw(st.booleans()),
        )
        if old:
            free.remove(old)
        if not row.is_withdrawal:
            free.append(row)
        rows.append(row)
    return rows


DAYS = st.integers(0, 45).map(lambda days: START + timedelta(days=days))
MOMENTS = st.integers(0, 1_000).map(lambda hours: EPOCH + timedelta(hours=hours))


@given(ledgers(), DAYS, MOMENTS, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_insertion_does_not_matter(rows, on, known, by_period, random) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert effective(rows, on, known, by_period=by_period) == effective(shuffled, on, known, by_period=by_period)
    assert settle(rows, on, known, by_period=by_period) == settle(shuffled, on, known, by_period=by_period)


@given(ledgers(), DAYS, MOMENTS, st.booleans())
def test_what_comes_later_changes_nothing_that_was_known(
    rows: list[FactRow], on: date, known: datetime, by_period: bool
) -> None:
    earlier = [row for row in rows if row.captured_at <= known]
    for length in range(len(earlier), len(rows) + 1):
        assert settle(rows[:length], on, known, by_period=by_period) == settle(earlier, on, by_period=by_period)


@given(ledgers(), DAYS, MOMENTS)
def test_what_holds_is_known_valid_and_the_strongest(rows: list[FactRow], on: date, known: datetime) -> None:
    found = standing(rows, on, known)
    best = effective(rows, on, known)
    assert (best is None) == (not found)
    if best is None:
        return
    assert best.captured_at <= known
    assert best.period_end <= on
    assert best.valid_until is None or on <= best.valid_until
    assert best.evidence_class == min(row.evidence_class for row in found)
    assert not [row for row in rows if row.supersedes == best.id and row.captured_at <= known]


@given(ledgers(), DAYS, MOMENTS, st.floats(0, 0.9))
def test_a_conflict_is_between_sources_that_disagree(
    rows: list[FactRow], on: date, known: datetime, tolerance: float
) -> None:
    settled = settle(rows, on, known, tolerance=tolerance)
    if settled is None:
        return
    sources = [settled.fact.source, *(row.source for row in settled.others)]
    assert len(set(sources)) == len(sources)
    assert {row.source for row in standing(rows, on, known)} == set(sources)
    for row in settled.others:
        assert (row in settled.conflicts) == (not agree(settled.value, row.value, tolerance))


def test_measured_outranks_proven_outranks_stated_however_old() -> None:
    rows = [
        fact(1, evidence_class=EvidenceClass.A, source="collector:a"),
        fact(2, evidence_class=EvidenceClass.B, source="document:1"),
        fact(3),
    ]
    assert effective(rows, START) == rows[0]
    assert effective(rows[1:], START) == rows[1]


def test_an_expired_measurement_gives_way() -> None:
    rows = [fact(1, evidence_class=EvidenceClass.A, source="collector:a", valid_until=START), fact(2)]
    assert effective(rows, START) == rows[0]
    assert effective(rows, START + timedelta(days=1)) == rows[1]


def test_the_newest_period_decides_where_something_is_counted() -> None:
    last = fact(1, evidence_class=EvidenceClass.B, source="document:1", period_end=date(2024, 12, 31))
    this = fact(2, period_end=date(2025, 12, 31))
    assert effective([last, this], START, by_period=True) == this
    assert effective([last, this], START, by_period=False) == last


def test_withdrawing_a_correction_does_not_revive_what_it_corrected() -> None:
    rows = [fact(1), fact(2, supersedes=FactId(1)), fact(3, supersedes=FactId(2), is_withdrawal=True)]
    assert effective(rows, START) is None
    assert effective(rows, START, rows[1].captured_at) == rows[1]
    assert effective(rows, START, rows[0].captured_at) == rows[0]


@pytest.mark.parametrize(
    ("one", "other", "tolerance", "same"),
    [
        (100, 105, 0.05, True),
        (100, 106, 0.05, False),
        (0, 0, 0, True),
        (0, 1, 0.5, False),
        (True, 1, 0, True),
        (True, False, 0.9, False),
        ("AA", "AAA", 0.9, False),
        (("a", "b"), ("b", "a"), 0, True),
        (1, "1", 0.5, False),
    ],
)
def test_agreement(one: Value, other: Value, tolerance: float, same: bool) -> None:
    assert agree(one, other, tolerance) is same
    assert agree(other, one, tolerance) is same
