"""A disk that is full or slow, as ``zhulian bench disk`` makes it: gateways are asked to wait, and nothing is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zhulian.cli.bench.chain.counting import Account
from zhulian.cli.bench.chain.disk import NoDiskError
from zhulian.cli.bench.disk import Outcome, full, slow

pytestmark = [pytest.mark.endurance, pytest.mark.timeout(240)]


def suffered(suffer: Callable[[Path], Outcome], folder: Path) -> Outcome:
    try:
        found = suffer(folder)
    except NoDiskError as reason:
        pytest.skip(str(reason))
    assert found.account == Account()
    assert found.refusals[0] == 0, "every refusal says when to come back"
    return found


def test_a_full_disk_asks_to_come_back_and_then_goes_on_by_itself(tmp_path: Path) -> None:
    assert suffered(full, tmp_path).refusals[503]


def test_a_slow_disk_holds_up_and_then_goes_on_by_itself(tmp_path: Path) -> None:
    found = suffered(slow, tmp_path)
    assert found.acknowledged > found.acknowledged_meanwhile
