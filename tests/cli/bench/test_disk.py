"""A disk that is full, read-only or slow, as ``zhulian bench disk`` makes it: gateways wait, and nothing is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zhulian.cli.bench.chain.counting import Account
from zhulian.cli.bench.chain.disk import NoDiskError
from zhulian.cli.bench.disk import Outcome, full, read_only, slow

pytestmark = [pytest.mark.endurance, pytest.mark.timeout(600)]


def suffered(suffer: Callable[[Path], Outcome], folder: Path) -> Outcome:
    try:
        found = suffer(folder)
    except NoDiskError as reason:
        pytest.skip(str(reason))
    assert found.account == Account()
    assert found.refusals[0] == 0, "every refusal says when to come back"
    return found


@pytest.mark.parametrize("suffer", [full, read_only])
def test_who_cannot_write_asks_to_come_back_and_then_goes_on(tmp_path: Path, suffer: Callable[[Path], Outcome]) -> None:
    assert suffered(suffer, tmp_path).refusals[503]


def test_a_slow_disk_holds_up_and_then_goes_on_by_itself(tmp_path: Path) -> None:
    found = suffered(slow, tmp_path)
    assert found.acknowledged > found.acknowledged_meanwhile
