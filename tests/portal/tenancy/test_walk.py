"""The tenancy test: every address and every API operation, as every role, with one's own records and with another's.

It is made from the URL map and from the OpenAPI document, so nothing can be left out: an address without a line in
``doors`` fails. In every answer it looks for the other enterprise's name, code, ids and readings.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db.models import Model
from django.http import HttpResponseBase
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from pytest_django.plugin import DjangoDbBlocker

from peers import doors
from peers.doors import operations, roles
from peers.doors.door import Door, nothing
from peers.records import Tenant, World
from peers.telemetry import FakeTelemetry
from portal.tenancy.conftest import READINGS, Kept
from zhulian.organisations.models import User
from zhulian.portal.api.urls import api

SignedIn = Callable[[User | None], Client]
State = dict[str, object]
ROLES = sorted(roles.ANYBODY)


def patterns(
    resolver: URLResolver | None = None, inside_api: bool = False, above: frozenset[str] = frozenset()
) -> Iterator[tuple[bool, URLPattern, list[str]]]:
    """Every address of the portal, whether it belongs to the API, and what its path asks for."""
    for entry in (resolver or get_resolver()).url_patterns:
        names = above | entry.pattern.regex.groupindex.keys()
        if isinstance(entry, URLResolver):
            yield from patterns(entry, inside_api or entry.namespace == "api", names)
        else:
            yield inside_api, entry, sorted(names)


PAGES = [(pattern.name, arguments) for is_api, pattern, arguments in patterns() if not is_api]
OPERATIONS = [
    (method.upper(), path, operation)
    for path, operations in api.get_openapi_schema()["paths"].items()
    for method, operation in operations.items()
]


def people(world: World) -> dict[str, User | None]:
    return {"anonymous": None, **world.people()}


def secrets(tenant: Tenant, letter: str) -> set[str]:
    """What betrays a tenant: its marker (in every name), its code, ids of all its records, and its readings."""
    ids = {str(number) for number in (tenant.enterprise, tenant.gateway, tenant.machine, *tenant.points)}
    return {
        tenant.marker.lower(),
        tenant.code.lower(),
        f"{READINGS[letter]}",
        f"{tenant.figure:,}",
        f"{tenant.figure}",
        *ids,
    }


def text_of(answer: HttpResponseBase) -> str:
    """Body and headers, lower case; workbooks are unpacked, because a leak inside a zip is a leak."""
    body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined, arg-type]
    if body.startswith(b"PK\x03\x04"):
        import io
        import zipfile

        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b"\n".join(archive.read(name) for name in archive.namelist())
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return f"{headers}\n{body.decode('utf-8', 'replace')}".lower()


def refuse_leaks(answer: HttpResponseBase, role: str, world: World, asked: str) -> str:
    """No word of a tenant that ``role`` may not see; what was in the request may come back in a refusal. The text."""
    text = text_of(answer)
    for letter, tenant in (("a", world.a), ("b", world.b)):
        if roles.sees(role, letter):
            continue
        told = [secret for secret in secrets(tenant, letter) if secret in text and secret not in asked.lower()]
        found = [secret for secret in told if re.search(rf"(?<![\w.]){re.escape(secret)}(?![\w.])", text)]
        assert not found, f"{role} asked {asked} ({answer.status_code}) and learned {found}"
    return text


def told_by_link(door: Door, tenant: Tenant) -> str:
    """A link that was sent to somebody names the house it leads to, and nothing else of it."""
    return f" {tenant.marker}" if door.by_secret else ""


def is_open(answer: HttpResponseBase) -> bool:
    leads_to_sign_in = answer.status_code == 302 and "/sign-in/" in answer.headers["Location"]
    return answer.status_code < 400 and not leads_to_sign_in


def address(name: str, tenant: Tenant) -> str:
    door = doors.DOORS[name]
    query = urlencode(door.query(tenant))
    return reverse(name, kwargs=door.fill(tenant)) + (f"?{query}" if query else "")


# --- nothing is left out


def test_every_address_has_a_line() -> None:
    assert sorted({str(name) for name, _ in PAGES} - doors.DOORS.keys()) == [], "add a line in peers/doors"


def test_no_line_is_left_over() -> None:
    assert sorted(doors.DOORS.keys() - {str(name) for name, _ in PAGES}) == []


def test_no_address_has_two_lines() -> None:
    assert sum(map(len, doors.SUBJECTS)) == len(doors.DOORS)


def test_every_line_fills_its_address(world: World) -> None:
    for name, arguments in PAGES:
        try:
            assert sorted(doors.DOORS[str(name)].fill(world.a)) == arguments
            address(str(name), world.a)
        except NoReverseMatch as fault:
            pytest.fail(f"{name}: {fault}")


def test_every_parameter_of_the_api_is_known() -> None:
    named = {parameter["name"] for _, _, operation in OPERATIONS for parameter in operation.get("parameters", ())}
    assert sorted(named - operations.PARAMETERS.keys() - operations.HARMLESS) == [], (
        "add it to PARAMETERS or HARMLESS in peers/doors/operations.py"
    )


def test_no_operation_hides_from_the_document() -> None:
    mounted = {pattern.name for is_api, pattern, _ in patterns() if is_api}
    rooms = re.compile("zhulian_portal_api_(alarms|city|facts|lines|raw|readings|records)_")
    known = {rooms.sub("", operation["operationId"], count=1) for _, _, operation in OPERATIONS}
    assert mounted == known | {"openapi-json", "api-root"}


# --- pages


@pytest.mark.parametrize("name", sorted({str(name) for name, _ in PAGES}))
def test_doors_open_for_those_who_may(world: World, signed_in: SignedIn, name: str) -> None:
    door = doors.DOORS[name]
    for role, user in people(world).items():
        asked = address(name, world.a)
        answer = signed_in(user).get(asked)
        refuse_leaks(answer, role, world, asked + told_by_link(door, world.a))
        if role in door.open_to:
            assert is_open(answer), f"{role} was refused {asked}: {answer.status_code}"
        elif role == "anonymous" and door.is_page:
            assert answer.status_code == 302, asked
            assert "/sign-in/" in answer.headers["Location"]
        elif door.open_to and door.fill is not nothing:
            assert answer.status_code in {403, 404}, f"{role} got {answer.status_code} at {asked}"


def pairs(world: World) -> Iterator[tuple[str, User | None, str, Tenant]]:
    """Everybody with A's records, and A's people with B's. B's own people are mirror images of A's."""
    for role, user in people(world).items():
        yield role, user, "a", world.a
        if role.endswith("_a"):
            yield role, user, "b", world.b


