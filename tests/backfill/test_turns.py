"""Two people at the same moment on PostgreSQL: of two drafts of one file the second does not begin beside the first."""

from collections.abc import Callable
from concurrent.futures import Future, wait

from django.db import transaction

from peers.records import credit_code
from zhulian.backfill import workflows
from zhulian.backfill.rules import BackfillRefused
from zhulian.organisations.models import Machine, Point
from zhulian.organisations.tenancy import SYSTEM
from zhulian.organisations.workflows import NewEnterprise, create_enterprise

Beside = Callable[[Callable[[], object]], "Future[object]"]


def test_two_drafts_of_one_file_begin_one_after_the_other(two_connections: Beside) -> None:
    firm = create_enterprise(SYSTEM, NewEnterprise("同时导入", credit_code(901), "C3360", "341502"))
    machine = Machine.objects.create(enterprise_id=firm, name="压力机")
    Point.objects.create(machine=machine, name="压力")
    first, second = (workflows.upload(SYSTEM, firm, "历史.csv", ["时间,压力\n2024-01-01,1\n".encode()]) for _ in "ab")
    with transaction.atomic():
        workflows.begin(SYSTEM, first)
        beside = two_connections(lambda: workflows.begin(SYSTEM, second))
        assert wait([beside], 0.3).not_done
    fault = beside.exception(200)
    assert isinstance(fault, BackfillRefused)
    assert fault.code == "backfill_unfinished"
