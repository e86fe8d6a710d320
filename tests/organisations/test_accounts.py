"""Opening enterprises, and accounts with their roles: by those who may, and all or nothing."""

import pytest

from peers.records import PASSWORD, World, credit_code
from peers.refusals import refused
from zhulian.organisations import queries, workflows
from zhulian.organisations.models import Enterprise, User
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.organisations.workflows import NewEnterprise
from zhulian.vocabulary.roles import Role


@pytest.mark.django_db
def test_an_enterprise_is_opened_once() -> None:
    given = NewEnterprise("  示例轴承 ", credit_code(9).lower(), "3451", "341503", "341503", is_sample=True)
    made = workflows.create_enterprise(SYSTEM, given)
    row = queries.enterprise(SYSTEM, made)
    assert (row.name, row.credit_code, row.industry, row.is_sample) == ("示例轴承", credit_code(9), "C3451", True)
    with refused("enterprise_exists"):
        workflows.create_enterprise(SYSTEM, given)
    assert Enterprise.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "enterprise_name_wrong"),
        ({"credit_code": "1"}, "credit_code_wrong"),
        ({"industry": "?"}, "industry_wrong"),
        ({"district": "110000"}, "place_unknown"),
        ({"district": "341502400"}, "district_wrong"),
        ({"reporting_area": "341502400"}, "area_elsewhere"),
    ],
)
def test_a_wrong_file_is_not_opened(changes: dict[str, str], code: str) -> None:
    good = {"name": "n", "credit_code": credit_code(9), "industry": "C33", "district": "341503"}
    with refused(code):
        workflows.create_enterprise(SYSTEM, NewEnterprise(**(good | changes)))  # type: ignore[arg-type]
    assert not Enterprise.objects.exists()


@pytest.mark.django_db
def test_accounts_have_no_default_password() -> None:
    with refused("account_wrong"):
        workflows.create_user(SYSTEM, "li", "12345678")
    with refused("account_wrong"):
        workflows.create_user(SYSTEM, "li", "")
    made = workflows.create_user(SYSTEM, "li", PASSWORD, full_name="李工", email="li@example.org")
    assert User.objects.get(pk=made).check_password(PASSWORD)
    with refused("account_wrong"):
        workflows.create_user(SYSTEM, "li", PASSWORD)
    with refused("email_taken"):
        workflows.create_user(SYSTEM, "wang", PASSWORD, email="LI@example.org")


def test_roles_are_given_where_they_make_sense(world: World) -> None:
    name = world.bureau.username
    for role, enterprise, place in (
        (Role.ENGINEER, None, ""),
        (Role.BUREAU, world.a.enterprise, ""),
        (Role.COUNTY, None, ""),
        (Role.OWNER, world.a.enterprise, "341502"),
    ):
        with refused("role_incomplete"):
            workflows.give_role(SYSTEM, name, role, enterprise=enterprise, place=place)
    with refused("place_unknown"):
        workflows.give_role(SYSTEM, name, Role.COUNTY, place="1")
    workflows.give_role(SYSTEM, name, Role.BUREAU)
    assert world.bureau.memberships.count() == 1
    workflows.take_seat(SYSTEM, world.bureau.memberships.get().pk)
    assert not visible_to(world.bureau).roles


def test_only_administrators_give(world: World) -> None:
    for user in (world.bureau, world.a.owner, world.county_a):
        scope = visible_to(user)
        with pytest.raises(NotAllowedError):
            workflows.create_user(scope, "x", PASSWORD)
        with pytest.raises(NotAllowedError):
            workflows.give_role(scope, user.username, Role.ADMINISTRATOR)


def test_an_account_can_be_closed_and_a_password_replaced(world: World) -> None:
    workflows.set_password(SYSTEM, world.a.owner.username, PASSWORD)
    assert User.objects.get(pk=world.a.owner.pk).check_password(PASSWORD)
    with refused("password_weak"):
        workflows.set_password(SYSTEM, world.a.owner.username, "password")
    with refused("last_of_kind"):
        workflows.close_user(SYSTEM, world.a.owner.username)
    workflows.close_user(SYSTEM, world.a.engineer.username)
    assert not visible_to(User.objects.get(pk=world.a.engineer.pk)).own
    with pytest.raises(NotVisibleError):
        workflows.set_password(SYSTEM, "nobody", PASSWORD)
