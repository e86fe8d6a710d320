"""What workflows leave on record, and what never is."""

import json

import msgspec
import pytest

from peers.records import World, device, unheard
from zhulian.audit.models import Entry
from zhulian.organisations import queries, workflows
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.organisations.workflows import MachineDraft, trail
from zhulian.vocabulary.roles import Role
from zhulian.wire.configuration import GatewayConfig


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
