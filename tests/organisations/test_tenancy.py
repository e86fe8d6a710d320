"""The one filter: who sees which enterprise."""

import pytest
from django.contrib.auth.models import AnonymousUser

from peers.records import World, person
from zhulian.organisations.models import Enterprise
from zhulian.organisations.tenancy import NOTHING, SYSTEM, visible_to
from zhulian.vocabulary.roles import Role


def test_who_sees_whom(world: World) -> None:
    seen = {
        name: set(visible_to(user).enterprises().values_list("pk", flat=True)) for name, user in world.people().items()
    }
    a, b = world.a.enterprise, world.b.enterprise
    assert seen == {
        "engineer_a": {a},
        "owner_a": {a},
        "engineer_b": {b},
        "owner_b": {b},
        "county_a": {a},
        "county_b": {b},
        "bureau": {a, b},
        "administrator": {a, b},
        "auditor": {a, b},
        "security": {a, b},
        "platform_a": {a},
        "platform_b": {b},
        **{role: set() for role in ("member_unit", "provider", "bank", "school", "expert")},
    }


def test_everything_of_an_enterprise_follows_it(world: World) -> None:
    scope = visible_to(world.a.owner)
    assert set(scope.gateways().values_list("pk", flat=True)) == {world.a.gateway}
    assert set(scope.machines().values_list("pk", flat=True)) == {world.a.machine}
    assert set(scope.points().values_list("pk", flat=True)) == set(world.a.points)


@pytest.mark.django_db
def test_strangers_and_closed_accounts_see_nothing() -> None:
    closed = person("gone", Role.BUREAU)
    closed.is_active = False
    closed.save()
    assert visible_to(AnonymousUser()) == NOTHING
    assert visible_to(closed) == NOTHING
    assert not NOTHING.enterprises().exists()


def test_only_engineers_and_administrators_configure(world: World) -> None:
    may = {name for name, user in world.people().items() if visible_to(user).may_configure(world.a.enterprise)}
    assert may == {"engineer_a", "administrator"}


def test_owner_county_and_bureau_keep_the_file(world: World) -> None:
    may = {name for name, user in world.people().items() if visible_to(user).may_keep(world.a.enterprise)}
    assert may == {"owner_a", "county_a", "bureau", "administrator"}


def test_member_units_see_sums_and_nobody(world: World) -> None:
    scope = visible_to(world.others["member_unit"])
    assert not scope.enterprises().exists()
    assert scope.totals.enterprises().count() == 2
    assert visible_to(world.a.owner).totals.enterprises().count() == 1


def test_hidden_rows_are_counted(world: World) -> None:
    assert visible_to(world.a.owner).hidden_enterprises() == 1
    assert visible_to(world.bureau).hidden_enterprises() == 0
    assert NOTHING.hidden_enterprises() == 2


def test_one_person_may_hold_several_roles(world: World) -> None:
    from zhulian.organisations.workflows import give_role

    give_role(SYSTEM, world.a.owner.username, Role.ENGINEER, enterprise=world.b.enterprise)
    scope = visible_to(world.a.owner)
    assert scope.sees_several
    assert set(scope.enterprises().values_list("pk", flat=True)) == {world.a.enterprise, world.b.enterprise}
    assert not scope.may_configure(world.a.enterprise)
    assert scope.may_configure(world.b.enterprise)


def test_a_county_officer_follows_the_reporting_area_not_the_district(world: World) -> None:
    Enterprise.objects.filter(pk=world.a.enterprise).update(reporting_area="341502400")
    assert not visible_to(world.county_a).enterprises().exists()
    zone = person("zone", Role.COUNTY, place="341502400")
    assert visible_to(zone).enterprises().count() == 1
