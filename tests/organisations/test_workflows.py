"""Writing records: all or nothing, by those who may, told to the gateway afterwards."""

import json
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from peers.records import PASSWORD, World, credit_code, device, unheard
from zhulian.audit.models import Entry
from zhulian.organisations import queries, workflows
from zhulian.organisations.models import EnrolmentCode, Enterprise, Gateway, Machine, Point, User
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, RecordsError
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.organisations.workflows import MachineDraft, NewEnterprise, trail
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.roles import Role
from zhulian.wire.configuration import DeviceConfig, GatewayConfig, PointConfig
from zhulian.wire.credentials import CredentialError, public_text

KEY = public_text(Ed25519PrivateKey.generate())
OTHER_KEY = public_text(Ed25519PrivateKey.generate())


def refused(code: str) -> "pytest.RaisesExc[ZhulianError]":
    return pytest.raises(ZhulianError, check=lambda fault: fault.code == code)


# --- people


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


# --- gateways and enrolment


def test_a_gateway_enrols_once(world: World) -> None:
    code = workflows.create_code(world.a.scope, world.a.gateway, world.a.engineer)
    assert len(code.text) == 9
    assert not EnrolmentCode.objects.filter(code_hash__contains=code.text.replace("-", "")).exists()
    typed = code.text.lower().replace("-", " ")
    assert workflows.enrol(typed, KEY, "0.1.0").pk == world.a.gateway
    assert workflows.enrol(typed, KEY, "0.1.0").pk == world.a.gateway, "asked again because the answer was lost"
    with refused("code_used"):
        workflows.enrol(typed, OTHER_KEY, "0.1.0")
    assert Gateway.objects.get(pk=world.a.gateway).public_key == KEY


def test_misread_signs_are_understood() -> None:
    from zhulian.organisations.workflows.enrolment import normal

    assert normal("oiL0－abcd ") == "0110ABCD"


def test_unknown_and_late_codes_are_named(world: World) -> None:
    with refused("code_unknown"):
        workflows.enrol("AAAA-AAAA", KEY, "0.1.0")
    code = workflows.create_code(world.a.scope, world.a.gateway, world.a.engineer)
    EnrolmentCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with refused("code_expired"):
        workflows.enrol(code.text, KEY, "0.1.0")
    with refused("key_unreadable"):
        workflows.enrol(code.text, "no key", "0.1.0")


def test_a_new_code_ends_the_one_before(world: World) -> None:
    first = workflows.create_code(world.a.scope, world.a.gateway, world.a.engineer)
    workflows.create_code(world.a.scope, world.a.gateway, world.a.engineer)
    with refused("code_unknown"):
        workflows.enrol(first.text, KEY, "0.1.0")


