"""How a draft is read is a person's choice, as far as it makes sense."""

import pytest

from peers.backfill_rows import row, uploaded
from peers.ledger_only import LedgerOnly
from peers.records import World
from zhulian.backfill import workflows
from zhulian.backfill.rules import BackfillRefused
from zhulian.vocabulary.errors import ZhulianError

pytestmark = pytest.mark.django_db


def test_a_long_file_with_names_that_are_chosen(world: World, platform: LedgerOnly) -> None:
    number = uploaded(world, "time,tag,value\n2024-01-01,T1,1\n2024-01-01,T2,2\n")
    chosen = {"shape": "long", "time": "time", "name": "tag", "value": "value"}
    with pytest.raises(BackfillRefused, match="没有“nonsense”"):
        workflows.choose(world.a.scope, number, chosen, {"T1": "nonsense"})
    with pytest.raises(BackfillRefused, match="两次"):
        workflows.choose(world.a.scope, number, chosen, dict.fromkeys(("T1", "T2"), f"#{world.a.points[0]}"))
    with pytest.raises(BackfillRefused, match="没有一个名称"):
        workflows.begin(world.a.scope, number)
    workflows.choose(world.a.scope, number, chosen, {"T1": f"{world.a.marker} meter / {world.a.marker} value 3"})
    assert row(world, number).layout.points == {"T1": world.a.points[2]}
    workflows.begin(world.a.scope, number)
    workflows.carry(number, platform)
    assert sorted(platform.values) == [1.0]
    assert row(world, number).refused == {"point": 1}


@pytest.mark.parametrize(
    "chosen",
    [
        {"shape": "long", "time": "时间"},
        {"shape": "wide", "time": "没有"},
        {"shape": "wide", "time": "时间", "zone": "Mars/Base"},
        {"shape": "wide", "time": "时间", "zone": "../etc"},
        {"shape": "round", "time": "时间"},
        {"shape": "wide", "time": "时间", "time_form": "later"},
    ],
)
def test_what_makes_no_sense_cannot_be_chosen(world: World, chosen: dict[str, str]) -> None:
    with pytest.raises(ZhulianError):
        workflows.choose(world.a.scope, uploaded(world), chosen, {})
