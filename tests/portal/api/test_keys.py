"""Keys for programs at the public interface: what opens, what does not, and how often."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings as DjangoSettings

from peers.records import World
from peers.telemetry import FakeTelemetry
from zhulian.organisations.models import ApiKey
from zhulian.organisations.tenancy import visible_to
from zhulian.organisations.workflows import create_api_key
from zhulian.portal.api import access, readings, records
from zhulian.portal.api.access import Key
from zhulian.portal.api.limits import Limits
from zhulian.vocabulary.clock import system_clock


@pytest.fixture(autouse=True)
def own_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids of keys begin anew in every test, so their counts must too."""
    monkeypatch.setattr(access, "limits", lambda: Limits(tmp_path / "api-keys", system_clock))


def key(world: World, *scopes: str) -> dict[str, str]:
    made = create_api_key(visible_to(world.a.engineer), "board", frozenset(scopes), 30)
    return {"Authorization": f"Bearer {made.text}"}


def test_a_key_opens_its_scope_and_no_other(world: World, telemetry: FakeTelemetry) -> None:
    headers = key(world, "records:read")
    answer = Client().get("/api/v1/enterprises", headers=headers)
    assert [row["id"] for row in answer.json()["rows"]] == [world.a.enterprise]
    assert Client().get(f"/api/v1/enterprises/{world.b.enterprise}", headers=headers).status_code == 404
    refused = Client().get("/api/v1/latest", {"points": world.a.points[0]}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "key_scope_missing")
    both = key(world, "records:read", "readings:read")
    assert Client().get("/api/v1/latest", {"points": world.a.points[0]}, headers=both).status_code == 200
    assert ApiKey.objects.exclude(last_used_at=None).count() == 2


def test_a_wrong_key_is_not_helped_by_a_session(world: World) -> None:
    client = Client()
    client.force_login(world.administrator)
    answer = client.get("/api/v1/enterprises", headers={"Authorization": "Bearer zl_abcdefgh_wrong"})
    assert (answer.status_code, answer.json()["code"]) == (401, "key_unknown")


def test_a_key_opens_no_page(world: World) -> None:
    assert Client().get("/enterprises/", headers=key(world, "records:read")).status_code == 302


def test_too_many_calls_are_told_when_to_come_back(world: World, settings: DjangoSettings) -> None:
    settings.ZHULIAN_API_REQUESTS_PER_MINUTE = 3
    headers = key(world, "records:read")
    answers = [Client().get("/api/v1/areas", headers=headers) for _ in range(5)]
    last = next(answer for answer in answers if answer.status_code != 200)
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert 1 <= int(last.headers["Retry-After"]) <= 20
    assert last.headers["RateLimit-Policy"] == '"key";q=3;w=60'
    assert last.headers["RateLimit"] == f'"key";r=0;t={last.headers["Retry-After"]}'
    assert [answer.headers["RateLimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0", "r=0", "r=0"]
    assert last.json()["next_en"].startswith("Try again in")
    assert Client().get("/api/v1/areas", headers=key(world, "records:read")).status_code == 200


def test_a_closed_account_closes_its_keys(world: World) -> None:
    headers = key(world, "records:read")
    world.a.engineer.is_active = False
    world.a.engineer.save()
    assert Client().get("/api/v1/areas", headers=headers).status_code == 401


@pytest.mark.parametrize(("router", "scope"), [(records.router, "records:read"), (readings.router, "readings:read")])
def test_each_router_asks_for_its_scope(router: object, scope: str) -> None:
    assert [one.scope for one in router.auth if isinstance(one, Key)] == [scope]  # type: ignore[attr-defined]