def strangers(world: World) -> Iterator[tuple[str, User | None, Tenant]]:
    """Everybody together with a tenant whose records are no business of theirs."""
    return ((role, user, tenant) for role, user, letter, tenant in pairs(world) if not roles.sees(role, letter))


@pytest.mark.parametrize("name", sorted(name for name, arguments in PAGES if doors.DOORS.get(str(name)) and arguments))
def test_anothers_records_do_not_exist(
    world: World, signed_in: SignedIn, telemetry: FakeTelemetry, untouched: State, name: str
) -> None:
    if doors.DOORS[name].fill(world.a) == doors.DOORS[name].fill(world.b):
        return
    if doors.DOORS[name].by_secret:
        return  # whoever holds the link may follow it
    before = untouched | {"asked": []}
    for role, user, tenant in strangers(world):
        asked = address(name, tenant)
        client = signed_in(user)
        for answer in (client.get(asked), client.post(asked, {})):
            refuse_leaks(answer, role, world, asked)
            if doors.DOORS[name].is_public:
                continue
            assert not is_open(answer), f"{role} got into {asked}"
            if user is not None:
                assert answer.status_code in {404, 405}, f"{role} got {answer.status_code} at {asked}"
    assert state_of(telemetry) == before


def state_of(telemetry: FakeTelemetry) -> State:
    """Every row of every room, and whether a gateway was asked for anything: what no refused post may change."""
    return _rows() | {"asked": list(telemetry.asked)}


@pytest.fixture(scope="module")
def untouched(kept: Kept, django_db_blocker: DjangoDbBlocker) -> State:
    """The rows that every test here begins with."""
    with django_db_blocker.unblock():
        return _rows()


def _rows() -> State:
    ours = [model for model in apps.get_models() if model.__module__.startswith("zhulian.")]
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values_list(*_columns(model)))
        for model in ours
        if model._meta.label not in doors.WRITTEN_BY_LOOKING
    }


