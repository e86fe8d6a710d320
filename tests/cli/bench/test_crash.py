"""A few rounds of what ``zhulian bench crash`` does fifty times; ``ROUNDS`` asks for more."""

import os
from pathlib import Path
from typing import cast

import pytest

from zhulian.cli.bench.chain import folds, retiring
from zhulian.cli.bench.chain.counting import Account, account
from zhulian.cli.bench.chain.disk import NoDiskError
from zhulian.cli.bench.chain.gateways import Gateways, Promise
from zhulian.cli.bench.crash import FOLDING, RETIRING, Outcome, Work, cut_off, killed
from zhulian.vocabulary.clock import system_clock

ROUNDS = int(os.environ.get("ROUNDS", "2"))
DAY_S = 86_400

pytestmark = [pytest.mark.endurance, pytest.mark.timeout(300 + 60 * ROUNDS)]
works = pytest.mark.parametrize("work", [FOLDING, RETIRING], ids=["folding", "retiring"])


def assert_nothing_lost_nothing_twice(found: Outcome) -> None:
    assert found.account == Account()
    assert found.alarms == 0
    assert found.rounds == ROUNDS
    assert found.acknowledged
    assert all(value for value, _ in found.numbers.values() if found.rounds > 5)


@works
def test_sigkill_at_random_moments(tmp_path: Path, work: Work) -> None:
    assert_nothing_lost_nothing_twice(killed(tmp_path, ROUNDS, work))


@works
def test_power_cuts_at_random_moments(tmp_path: Path, work: Work) -> None:
    try:
        found = cut_off(tmp_path, ROUNDS, work)
    except NoDiskError as reason:
        pytest.skip(str(reason))
    assert_nothing_lost_nothing_twice(found)


def test_the_account_notices_what_is_lost_twice_or_not_added_up() -> None:
    def ask(sql: str) -> list[list[str]]:
        if "GROUP BY point" in sql:
            return [["7", "101"]]
        return [["101", "99", "1", "100"]] if "FROM readings" in sql else []

    found = account(ask, {1: 100})
    assert (found.lost, found.doubled) == (1, 2)
    assert any("hourly.rows of enterprise 1: 0 and not 100" in wrong for wrong in found.wrong)


def test_the_account_asks_for_as_many_numbers_at_once_as_fit_into_memory() -> None:
    asked: list[str] = []

    def ask(sql: str) -> list[list[str]]:
        asked.append(sql)
        if "GROUP BY point" in sql:
            return [["7", "3000000"], ["8", "2000000"], ["9", "1000000"]]
        return [["3000000", "3000000", "1", "6000000"]] if "FROM readings" in sql else []

    found = account(ask, {1: 6_000_000})
    assert (found.lost, found.doubled) == (0, 0)
    assert [sql.partition("IN ")[2] for sql in asked if "point IN" in sql] == ["(7)", "(8, 9)"]


def test_folds_are_compared_with_their_rows_hour_by_hour() -> None:
    rows = [
        ["1", "1", "3600", "200", "10", "90", "4000", "200", "300"],
        ["1", "2", "3600", "2", "1", "2", "5", "2", "9"],
    ]
    few = ["1", "2", "3600", "2", "1", "2", "5", "0", "0"]

    def differing(*folds_there: list[str]) -> list[str]:
        return list(folds.differing(lambda sql: list(folds_there) if "FROM folded" in sql else rows))

    assert differing(rows[0], few) == []
    assert len(differing(few)) == 1, "an hour that is not folded"
    assert len(differing([*rows[0][:3], "201", *rows[0][4:]], few)) == 1
    assert len(differing([*rows[0][:8], "301"], few)) == 1, "minutes that do not add up to the hour"


class Asked:
    """A store of one enterprise whose days are given as rows, their sum, and how many values these are."""

    def __init__(self, there: dict[int, str], kept: dict[int, str], hours: int = 0) -> None:
        self.acknowledged = {1: 800}
        today = system_clock() // 10**6 // DAY_S
        self._answers = {
            "FROM readings": [["1", str(today - age), *cells.split()] for age, cells in there.items()],
            "hourly_kept": [["1", str(today - age), *cells.split()] for age, cells in kept.items()],
            "FROM hourly": [["1", str(today - 3), str(hours)]],
            "FROM daily": [["1", "800", "800", "320400", "1", "800"]],
            "FROM tenant_hourly": [["1", "800", "800"]],
        }
        self.promised = {(1, today - age): Promise(200, 20_100 + age * 40_000.0) for age in range(4)}

    def __call__(self, sql: str) -> list[list[str]]:
        return next(rows for word, rows in self._answers.items() if word in sql)


THERE = {0: "200 20100 200", 1: "200 60100 200"}
KEPT = {2: "200 100100", 3: "200 140100"}


@pytest.mark.parametrize(
    ("store", "lost", "doubled", "wrong"),
    [
        (Asked(THERE, KEPT), 0, 0, 0),
        (Asked(THERE | {1: "199 60000 199"}, KEPT), 1, 0, 1),
        (Asked(THERE | {1: "201 60101 200"}, KEPT), 0, 1, 1),
        (Asked(THERE | {3: "1 700 1"}, KEPT), 0, 1, 2),
        (Asked(THERE | {1: "0 0 0"}, KEPT | {1: "200 60100"}), 0, 0, 1),
        (Asked(THERE, KEPT, hours=3), 0, 0, 1),
    ],
    ids=["as it is to be", "lost", "twice", "kept and there", "retired too early", "hours left"],
)
def test_each_reading_is_in_one_place(store: Asked, lost: int, doubled: int, wrong: int) -> None:
    found = retiring.account(store, cast(Gateways, store))
    assert (found.lost, found.doubled, len(found.wrong)) == (lost, doubled, wrong)
