"""How much gateways and enterprises may send: set by administrators, handed to the telemetry process as a file."""

from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from zhulian.audit.workflows import record
from zhulian.organisations.models import Gateway, IntakeQuota
from zhulian.organisations.queries import GATEWAY
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, RecordsError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.workflows import trail
from zhulian.organisations.workflows.gateways import write_whole
from zhulian.vocabulary.errors import Text

LARGEST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Rows a second and megabytes a day; None is the platform's default."""

    rows_per_s: int | None = None
    mb_per_day: int | None = None


def fits(value: int | None) -> bool:
    """Whether it can be a limit; None can."""
    return value is None or 0 < value <= LARGEST


def set_quotas(scope: Scope, gateway: int, own: Limits, together: Limits, quotas_file: Path) -> None:
    """``own`` for the gateway, ``together`` for all of its enterprise; ingest reads the file within seconds."""
    if not scope.administers:
        raise NotAllowedError
    for limits in (own, together):
        if not (fits(limits.rows_per_s) and fits(limits.mb_per_day)):
            raise _wrong()
    with transaction.atomic():
        found = scope.gateways().select_related("enterprise").select_for_update(of=("self",)).filter(pk=gateway).first()
        if found is None:
            raise NotVisibleError(GATEWAY)
        changes = _set(found, own, together)
        if not changes:
            return
        record(
            actor(scope), "gateway.quota", trail.of_gateway(found), organisation=found.enterprise_id, changes=changes
        )
        write_quotas(quotas_file)


def write_quotas(quotas_file: Path) -> None:
    """Write every exception for the telemetry process; also done at each start, after a restore."""
    value: dict[str, dict[int, dict[str, int | None]]] = {"gateways": {}, "enterprises": {}}
    for row in IntakeQuota.objects.order_by("pk"):
        limits = {"rows_per_s": row.rows_per_s, "mb_per_day": row.mb_per_day}
        if row.gateway_id is not None:
            value["gateways"][row.gateway_id] = limits
        elif row.enterprise_id is not None:
            value["enterprises"][row.enterprise_id] = limits
    write_whole(quotas_file, value)


def _set(gateway: Gateway, own: Limits, together: Limits) -> trail.Changes:
    alone = IntakeQuota.objects.filter(gateway=gateway).first() or IntakeQuota(gateway=gateway)
    enterprise = gateway.enterprise
    shared = IntakeQuota.objects.filter(enterprise=enterprise).first() or IntakeQuota(enterprise=enterprise)
    return _change(alone, own, "gateway_") | _change(shared, together, "enterprise_")


def _change(row: IntakeQuota, limits: Limits, prefix: str) -> trail.Changes:
    before = {f"{prefix}rows_per_s": row.rows_per_s, f"{prefix}mb_per_day": row.mb_per_day}
    after = {f"{prefix}rows_per_s": limits.rows_per_s, f"{prefix}mb_per_day": limits.mb_per_day}
    row.rows_per_s, row.mb_per_day = limits.rows_per_s, limits.mb_per_day
    if limits != Limits():
        row.save()
    elif row.pk:
        row.delete()
    return trail.difference(before, after)


def _wrong() -> RecordsError:
    return RecordsError(
        "quota_wrong",
        Text("限额应是大于 0 的整数。", "A quota is a whole number above 0."),
        Text("留空用平台的默认值。", "Leave it empty for the platform's default."),
    )
