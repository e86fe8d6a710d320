"""The ledger against the simplest model there is: a set of numbers."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from zhulian.telemetry.ingest.ledger import LARGEST_GAPS, IntervalSet, Ledger, Verdict

INTERVALS = st.tuples(st.integers(1, 60), st.integers(0, 12)).map(lambda pair: (pair[0], pair[0] + pair[1]))


def judged_by_hand(known: set[int], first: int, last: int) -> Verdict:
    inside = [number in known for number in range(first, last + 1)]
    if all(inside):
        return Verdict.DUPLICATE
    return Verdict.OVERLAP if any(inside) else Verdict.NEW


@given(st.lists(INTERVALS, max_size=40), INTERVALS)
def test_an_interval_set_is_a_set_of_numbers(added: list[tuple[int, int]], asked: tuple[int, int]) -> None:
    intervals, known = IntervalSet(), set[int]()
    for first, last in added:
        assert intervals.judge(first, last) is judged_by_hand(known, first, last)
        intervals.add(first, last)
        known |= set(range(first, last + 1))
    assert intervals.judge(*asked) is judged_by_hand(known, *asked)
    assert {number for first, last in intervals for number in range(first, last + 1)} == known
    pairs = list(intervals)
    assert all(before[1] + 1 < after[0] for before, after in itertools.pairwise(pairs))


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from("ab"), INTERVALS), max_size=30))
def test_a_saved_ledger_judges_the_same(batches: list[tuple[int, str, tuple[int, int]]]) -> None:
    ledger = Ledger()
    for gateway, epoch, (first, last) in batches:
        ledger.add(gateway, epoch, first, last)
    again = Ledger(ledger.snapshot())
    for gateway, epoch, (first, last) in batches:
        assert again.judge(gateway, epoch, first, last) is Verdict.DUPLICATE
    assert again.snapshot() == ledger.snapshot()


def test_gateways_and_epochs_do_not_mix() -> None:
    ledger = Ledger()
    ledger.add(1, "a", 1, 10)
    assert ledger.judge(1, "b", 1, 10) is Verdict.NEW
    assert ledger.judge(2, "a", 1, 10) is Verdict.NEW
    assert ledger.judge(1, "a", 10, 11) is Verdict.OVERLAP


def test_holes_are_bounded() -> None:
    ledger = Ledger()
    for number in range(LARGEST_GAPS):
        ledger.add(1, "a", number * 3 + 1, number * 3 + 1)
    assert ledger.judge(1, "a", 10**9, 10**9) is Verdict.SCATTERED
    assert ledger.judge(1, "a", 1, 1) is Verdict.DUPLICATE


def test_at_the_bound_of_holes_what_opens_none_still_comes_in() -> None:
    ledger = Ledger()
    for number in range(LARGEST_GAPS):
        ledger.add(1, "a", number * 3 + 2, number * 3 + 2)
    last = LARGEST_GAPS * 3 - 1
    assert ledger.judge(1, "a", last + 1, last + 50) is Verdict.NEW
    assert ledger.judge(1, "a", 3, 4) is Verdict.NEW
    assert ledger.judge(1, "a", 1, 1) is Verdict.NEW
    assert ledger.judge(1, "a", last + 2, last + 50) is Verdict.SCATTERED
