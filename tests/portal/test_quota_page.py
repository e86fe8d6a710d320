"""Quotas on the gateway's page: seen by those who see it, set by administrators, handed to ingest as a file."""

import json
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from peers.records import World
from peers.telemetry import FakeTelemetry
from zhulian.audit.models import Entry
from zhulian.organisations.models import IntakeQuota, User
from zhulian.telemetry.ingest.quotas import Exceptions, Quota, _read

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User | None], Client]


def given() -> Exceptions:
    return _read(settings.ZHULIAN.data.quotas.read_bytes())


def test_an_administrator_sets_it_and_ingest_reads_it(
    world: World, signed_in: SignedIn, telemetry: FakeTelemetry
) -> None:
    browser, address = signed_in(world.administrator), f"/gateways/{world.a.gateway}/"
    assert "每秒 500,000 条" in browser.get(address).content.decode()
    answer = browser.post(f"{address}quota/", {"own_rows": "2,000", "together_mb": "70"}, follow=True)
    text = answer.content.decode()
    assert ("限额已保存" in text, "每秒 2,000 条" in text, "每天 70 MB" in text) == (True, True, True)
    quotas = given()
    assert quotas.gateways == {world.a.gateway: Quota(2000, None)}
    assert quotas.enterprises == {world.a.enterprise: Quota(None, 70)}
    assert json.loads(Entry.objects.get(action="gateway.quota").changes)["gateway_rows_per_s"] == [None, 2000]


def test_an_empty_field_is_the_default_again(world: World, signed_in: SignedIn, telemetry: FakeTelemetry) -> None:
    browser, address = signed_in(world.administrator), f"/gateways/{world.a.gateway}/quota/"
    browser.post(address, {"own_rows": "5"})
    browser.post(address, {"own_rows": ""})
    assert given() == Exceptions()
    assert not IntakeQuota.objects.exists()


@pytest.mark.parametrize("wrong", ["0", "-1", "many", "99999999999"])
def test_nonsense_changes_nothing(world: World, signed_in: SignedIn, telemetry: FakeTelemetry, wrong: str) -> None:
    browser = signed_in(world.administrator)
    answer = browser.post(f"/gateways/{world.a.gateway}/quota/", {"own_rows": wrong, "together_mb": "70"})
    text = answer.content.decode()
    assert (answer.status_code, text.count("限额应是大于 0 的整数")) == (422, 1)
    assert f'value="{wrong}" aria-invalid="true" aria-describedby="q-own_rows-fault"' in text
    assert 'name="together_mb"' in text.split('value="70"')[0].rsplit("<input", 1)[1], "what was right stays as well"
    assert not IntakeQuota.objects.exists()


def test_others_see_it_and_may_not_set_it(world: World, signed_in: SignedIn, telemetry: FakeTelemetry) -> None:
    browser, address = signed_in(world.a.engineer), f"/gateways/{world.a.gateway}/"
    text = browser.get(address).content.decode()
    assert ("接收限额" in text, "设定接收限额" in text) == (True, False)
    assert browser.post(f"{address}quota/", {"own_rows": "5"}).status_code == 403
