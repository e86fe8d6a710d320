"""One world for a whole module of the walk: made once, signed in once, and rolled back behind every test."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.utils.html import escape
from django.utils.translation import get_language
from pytest_django.plugin import DjangoDbBlocker

from peers.alarm_rows import make_alarms
from peers.desk_rows import make_desk
from peers.evidence import give_evidence
from peers.kept_rows import make_kept
from peers.records import World, make_world
from peers.register_rows import keep_files, make_register
from peers.retention_rows import make_retention
from peers.telemetry import FakeTelemetry, aside
from zhulian.organisations.models import User
from zhulian.portal.pages import errors
from zhulian.telemetry.queries import GatewayState
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.errors import ZhulianError
from zhulian.wire.status import DeviceStatus, GatewayStatus

LONGEST_WALK_S = 7200
"""So long nobody is asked for the password again, on a slow machine too."""
READINGS = {"a": 1234.5678, "b": 8765.4321}


@dataclass(frozen=True)
class Kept:
    """The world and the session key of each of its people."""

    world: World
    sessions: dict[int, str]
    files: Path
    """Where their documents lie."""
    refusals: dict[str, bytes] = field(default_factory=dict)
    """Pages that say no, by whom they say it to and what they say."""


@pytest.fixture(scope="module")
def kept(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kept]:
    """Made in a transaction around the module; each test has one of its own inside, so none sees another's traces."""
    settings = override_settings(SECRET_KEY="only-for-tests", ACCOUNT_REAUTHENTICATION_TIMEOUT=LONGEST_WALK_S)
    with django_db_blocker.unblock(), settings, transaction.atomic():
        files = tmp_path_factory.mktemp("files")
        keep_files(files)
        world = give_evidence(make_world(), files)
        make_desk(world)
        make_alarms(world)
        make_register(world)
        make_kept(world)
        make_retention(world)
        yield Kept(world, {user.pk: _session_of(user) for user in world.people().values()}, files)
        transaction.set_rollback(True)


@pytest.fixture
def world(kept: Kept, db: None, telemetry: FakeTelemetry) -> World:
    """Both enterprises with readings, live gateways and names of their own everywhere."""
    folder = django_settings.ZHULIAN.data.files
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.symlink_to(kept.files)
    now = system_clock()
    for letter, tenant in (("a", kept.world.a), ("b", kept.world.b)):
        telemetry.give(tenant.enterprise, tenant.points[0], READINGS[letter], start_us=now - 5_000_000)
        device = DeviceStatus(id=tenant.machine, name=f"{tenant.marker} meter", state="running")
        status = GatewayStatus(version="1", devices=(device,))
        telemetry.gateway_states[tenant.gateway] = GatewayState(tenant.gateway, True, now, 0, status)
        telemetry.asides.append(aside(tenant.enterprise, tenant.enterprise, tenant.gateway, now))
    return kept.world


@pytest.fixture(autouse=True)
def drawn_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine answers of ten are refusals. Each person's page that says so is drawn once for each thing it says."""
    if "world" not in request.fixturenames:
        return
    kept: Kept = request.getfixturevalue("kept")
    draw = errors._sorry

    def sorry(request: HttpRequest, status: int, cause: object, what: object, next_step: object) -> HttpResponse:
        said = cause.as_json() if isinstance(cause, ZhulianError) else (f"{what}", f"{next_step}")
        key = f"{request.user.pk} {get_language()} {status} {said}"
        if key not in kept.refusals:
            drawn = draw(request, status, cause, what, next_step).content
            kept.refusals[key] = drawn.replace(escape(request.get_full_path()).encode(), b"/")  # others ask elsewhere
        return HttpResponse(kept.refusals[key], status=status)

    monkeypatch.setattr(errors, "_sorry", sorry)


@pytest.fixture
def signed_in(kept: Kept) -> Callable[[User | None], Client]:
    """A browser in which that person signed in earlier; ``None`` is a stranger's."""

    def browser(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.cookies[django_settings.SESSION_COOKIE_NAME] = kept.sessions[user.pk]
        return client

    return browser


def _session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    # Whoever has just typed the password is not asked for it again, so that the doors behind that question are walked.
    session = client.session
    typed = {"method": "password", "at": time.time(), "username": user.username, "reauthenticated": True}
    session["account_authentication_methods"] = [typed]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client.cookies[django_settings.SESSION_COOKIE_NAME].value
