"""The live stream never enters Django's URL map, so it is walked here: as every role, at both enterprises' machines."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import Client

from peers import doors
from peers.records import World, make_world
from peers.telemetry import FakeTelemetry
from zhulian.organisations.models import User
from zhulian.portal import asgi


async def opened(machine: int, cookie: str) -> tuple[int, bytes]:
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
        "path": f"/live/machine/{machine}",
        "query_string": b"",
        "headers": [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode())] if cookie else [],
    }
    await asyncio.wait_for(asgi.application(scope, receive, send), 20)
    return said[0]["status"], b"".join(message.get("body", b"") for message in said[1:])


def cookie_of(user: User | None) -> str:
    if user is None:
        return ""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.mark.django_db(transaction=True)
async def test_only_those_in_sight_of_a_machine_may_listen(telemetry: FakeTelemetry) -> None:
    world: World = await sync_to_async(make_world)()
    for role, user in {"anonymous": None, **world.people()}.items():
        cookie = await sync_to_async(cookie_of)(user)
        for letter, tenant in (("a", world.a), ("b", world.b)):
            status, body = await opened(tenant.machine, cookie)
            sees = doors.sees(role, letter)
            assert (status == 200) == sees, f"{role} got {status} at the machine of {tenant.marker}"
            assert b"secret-of-the-store" not in body
            if not sees:
                assert body == b""