def _columns(model: type[Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if field.name != "last_login"]


@pytest.mark.parametrize("name", sorted(name for name, door in doors.DOORS.items() if door.form))
def test_nobody_changes_what_they_may_not(
    world: World, signed_in: SignedIn, telemetry: FakeTelemetry, untouched: State, name: str
) -> None:
    """With the record in the address, and with another's record only in the form."""
    door, before = doors.DOORS[name], untouched | {"asked": []}
    assert door.form is not None
    for role, user, letter, tenant in pairs(world):
        if role in roles.for_letter(door.changed_by, letter):
            continue
        form = door.form(tenant)
        for standing in (world.a, world.b) if {"gateway", "enterprise"} & form.keys() else (tenant,):
            asked = address(name, standing)
            answer = signed_in(user).post(asked, form)
            refuse_leaks(answer, role, world, f"{asked} {form}")
            if user is None or not roles.sees(role, letter):
                assert answer.status_code in {302, 403, 404}, f"{role} got {answer.status_code} at {asked}"
    assert state_of(telemetry) == before


@pytest.mark.parametrize("name", sorted(name for name, door in doors.DOORS.items() if not door.form and door.is_page))
def test_every_form_is_declared(world: World, signed_in: SignedIn, name: str) -> None:
    """Whatever takes a post has to say in its line what is posted and who may."""
    for user in (world.administrator, world.a.engineer, world.a.owner):
        answer = signed_in(user).post(address(name, world.a), {})
        assert answer.status_code in {403, 404, 405}, f"{name} takes a post; add form and changed_by to its line"


def test_search_and_filters_betray_no_name(world: World, signed_in: SignedIn) -> None:
    for role, user in people(world).items():
        for letter, tenant in (("a", world.a), ("b", world.b)):
            if roles.sees(role, letter):
                continue
            client = signed_in(user)
            hit, miss = (
                client.get("/api/v1/enterprises", {"text": word}) for word in (tenant.marker, "no such enterprise")
            )
            assert hit.content == miss.content


# --- the API


def call(client: Client, operation: dict[str, Any], method: str, path: str, tenant: Tenant | None) -> tuple[str, Any]:
    """One call with every parameter that names a record pointing at ``tenant`` (only required ones when ``None``)."""
    query: dict[str, object] = {}
    for parameter in operation.get("parameters", ()):
        name = parameter["name"]
        if name not in operations.PARAMETERS or tenant is None:
            continue
        value = operations.PARAMETERS[name](tenant)
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", str(value))
        else:
            query[name] = value
    asked = f"{path}?{urlencode(query)}"
    return asked, client.generic(method, asked)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=[f"{m} {p}" for m, p, _ in OPERATIONS])
def test_operations_answer_for_those_who_may(
    world: World, signed_in: SignedIn, method: str, path: str, operation: dict[str, Any]
) -> None:
    for (role, user), (letter, tenant) in itertools.product(people(world).items(), (("a", world.a), ("b", world.b))):
        asked, answer = call(signed_in(user), operation, method, path, tenant)
        refuse_leaks(answer, role, world, asked)
        names_record = asked.rstrip("?") != path
        if user is None:
            assert answer.status_code == 401, asked
        elif roles.sees(role, letter) or not names_record:
            assert answer.status_code == 200, f"{role} was refused {asked}: {answer.content!r}"
        else:
            assert answer.status_code == 404, f"{role} got {answer.status_code} at {asked}"


@pytest.mark.parametrize("path", sorted(operations.EVERYBODYS_OPERATIONS))
@pytest.mark.parametrize("role", ROLES)
def test_lists_hold_ones_own_part(world: World, signed_in: SignedIn, role: str, path: str) -> None:
    answer = signed_in(people(world)[role]).get(path)
    text = refuse_leaks(answer, role, world, path)
    assert answer.status_code == (401 if role == "anonymous" else 200)
    for letter, tenant in (("a", world.a), ("b", world.b)):
        if roles.sees(role, letter) and path not in {"/api/v1/areas", "/api/v1/fact-keys"} and "/city/" not in path:
            assert tenant.marker.lower() in text


def test_the_walk_notices_a_leak(world: World, signed_in: SignedIn) -> None:
    answer = signed_in(world.bureau).get("/api/v1/enterprises")
    with pytest.raises(AssertionError, match="learned"):
        refuse_leaks(answer, "engineer_a", world, "/api/v1/enterprises")
