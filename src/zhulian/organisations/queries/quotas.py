"""How much a gateway and its enterprise may send, as far as it is not the platform's default."""

from dataclasses import dataclass

from zhulian.organisations.models import IntakeQuota
from zhulian.organisations.tenancy import Scope


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """Rows a second and megabytes a day; None is the platform's default."""

    rows_per_s: int | None = None
    mb_per_day: int | None = None


def quotas_of(scope: Scope, gateway: int) -> tuple[QuotaRow, QuotaRow]:
    """Of the gateway, and of its enterprise; two statements. Out of sight, both are empty."""
    seen = scope.gateways().filter(pk=gateway)
    own = IntakeQuota.objects.filter(gateway__in=seen).first()
    together = IntakeQuota.objects.filter(enterprise__in=seen.values("enterprise")).first()
    return _row(own), _row(together)


def _row(found: IntakeQuota | None) -> QuotaRow:
    return QuotaRow(found.rows_per_s, found.mb_per_day) if found else QuotaRow()
