"""A few rounds of what ``zhulian bench crash`` does fifty times; ``ROUNDS`` asks for more."""

import os
from pathlib import Path

import pytest

from zhulian.cli.bench.chain.counting import Account, account
from zhulian.cli.bench.chain.disk import NoDiskError
from zhulian.cli.bench.crash import Outcome, cut_off, killed

ROUNDS = int(os.environ.get("ROUNDS", "3"))

pytestmark = [pytest.mark.endurance, pytest.mark.timeout(60 + 30 * ROUNDS)]


def assert_nothing_lost_nothing_twice(found: Outcome) -> None:
    assert found.account == Account()
    assert found.alarms == 0
    assert found.rounds == ROUNDS
    assert found.acknowledged


def test_sigkill_at_random_moments(tmp_path: Path) -> None:
    assert_nothing_lost_nothing_twice(killed(tmp_path, ROUNDS))


def test_power_cuts_at_random_moments(tmp_path: Path) -> None:
    try:
        found = cut_off(tmp_path, ROUNDS)
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
