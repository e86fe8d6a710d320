"""One address of the portal as the walk sees it, and what fills the addresses of more than one subject."""

from collections.abc import Callable
from dataclasses import dataclass

from peers.doors.roles import CONFIGURE_A
from peers.records import Tenant


def nothing(_tenant: Tenant) -> dict[str, object]:
    return {}


@dataclass(frozen=True)
class Door:
    """One address. ``is_page`` doors lead strangers to the sign-in page; the others refuse them outright.

    ``open_to`` says who gets an answer for enterprise A; everybody else has to be refused. ``fill`` makes the path's
    arguments from one enterprise's records, ``query`` its parameters. An address that takes a POST says what is posted
    to it (``form``), and who may post it with effect at A's records (``changed_by``).
    """

    open_to: frozenset[str]
    fill: Callable[[Tenant], dict[str, object]] = nothing
    query: Callable[[Tenant], dict[str, object]] = nothing
    is_page: bool = True
    form: Callable[[Tenant], dict[str, object]] | None = None
    exports: bool = False
    """A list that answers ``?form=csv`` and ``?form=xlsx`` with all of its rows."""
    changed_by: frozenset[str] = CONFIGURE_A
    by_secret: bool = False
    """Opened by whoever holds the link, not by rights; it must tell nothing beyond what the link is for."""
    is_public: bool = False
    """Shows a register that everybody may read, and not a tenant's records: refused is only what changes it."""


def enterprise(tenant: Tenant) -> dict[str, object]:
    return {"enterprise_id": tenant.enterprise}


def machine(tenant: Tenant) -> dict[str, object]:
    return {"machine_id": tenant.machine}


def machine_query(tenant: Tenant) -> dict[str, object]:
    return {"machine": tenant.machine}


def gateway(tenant: Tenant) -> dict[str, object]:
    return {"gateway_id": tenant.gateway}


def point(tenant: Tenant) -> dict[str, object]:
    return {"point_id": tenant.points[0]}


def listed_points(tenant: Tenant) -> dict[str, object]:
    """A tenant's points as the explorer's address names them."""
    return {"p": ",".join(map(str, tenant.points))}
