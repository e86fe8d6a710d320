"""接收限额: what a gateway and its enterprise may send, as the gateway's page shows it and its form sets it."""

from dataclasses import dataclass

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from zhulian.organisations import queries
from zhulian.organisations.queries import QuotaRow
from zhulian.organisations.tenancy import Scope
from zhulian.organisations.workflows.quotas import Limits, fits


@dataclass(frozen=True, slots=True)
class Quota:
    """What holds, and what was set (empty where the default holds)."""

    set: QuotaRow
    rows_per_s: int
    mb_per_day: int


@dataclass(frozen=True, slots=True)
class Quotas:
    """Of a gateway, and of all gateways of its enterprise together."""

    own: Quota
    together: Quota


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form: what stands in it, what holds where it is empty, whether it was refused."""

    name: str
    label: str
    text: str
    holds: int
    is_refused: bool


def quotas_of(scope: Scope, gateway: int) -> Quotas:
    """For the gateway's page."""
    own, together = queries.quotas_of(scope, gateway)
    return Quotas(_in_force(own, "GATEWAY"), _in_force(together, "ENTERPRISE"))


def fields(quotas: Quotas, typed: QueryDict | None) -> list[Field]:
    """The form as it was set, or as it was ``typed`` and refused."""
    own, together = quotas.own, quotas.together
    each = (
        ("own_rows", _("这个网关：条/秒"), own.set.rows_per_s, own.rows_per_s),
        ("own_mb", _("这个网关：MB/天"), own.set.mb_per_day, own.mb_per_day),
        ("together_rows", _("全企业：条/秒"), together.set.rows_per_s, together.rows_per_s),
        ("together_mb", _("全企业：MB/天"), together.set.mb_per_day, together.mb_per_day),
    )
    return [_field(name, label, str(value or ""), holds, typed) for name, label, value, holds in each]


def limits(form: QueryDict, whose: str) -> Limits:
    """What was typed for ``whose``: own or together."""
    return Limits(_number(form.get(f"{whose}_rows", "")), _number(form.get(f"{whose}_mb", "")))


def _field(name: str, label: str, text: str, holds: int, typed: QueryDict | None) -> Field:
    if typed is None:
        return Field(name, label, text, holds, is_refused=False)
    return Field(name, label, typed.get(name, ""), holds, is_refused=not fits(_number(typed.get(name, ""))))


def _in_force(row: QuotaRow, whose: str) -> Quota:
    given = settings.ZHULIAN
    rows_per_s, mb_per_day = (int(given[f"ZHULIAN_{whose}_{name}"]) for name in ("ROWS_PER_SECOND", "MB_PER_DAY"))
    return Quota(row, row.rows_per_s or rows_per_s, row.mb_per_day or mb_per_day)


def _number(text: str) -> int | None:
    """Nothing is None; what is no number becomes 0, which no limit is."""
    text = text.strip().replace(",", "")
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
