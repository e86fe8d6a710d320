"""schemathesis over the OpenAPI document: whatever is asked, no 5xx, no undocumented status, answers as declared.

Every operation is walked as several people, with values that fit the document, values that do not, and the ids of real
records. The seed is fixed and the number of questions bounded, so that a run says the same thing twice.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy

import pytest
import schemathesis
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, Verbosity, given
from hypothesis import settings as bounded
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from peers.alarm_rows import make_alarms
from peers.doors.operations import PARAMETERS
from peers.evidence import give_evidence
from peers.records import Tenant, World
from peers.telemetry import FakeTelemetry
from zhulian.organisations.models import User
from zhulian.portal.api.urls import api

QUESTIONS = 10
"""For each operation and person."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
PEOPLE = ("anonymous", "engineer_a", "bureau")
EVERYTHING = bounded(
    max_examples=QUESTIONS,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    verbosity=Verbosity.quiet,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def modules_world(modules_world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """With facts, documents and alarms, so that every operation has something to answer."""
    make_alarms(modules_world)
    return give_evidence(modules_world, tmp_path_factory.mktemp("files"))


def operations() -> list[APIOperation]:
    """All operations of the document, answered by the portal itself within this process."""
    document = schemathesis.openapi.from_dict(deepcopy(dict(api.get_openapi_schema())))
    document.app = get_wsgi_application()
    return [found.ok() for found in document.get_all_operations()]


OPERATIONS = operations()


def questions(operation: APIOperation, tenant: Tenant) -> "st.SearchStrategy[Case]":
    """What fits, what fits and names a real record, and what does not fit."""
    names = [parameter.name for parameter in operation.path_parameters]
    real = {name: PARAMETERS[name](tenant) for name in names}
    must = [parameter.name for parameter in operation.query if parameter.is_required]
    asked = {name: PARAMETERS[name](tenant) for name in must if name in PARAMETERS}
    known = operation.as_strategy(
        GenerationMode.POSITIVE, path_parameters=real or None, **{"query": asked} if asked else {}
    )
    wrong = operation.as_strategy(GenerationMode.NEGATIVE)
    has_any = bool(names or list(operation.query) or operation.body)
    kinds = [known, operation.as_strategy(GenerationMode.POSITIVE)] + ([wrong] if has_any else [])
    return st.one_of(kinds)


@pytest.fixture
def kept_connection() -> Iterator[None]:
    """As in Django's own test client: a request leaves open the connection whose transaction holds the world."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("kept_connection")
@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.label for operation in OPERATIONS])
def test_answers_are_as_the_document_says(
    world: World,
    telemetry: FakeTelemetry,
    signed_in: Callable[[User | None], Client],
    operation: APIOperation,
    who: str,
) -> None:
    jar = signed_in(world.people().get(who)).cookies
    cookies = {name: jar[name].value for name in (settings.SESSION_COOKIE_NAME,) if name in jar}

    statuses = set()

    @EVERYTHING
    @given(case=questions(operation, world.a))
    def asked(case: Case) -> None:
        status = case.call_and_validate(checks=CHECKS, cookies=cookies).status_code
        is_stranger = who == "anonymous" or "Authorization" in (case.headers or {})  # an invented key opens nothing
        assert status != 401 or is_stranger
        assert status in {401, 422} or who != "anonymous"  # 422: NUL is refused before anybody is asked who they are
        statuses.add(status)

    asked()
    assert who != "bureau" or 200 in statuses


def test_the_document_is_walked_whole() -> None:
    described = {(path, verb) for path, verbs in api.get_openapi_schema()["paths"].items() for verb in verbs}
    assert len(OPERATIONS) == len(described) > 10
