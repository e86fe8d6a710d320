"""What pages read: counted, filtered, paged, and never with more statements than columns to fill."""

import pytest
from pytest_django import DjangoAssertNumQueries

from peers.records import World, credit_code, device, unheard
from zhulian.organisations import queries, workflows
from zhulian.organisations.models import Enterprise, Machine, Point
from zhulian.organisations.queries import EnterpriseFilter, MachineFilter
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.search.workflows import rebuild
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.organisations.workflows.counting import recount


@pytest.fixture
def many(world: World) -> World:
    """200 more enterprises in Huoqiu, each with a machine of two points."""
    rows = Enterprise.objects.bulk_create(
        Enterprise(
            name=f"工厂 {number}",
            credit_code=credit_code(1000 + number),
            industry="C30" if number % 2 else "C17",
            district="341522",
            reporting_area="341522",
            above_scale=number % 4 == 0,
        )
        for number in range(200)
    )
    machines = Machine.objects.bulk_create(
        Machine(enterprise=row, name="m", protocol="opcua", address="opc.tcp://192.0.2.1") for row in rows
    )
    Point.objects.bulk_create(Point(machine=machine, name=name, address="1") for machine in machines for name in "ab")
    rebuild()
    recount(None)
    return world


def test_a_long_list_takes_three_statements(many: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(3):
        page = queries.enterprises(SYSTEM, EnterpriseFilter(), size=500)
    assert page.total == 202
    assert len(page.rows) == 202
    assert {(row.machines, row.points) for row in page.rows} == {(1, 2), (1, 3)}


def test_machines_with_points_take_four_statements(
    many: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(4):
        page = queries.machines(SYSTEM, MachineFilter(), size=500)
    assert len(page.rows) == 202
    assert all(row.points for row in page.rows)


def test_a_factory_takes_four_statements(many: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    scope = visible_to(many.a.owner)
    with django_assert_num_queries(4):
        factory = queries.factory(scope, many.a.enterprise)
    assert factory.enterprise.gateways == 1
    assert [point.name for point in factory.machines[0].points] == [f"Alderney value {n}" for n in (1, 2, 3)]


def test_areas_take_one_statement(many: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        areas = {row.place.code: row for row in queries.by_area(SYSTEM)}
    assert len(areas) == 8
    assert (areas["341522"].enterprises, areas["341522"].connected, areas["341522"].points) == (200, 200, 400)
    assert areas["341522"].above_scale == 50
    assert areas["341504"].enterprises == 0


def test_a_county_sees_its_own_area_only(many: World) -> None:
    assert [row.place.code for row in queries.by_area(visible_to(many.county_a))] == ["341502"]


@pytest.mark.parametrize(
    ("wanted", "total"),
    [
        (EnterpriseFilter(text="工厂19"), 11),
        (EnterpriseFilter(text="alderney"), 1),
        (EnterpriseFilter(text=credit_code(1007)), 1),
        (EnterpriseFilter(area="341522"), 200),
        (EnterpriseFilter(industry="c30"), 100),
        (EnterpriseFilter(above_scale=True), 50),
        (EnterpriseFilter(connected=False), 0),
        (EnterpriseFilter(text="%"), 0),
    ],
)
def test_filters_narrow(many: World, wanted: EnterpriseFilter, total: int) -> None:
    assert queries.enterprises(SYSTEM, wanted).total == total
    assert len(list(queries.every_enterprise(SYSTEM, wanted))) == total


def test_pages_follow_one_another(many: World) -> None:
    pages = [queries.enterprises(SYSTEM, EnterpriseFilter(order="-name"), number, 50) for number in range(1, 6)]
    names = [row.name for page in pages for row in page.rows]
    assert names == sorted(names, reverse=True)
    assert len(names) == 202
    assert pages[0].pages == 5
    assert queries.enterprises(SYSTEM, EnterpriseFilter(), 99, 50).number == 5


def test_what_is_out_of_sight_is_not_there(world: World) -> None:
    scope = visible_to(world.a.engineer)
    for look in (
        lambda: queries.enterprise(scope, world.b.enterprise),
        lambda: queries.machine(scope, world.b.machine),
        lambda: queries.gateway(scope, world.b.gateway),
        lambda: queries.machine_of_point(scope, world.b.points[0]),
        lambda: queries.factory(scope, world.b.enterprise),
        lambda: queries.device_configuration(scope, world.b.machine),
        lambda: queries.machine(scope, 2**70),
        lambda: queries.machine(scope, -1),
    ):
        with pytest.raises(NotVisibleError):
            look()
    assert queries.points_by_enterprise(scope, [*world.a.points, *world.b.points]) == {
        world.a.enterprise: list(world.a.points)
    }


def test_removed_machines_are_in_no_list(world: World) -> None:
    workflows.remove_machine(SYSTEM, world.a.machine, unheard)
    row = queries.enterprise(SYSTEM, world.a.enterprise)
    assert (row.machines, row.points) == (0, 0)
    assert queries.configuration(world.a.gateway).devices == ()


def test_the_configuration_is_what_was_saved(world: World) -> None:
    found = queries.configuration(world.a.gateway)
    assert found.version == 2
    assert found.devices[0].id == world.a.machine
    assert [point.id for point in found.devices[0].points] == list(world.a.points)
    assert found.devices[0].options == device("Alderney").options


def test_members_are_listed_for_those_who_may_see_the_enterprise(world: World) -> None:
    names = [row.username for row in queries.members(visible_to(world.a.owner), world.a.enterprise)]
    assert names == ["alderney-engineer", "alderney-owner"]
    assert queries.members(visible_to(world.a.owner), world.b.enterprise) == []
    assert len(queries.members(SYSTEM)) == len(world.people())
