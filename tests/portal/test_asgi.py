"""What a page knows of its connection when it comes the way the real server brings it."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings as DjangoSettings

from peers.records import make_world
from zhulian.portal import asgi, urls
from zhulian.portal.pages.access import Visit, page


@page
def where(request: Visit) -> HttpResponse:
    """Says where the page was asked for, and whose rights it was given."""
    return HttpResponse(f"{request.build_absolute_uri()} {request.rights.person}")


urlpatterns = [path("where/", where), *urls.urlpatterns]


async def asked(scheme: str, cookie: str) -> tuple[int, str]:
    """Status and body of ``/where/``, asked for over ``scheme``."""
    said: list[Mapping[str, Any]] = []
    body = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Mapping[str, Any]:
        if not body:
            await asyncio.Event().wait()
        return body.pop()

    async def send(message: Mapping[str, Any]) -> None:
        said.append(message)

    pair = f"{settings.SESSION_COOKIE_NAME}={cookie}"
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": scheme,
        "path": "/where/",
        "query_string": b"",
        "headers": [(b"host", b"city.test"), (b"cookie", pair.encode())],
    }
    await asyncio.wait_for(asgi.application(scope, receive, send), 100)
    return said[0]["status"], b"".join(message.get("body", b"") for message in said[1:]).decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_page_tells_http_from_https(settings: DjangoSettings, scheme: str) -> None:
    settings.ROOT_URLCONF, settings.ALLOWED_HOSTS = __name__, ["city.test"]
    engineer = (await sync_to_async(make_world)()).a.engineer
    client = Client()
    await sync_to_async(client.force_login)(engineer)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert await asked(scheme, cookie) == (200, f"{scheme}://city.test/where/ {engineer.pk}")