def test_revoking_is_written_for_ingest(world: World, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "revoked.json"
    code = workflows.create_code(world.a.scope, world.a.gateway, world.a.engineer)
    workflows.revoke_gateway(world.a.scope, world.a.gateway, file)
    workflows.revoke_gateway(world.a.scope, world.a.gateway, file)
    assert json.loads(file.read_text()) == [world.a.gateway]
    assert [path.name for path in file.parent.iterdir()] == ["revoked.json"]
    with refused("code_unknown"):
        workflows.enrol(code.text, KEY, "0.1.0")
    with refused("gateway_revoked"):
        workflows.create_code(world.a.scope, world.a.gateway, world.a.engineer)
    assert not queries.is_admitted(world.a.gateway, world.a.enterprise)


def test_a_failed_write_revokes_nothing(world: World, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        workflows.revoke_gateway(world.a.scope, world.a.gateway, tmp_path / "file" / "revoked.json")
    assert Gateway.objects.get(pk=world.a.gateway).revoked_at is None


def test_strangers_cannot_prove_themselves(world: World) -> None:
    for claimed in (world.a.gateway, 999_999, -1, 2**80):
        with pytest.raises(CredentialError):
            workflows.token_holder(claimed, "x", 0)


def test_gateway_names_are_unique_in_an_enterprise(world: World) -> None:
    with refused("gateway_name_wrong"):
        workflows.create_gateway(world.a.scope, world.a.enterprise, " Alderney gateway ")
    with refused("gateway_name_wrong"):
        workflows.create_gateway(world.a.scope, world.a.enterprise, "")
    second = workflows.create_gateway(world.a.scope, world.a.enterprise, "Balthazar gateway")
    workflows.rename_gateway(world.a.scope, second, "另一个")
    assert Gateway.objects.get(pk=second).name == "另一个"


# --- machines


def saved(world: World, config: DeviceConfig, **more: object) -> int:
    return workflows.save_machine(world.a.scope, MachineDraft(world.a.gateway, config, **more), unheard)  # type: ignore[arg-type]


def names_and_ids(machine: int) -> dict[str, int]:
    return dict(Point.objects.filter(machine=machine, removed_at=None).values_list("name", "pk"))


def test_saving_announces_the_next_version(
    world: World, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    told: list[tuple[int, int]] = []
    with django_capture_on_commit_callbacks(execute=True):
        draft = MachineDraft(world.a.gateway, device("新", 2), "一车间")
        made = workflows.save_machine(world.a.scope, draft, lambda *what: told.append(what))
        assert told == [], "nobody is told before it is kept"
    assert told == [(world.a.gateway, 3)]
    assert queries.machine(world.a.scope, made).workshop == "一车间"


def test_a_gateway_that_cannot_be_told_loses_nothing(
    world: World, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    def unreachable(_gateway: int, _version: int) -> None:
        raise ZhulianError("telemetry_unreachable", Text("断", "down"), Text("等", "wait"))

    with django_capture_on_commit_callbacks(execute=True):
        made = workflows.save_machine(world.a.scope, MachineDraft(world.a.gateway, device("新")), unreachable)
    assert queries.configuration(world.a.gateway).devices[-1].id == made


def test_points_keep_their_history_through_edits(world: World) -> None:
    before = names_and_ids(world.a.machine)
    one, two, three = before
    points = (
        PointConfig(id=before[one], name=two, address="40001"),
        PointConfig(id=before[two], name=one, address="40002", scale=0.1),
        PointConfig(name="新点位", address="40009"),
    )
    config = msgspec.structs.replace(device("Alderney"), id=world.a.machine, points=points)
    assert saved(world, config, revision=1) == world.a.machine
    after = names_and_ids(world.a.machine)
    assert (after[two], after[one]) == (before[one], before[two]), "names were swapped, ids stayed"
    assert after["新点位"] not in before.values()
    assert three not in after
    assert Point.objects.get(pk=before[three]).removed_at is not None


def test_points_without_ids_are_known_by_name(world: World) -> None:
    before = names_and_ids(world.a.machine)
    saved(world, msgspec.structs.replace(device("Alderney", 2), id=world.a.machine))
    assert names_and_ids(world.a.machine) == {name: before[name] for name in list(before)[:2]}


def test_a_foreign_point_id_is_not_taken_over(world: World) -> None:
    stolen = PointConfig(id=world.b.points[0], name="x", address="1")
    config = msgspec.structs.replace(device("Alderney"), id=world.a.machine, points=(stolen,))
    saved(world, config)
    assert names_and_ids(world.a.machine)["x"] != world.b.points[0]
    assert Point.objects.get(pk=world.b.points[0]).name == "Balthazar value 1"


def test_two_edits_at_once_do_not_undo_each_other(world: World) -> None:
    config = msgspec.structs.replace(device("Alderney"), id=world.a.machine)
    saved(world, config, revision=1)
    with refused("machine_changed"):
        saved(world, msgspec.structs.replace(config, address="192.0.2.99:502"), revision=1)
    assert Machine.objects.get(pk=world.a.machine).address == "192.0.2.10:502"


def test_a_wrong_machine_is_not_half_saved(world: World) -> None:
    wrong = msgspec.structs.replace(device("新"), points=(PointConfig(name="a", address="1"),) * 2)
    with refused("machine_wrong"):
        saved(world, wrong)
    with refused("machine_name_taken"):
        saved(world, device("Alderney"))
    assert Machine.objects.filter(enterprise_id=world.a.enterprise).count() == 1
    assert Gateway.objects.get(pk=world.a.gateway).configuration_version == 2


def test_nobody_changes_what_belongs_to_others(world: World) -> None:
    for scope in (visible_to(world.b.engineer), visible_to(world.county_b)):
        with pytest.raises(NotVisibleError):
            workflows.save_machine(scope, MachineDraft(world.a.gateway, device("x")), unheard)
        with pytest.raises(NotVisibleError):
            workflows.remove_machine(scope, world.a.machine, unheard)
        with pytest.raises(NotVisibleError):
            workflows.revoke_gateway(scope, world.a.gateway, Path("unused"))
    for scope in (visible_to(world.a.owner), visible_to(world.bureau), visible_to(world.county_a)):
        with pytest.raises(NotAllowedError):
            workflows.save_machine(scope, MachineDraft(world.a.gateway, device("x")), unheard)
        with pytest.raises(NotAllowedError):
            workflows.rename_machine(scope, world.a.machine, "x", unheard)
        with pytest.raises(NotAllowedError):
            workflows.create_gateway(scope, world.a.enterprise, "x")
    moved = msgspec.structs.replace(device("Balthazar"), id=world.b.machine)
    with pytest.raises(NotVisibleError):
        workflows.save_machine(world.a.scope, MachineDraft(world.a.gateway, moved), unheard)


def test_an_administrator_cannot_move_a_machine_to_another_enterprise(world: World) -> None:
    moved = msgspec.structs.replace(device("Balthazar"), id=world.b.machine)
    with pytest.raises(NotVisibleError):
        workflows.save_machine(SYSTEM, MachineDraft(world.a.gateway, moved), unheard)


def test_a_removed_name_is_free_again(world: World) -> None:
    workflows.remove_machine(world.a.scope, world.a.machine, unheard)
    again = saved(world, device("Alderney"))
    assert again != world.a.machine
    assert not set(names_and_ids(again).values()) & set(world.a.points)


def test_a_machine_moves_between_gateways_of_its_enterprise(world: World) -> None:
    second = workflows.create_gateway(world.a.scope, world.a.enterprise, "二号")
    config = msgspec.structs.replace(device("Alderney"), id=world.a.machine)
    workflows.save_machine(world.a.scope, MachineDraft(second, config), unheard)
    assert queries.configuration(world.a.gateway) == GatewayConfig(version=3)
    assert [found.id for found in queries.configuration(second).devices] == [world.a.machine]


def test_renaming_needs_a_free_name(world: World) -> None:
    saved(world, device("第二"))
    with refused("machine_name_taken"):
        workflows.rename_machine(world.a.scope, world.a.machine, "第二 meter", unheard)
    workflows.rename_machine(world.a.scope, world.a.machine, "总表", unheard)
    assert queries.machine(world.a.scope, world.a.machine).name == "总表"


# --- declarations


def test_declared_machines_get_ids_and_keep_them(world: World) -> None:
    own = GatewayConfig(devices=(device("总表"), device("炉子", 1)))
    first = workflows.declare(world.a.gateway, own)
    assert [found.name for found in first.devices] == ["总表 meter", "炉子 meter"]
    assert all(point.id for found in first.devices for point in found.points)
    assert workflows.declare(world.a.gateway, own) == first
    assert queries.configuration(world.a.gateway).version == 2, "the gateway need not fetch what it declared"
    assert len(queries.configuration(world.a.gateway).devices) == 1


def test_what_is_no_longer_declared_goes_and_may_come_back(world: World) -> None:
    own = GatewayConfig(devices=(device("总表"),))
    first = workflows.declare(world.a.gateway, own)
    workflows.declare(world.a.gateway, GatewayConfig())
    assert queries.enterprise(SYSTEM, world.a.enterprise).machines == 1
    assert workflows.declare(world.a.gateway, own) == first


def test_a_declaration_is_taken_whole_or_not_at_all(world: World) -> None:
    wrong = msgspec.structs.replace(device("坏"), points=(PointConfig(name="", address="1"),))
    for devices, code in (
        ((device("好"), wrong), "machine_wrong"),
        ((device("好"), device("好")), "declaration_name_twice"),
        ((device("好"), device("Alderney")), "machine_name_taken"),
        ((device("好"),) * 501, "declaration_too_large"),
    ):
        with refused(code):
            workflows.declare(world.a.gateway, GatewayConfig(devices=devices))
    assert queries.enterprise(SYSTEM, world.a.enterprise).machines == 1


def test_the_portal_does_not_change_declared_machines(world: World) -> None:
    made = workflows.declare(world.a.gateway, GatewayConfig(devices=(device("总表"),))).devices[0]
    with refused("machine_declared"):
        saved(world, made)
    with refused("machine_declared"):
        workflows.remove_machine(world.a.scope, made.id, unheard)


def test_errors_are_said_in_both_languages(world: World) -> None:
    with pytest.raises(RecordsError) as fault:
        saved(world, device("Alderney"))
    assert all(fault.value.as_json().values())


# --- the audit trail


def noted(action: str) -> list[Entry]:
    return list(Entry.objects.filter(action=action))


@pytest.mark.django_db
def test_what_people_change_is_on_record_with_old_and_new(world: World) -> None:
    scope = visible_to(world.a.engineer)
    workflows.rename_machine(scope, world.a.machine, "新名", unheard)
    (entry,) = noted("machine.renamed")
    assert (entry.actor, entry.organisation, entry.subject) == (
        world.a.engineer.pk,
        world.a.enterprise,
        str(world.a.machine),
    )
    assert json.loads(entry.changes) == {"name": ["Alderney meter", "新名"]}


@pytest.mark.django_db
def test_a_machines_password_is_never_on_record(world: World) -> None:
    secret = msgspec.structs.replace(device("n"), options={"password": "very-secret", "unit": 2})
    workflows.save_machine(SYSTEM, MachineDraft(world.a.gateway, secret), unheard)
    changes = noted("machine.created")[-1].changes
    assert "very-secret" not in changes
    assert json.loads(changes)["options.password"] == [None, "•••′"]


@pytest.mark.django_db
def test_a_gateway_that_declares_the_same_again_leaves_no_entry(world: World) -> None:
    declared = GatewayConfig(devices=(device("d"),))
    for _ in range(2):
        workflows.declare(world.a.gateway, declared)
    assert len(noted("machine.declared")) == 1


@pytest.mark.django_db
def test_roles_given_and_taken_are_on_record(world: World) -> None:
    before = noted("account.role_given")
    for _ in range(2):
        workflows.give_role(SYSTEM, "bureau", Role.OWNER, enterprise=world.b.enterprise)
    workflows.take_seat(SYSTEM, queries.members(SYSTEM)[-1].id)
    (given,) = noted("account.role_given")[len(before) :]
    assert (given.organisation, given.actor_name) == (world.b.enterprise, "zhulian")
    assert len(noted("account.role_taken")) == 1


def test_personal_numbers_are_masked_before_they_are_on_record() -> None:
    changes = trail.difference({"phone": "13812345678", "email": ""}, {"phone": "13812345679", "email": "wang@a.cn"})
    assert changes == {"phone": ("138****5678", "138****5679"), "email": ("", "wa****@a.cn")}
    same_mask = trail.difference({"phone": "13800005678"}, {"phone": "13811115678"})
    assert same_mask == {"phone": ("138****5678", "138****5678′")}
