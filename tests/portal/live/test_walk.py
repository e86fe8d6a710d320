"""The live stream never enters Django's URL map, so it is walked here: as every role, at both enterprises' machines."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import Client

from peers.doors.roles import sees as sees_enterprise
from peers.records import World, make_world
from peers.telemetry import FakeTelemetry
from zhulian.organisations.models import User
from zhulian.portal import asgi
from zhulian.portal.live import streams, values
from zhulian.vocabulary.readings import PointId, TenantId


async def opened(subject: str, cookie: str) -> tuple[int, bytes]:
    """Status and body of one stream; there is no telemetry process behind it, so it ends by itself."""
    said: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(message: Mapping[str, Any]) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/live/{subject}",
        "query_string": b"",
        "headers": [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode())] if cookie else [],
    }
    await asyncio.wait_for(asgi.application(scope, receive, send), 100)
    return said[0]["status"], b"".join(message.get("body", b"") for message in said[1:])


def cookie_of(user: User | None) -> str:
    if user is None:
        return ""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.mark.django_db(transaction=True)
async def test_only_those_in_sight_may_listen(telemetry: FakeTelemetry) -> None:
    world: World = await sync_to_async(make_world)()
    for role, user in {"anonymous": None, **world.people()}.items():
        cookie = await sync_to_async(cookie_of)(user)
        for letter, tenant in (("a", world.a), ("b", world.b)):
            sees = sees_enterprise(role, letter)
            for subject in (f"machine/{tenant.machine}", f"points/{','.join(map(str, tenant.points))}"):
                status, body = await opened(subject, cookie)
                assert (status == 200) == sees, f"{role} got {status} at {subject} of {tenant.marker}"
                assert b"secret-of-the-store" not in body
                if not sees:
                    assert body == b""


@pytest.mark.django_db(transaction=True)
async def test_listed_points_are_narrowed_to_those_in_sight(telemetry: FakeTelemetry) -> None:
    world: World = await sync_to_async(make_world)()
    listed = (*world.a.points, *world.b.points)
    for user, seen in ((world.a.engineer, [world.a]), (world.bureau, [world.a, world.b])):
        cookie = await sync_to_async(cookie_of)(user)
        sources = await sync_to_async(streams._looked_up)(partial(values._sources, listed), cookie)
        assert [source.url for source in sources] == [
            telemetry.live_stream_url(TenantId(tenant.enterprise), [PointId(point) for point in tenant.points])
            for tenant in seen
        ]


@pytest.mark.parametrize("subject", ["points/", "points/1,x", "points/1,,2", f"points/{','.join(['1'] * 201)}", "x/1"])
async def test_an_address_that_names_no_points_is_no_stream(subject: str) -> None:
    assert (await opened(subject, ""))[0] == 404
