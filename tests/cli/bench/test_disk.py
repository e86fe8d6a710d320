"""A disk that is full or slow, as ``zhulian bench disk`` makes it: gateways are asked to wait, and nothing is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zhulian.cli.bench.chain.counting import Account
from zhulian.cli.bench.chain.disk import NoDiskError
from zhulian.cli.bench.disk import Outcome, full, slow

pytestmark = [pytest.mark.endurance, pytest.mark.timeout(240)]


@pytest.mark.parametrize("suffer", [full, slow])
def test_nothing_is_lost_and_all_goes_on_by_itself(tmp_path: Path, suffer: Callable[[Path], Outcome]) -> None:
    try:
        found = suffer(tmp_path)
    except NoDiskError as reason:
        pytest.skip(str(reason))
    assert found.account == Account()
    assert found.refusals[503]
    assert found.refusals[0] == 0, "every refusal says when to come back"
