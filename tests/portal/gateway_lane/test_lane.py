"""A gateway at the portal's door: enrol, prove itself, fetch its configuration, declare its own machines."""

import json
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.test import Client

from peers.records import World, device, unheard
from zhulian.organisations import workflows
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.readings import TenantId, TimeUs
from zhulian.wire import lane
from zhulian.wire.configuration import GatewayConfig
from zhulian.wire.credentials import (
    issue_token,
    load_or_create_key,
    public_text,
    sign_assertion,
    verify_token,
)

KEY = Ed25519PrivateKey.generate()


def post(path: str, body: object, token: str = "") -> "Client.response_class":
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return Client().post(path, raw, content_type="application/json", headers=headers)


def fetch(token: str, etag: str = "") -> "Client.response_class":
    headers = {"authorization": f"Bearer {token}"} | ({"if-none-match": etag} if etag else {})
    return Client().get(lane.CONFIGURATION, headers=headers)


@pytest.fixture
def enrolled(world: World) -> World:
    code = workflows.create_code(world.a.scope, world.a.gateway, world.a.engineer)
    answer = post(lane.ENROL, lane.Enrolment(code.text, public_text(KEY), "n", "0.1.0"))
    assert answer.status_code == 200, answer.content
    assert msgspec.json.decode(answer.content, type=lane.Enrolled) == lane.Enrolled(
        world.a.gateway, "Alderney Works", "http://127.0.0.1:8001"
    )
    return world


def token_of(world: World) -> str:
    answer = post(lane.TOKEN, lane.TokenRequest(sign_assertion(KEY, world.a.gateway, system_clock())))
    assert answer.status_code == 200, answer.content
    return msgspec.json.decode(answer.content, type=lane.TokenAnswer).token


def test_a_token_names_gateway_and_enterprise(enrolled: World) -> None:
    public = load_or_create_key(settings.ZHULIAN.data.keys / "platform.pem").public_key()
    found = verify_token(token_of(enrolled), public, system_clock())
    assert (found.gateway, found.tenant) == (enrolled.a.gateway, enrolled.a.enterprise)


def test_the_configuration_is_fetched_once_a_version(enrolled: World) -> None:
    token = token_of(enrolled)
    first = fetch(token)
    found = msgspec.json.decode(first.content, type=GatewayConfig)
    assert [point.id for point in found.devices[0].points] == list(enrolled.a.points)
    again = fetch(token, first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    workflows.save_machine(enrolled.a.scope, workflows.MachineDraft(enrolled.a.gateway, device("x")), unheard)
    newer = fetch(token, first.headers["ETag"])
    assert newer.status_code == 200
    assert newer.headers["ETag"] != first.headers["ETag"]


def test_declaring_answers_with_ids(enrolled: World) -> None:
    own = GatewayConfig(devices=(device("own", 2),))
    answer = post(lane.DECLARE, own, token_of(enrolled))
    found = msgspec.json.decode(answer.content, type=GatewayConfig)
    assert found.devices[0].id
    assert all(point.id for point in found.devices[0].points)
    refused = post(lane.DECLARE, GatewayConfig(devices=(device("own"), device("own"))), token_of(enrolled))
    assert (refused.status_code, refused.json()["code"]) == (422, "declaration_name_twice")


def test_a_revoked_gateway_is_out(enrolled: World) -> None:
    token = token_of(enrolled)
    workflows.revoke_gateway(enrolled.a.scope, enrolled.a.gateway, settings.ZHULIAN.data.revoked)
    assert json.loads(Path(settings.ZHULIAN.data.revoked).read_text()) == [enrolled.a.gateway]
    assert fetch(token).json()["code"] == "gateway_revoked"
    answer = post(lane.TOKEN, lane.TokenRequest(sign_assertion(KEY, enrolled.a.gateway, system_clock())))
    assert (answer.status_code, answer.json()["code"]) == (401, "gateway_revoked")


def test_nobody_is_admitted_without_a_good_token(enrolled: World) -> None:
    key = load_or_create_key(settings.ZHULIAN.data.keys / "platform.pem")
    gateway, tenant = enrolled.a.gateway, TenantId(enrolled.a.enterprise)
    now = system_clock()
    tokens = {
        "token_missing": "",
        "token_invalid": issue_token(Ed25519PrivateKey.generate(), gateway, tenant, now),
        "token_expired": issue_token(key, gateway, tenant, TimeUs(now - 3_600_000_000)),
        "gateway_revoked": issue_token(key, gateway, TenantId(enrolled.b.enterprise), now),
    }
    for code, token in tokens.items():
        answer = fetch(token)
        assert (answer.status_code, answer.json()["code"]) == (401, code)


def test_another_key_gets_no_token(enrolled: World) -> None:
    for gateway in (enrolled.a.gateway, enrolled.b.gateway, 10**6):
        forged = sign_assertion(Ed25519PrivateKey.generate(), gateway, system_clock())
        assert post(lane.TOKEN, lane.TokenRequest(forged)).status_code == 401


def test_wrong_codes_are_named(world: World) -> None:
    answer = post(lane.ENROL, lane.Enrolment("ZZZZ-ZZZZ", public_text(KEY), "n", "v"))
    assert (answer.status_code, answer.json()["code"]) == (404, "code_unknown")
    code = workflows.create_code(world.a.scope, world.a.gateway, world.a.engineer)
    answer = post(lane.ENROL, lane.Enrolment(code.text, "not a key", "n", "v"))
    assert (answer.status_code, answer.json()["code"]) == (400, "key_unreadable")


def test_guessing_is_slowed_down(world: World) -> None:
    wrong = lane.Enrolment("ZZZZ-ZZZZ", public_text(KEY), "n", "v")
    answers = [post(lane.ENROL, wrong) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [404] * 10 + [429]
    assert answers[-1].headers["Retry-After"] == "60"
    code = workflows.create_code(world.a.scope, world.a.gateway, world.a.engineer)
    assert post(lane.ENROL, lane.Enrolment(code.text, public_text(KEY), "n", "v")).status_code == 429


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"code": 1}', b"\xff\xfe", b"[" * 100_000])
@pytest.mark.parametrize("path", [lane.ENROL, lane.TOKEN])
def test_nonsense_is_refused_kindly(db: None, path: str, body: bytes) -> None:
    answer = post(path, body)
    assert answer.status_code == 400
    assert answer.json()["next_zh"]


def test_a_huge_body_is_refused(enrolled: World) -> None:
    answer = post(lane.DECLARE, b" " * (13 * 1024 * 1024), token_of(enrolled))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_only_the_agreed_methods(db: None) -> None:
    assert Client().get(lane.ENROL).status_code == 405
    assert Client().post(lane.CONFIGURATION).status_code == 405
