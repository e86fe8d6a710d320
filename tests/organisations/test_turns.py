"""Two people at the same moment on PostgreSQL: the second one waits, and is then told."""

from collections.abc import Callable
from concurrent.futures import Future

from django.db import transaction

from peers.records import credit_code
from zhulian.organisations import workflows
from zhulian.organisations.models import Enterprise, Gateway
from zhulian.organisations.rules import RecordsError
from zhulian.organisations.tenancy import SYSTEM

Beside = Callable[[Callable[[], object]], "Future[object]"]
NEW = workflows.NewEnterprise("同时建档", credit_code(900), "C3360", "341502")


def held_by_the_first(two_connections: Beside, call: Callable[[], object]) -> object:
    """What the second one gets who calls while the first one's transaction is open."""
    with transaction.atomic():
        call()
        second = two_connections(call)
        assert second.done() is False
    return second.exception(200)


def test_the_second_file_of_a_code_is_refused(two_connections: Beside) -> None:
    fault = held_by_the_first(two_connections, lambda: workflows.create_enterprise(SYSTEM, NEW))
    assert isinstance(fault, RecordsError)
    assert fault.code == "enterprise_exists"
    assert Enterprise.objects.filter(credit_code=NEW.credit_code).count() == 1


def test_the_second_gateway_of_a_name_is_refused(two_connections: Beside) -> None:
    firm = workflows.create_enterprise(SYSTEM, NEW)
    fault = held_by_the_first(two_connections, lambda: workflows.create_gateway(SYSTEM, firm, "东车间网关"))
    assert isinstance(fault, RecordsError)
    assert Gateway.objects.filter(enterprise=firm).count() == 1
