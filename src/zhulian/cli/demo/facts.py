"""What follows from the sample city's thirty days of history: collected as every night would have done."""

import time
from collections.abc import Callable
from datetime import timedelta

from zhulian.cli.demo.history import DAYS
from zhulian.evidence.workflows.collecting import collect_range, connected
from zhulian.organisations.models import Point
from zhulian.portal.telemetry_access import telemetry
from zhulian.telemetry.queries import Telemetry
from zhulian.vocabulary.clock import SHANGHAI, to_datetime
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs

STORED_WITHIN_S = 60


def collect(now_us: TimeUs, readings: int, show: Callable[[str], None]) -> None:
    """Facts of the whole days of history, once the store holds all ``readings``."""
    today = to_datetime(now_us).astimezone(SHANGHAI).date()
    client = telemetry()
    _wait_until_stored(client, readings)
    found = collect_range(client, today - timedelta(days=DAYS - 1), today - timedelta(days=1))
    show(str(found.words))


def _wait_until_stored(client: Telemetry, readings: int) -> None:
    """Readings are acknowledged when they are in the journal; the store has them a moment later."""
    until = time.monotonic() + STORED_WITHIN_S
    while _stored(client) < readings and time.monotonic() < until:
        time.sleep(0.2)


def _stored(client: Telemetry) -> int:
    return sum(each.count for tenant in connected() for each in client.counts(tenant, _points(tenant)).values())


def _points(tenant: TenantId) -> list[PointId]:
    found = Point.objects.filter(machine__enterprise=tenant).values_list("id", flat=True)
    return [PointId(number) for number in found]
