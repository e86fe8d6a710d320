"""Points are found by what people remember: initials of the point, the machine, the house; only those in sight."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peers.records import World
from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record
from zhulian.organisations.models import Machine, Point
from zhulian.organisations.queries.placed_points import find_points, placed_points
from zhulian.organisations.tenancy import NOTHING, SYSTEM, actor, visible_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def meters(world: World) -> dict[str, int]:
    """Two meters with two points each in A, one in B; name → id of the point."""
    made = {}
    for tenant, machine, names in (
        (world.a, "总进线电表", ("有功功率", "功率因数")),
        (world.a, "空压站电表", ("有功功率", "压力")),
        (world.b, "冷库电表", ("有功功率", "温度")),
    ):
        row = Machine.objects.create(enterprise_id=tenant.enterprise, gateway_id=tenant.gateway, name=machine)
        for name in names:
            made[f"{machine} {name}"] = Point.objects.create(machine=row, name=name, unit="kW").pk
        record(actor(SYSTEM), "machine.created", Subject("machine", row.pk, machine), organisation=tenant.enterprise)
    return made


def found(world: World, text: str) -> list[str]:
    rows = find_points(visible_to(world.a.engineer), text).rows
    return [f"{row.machine_name} {row.point.name}" for row in rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yggl", ["总进线电表 有功功率", "空压站电表 有功功率"]),
        ("有功", ["总进线电表 有功功率", "空压站电表 有功功率"]),
        ("gonglvyinshu", ["总进线电表 功率因数"]),
        ("kyz yggl", ["空压站电表 有功功率"]),
        ("空压站", ["空压站电表 有功功率", "空压站电表 压力"]),
        ("wendu", []),
        ("冷库", []),
    ],
)
def test_by_point_machine_and_initials(world: World, meters: dict[str, int], text: str, expected: list[str]) -> None:
    assert found(world, text) == expected


def test_the_count_goes_beyond_what_is_listed(world: World, meters: dict[str, int]) -> None:
    listed = find_points(visible_to(world.bureau), "有功功率", most=2)
    assert (len(listed.rows), listed.total) == (2, 3)
    assert find_points(NOTHING, "有功功率").total == 0


def test_given_ids_keep_their_order_and_strangers_vanish(world: World, meters: dict[str, int]) -> None:
    wanted = [meters["空压站电表 压力"], meters["冷库电表 温度"], meters["总进线电表 有功功率"], 1]
    rows = placed_points(visible_to(world.a.engineer), wanted)
    assert [row.point.id for row in rows] == [wanted[0], wanted[2]]
    assert rows[0].enterprise_name.startswith("Alderney")


def test_statements_do_not_grow_with_the_rows(world: World, meters: dict[str, int]) -> None:
    scope = visible_to(world.bureau)
    with CaptureQueriesContext(connection) as one:
        find_points(scope, "yggl", most=1)
    with CaptureQueriesContext(connection) as all_of_them:
        find_points(scope, "yggl", most=100)
    assert len(one) == len(all_of_them) <= 3
