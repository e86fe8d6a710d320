"""Gateways: enrolled once by a code, revoked for good, named once in an enterprise."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from peers.records import World
from peers.refusals import refused
from zhulian.organisations import queries, workflows
from zhulian.organisations.models import EnrolmentCode, Gateway
from zhulian.wire.credentials import CredentialError, public_text

KEY = public_text(Ed25519PrivateKey.generate())
OTHER_KEY = public_text(Ed25519PrivateKey.generate())


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
