"""What people kept under a name, for themselves or for an enterprise: who sees it, and what every such row says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from zhulian.dashboards.models import Kept
from zhulian.dashboards.workflows import may_share
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.errors import Text

MOST = 200
Record = TypeVar("Record", bound=Kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRow:
    """One kept thing; ``enterprise`` None is the person's own."""

    id: int
    name: str
    enterprise: int | None
    enterprise_name: str
    changed_name: str
    changed_at: datetime
    revision: int
    is_sample: bool
    may_change: bool


def in_sight(scope: Scope) -> Q:
    """What is one's own, or belongs to an enterprise in sight."""
    shared = Q(enterprise__in=scope.enterprises().order_by().values("id"))
    return shared | Q(enterprise=None, person=scope.person) if scope.person is not None else shared


def every(scope: Scope, records: QuerySet[Record]) -> QuerySet[Record]:
    """One's own, then those of the enterprises in sight; one statement."""
    found = records.filter(in_sight(scope)).select_related("enterprise")
    return found.order_by("enterprise", "name", "id")[:MOST]


def one(scope: Scope, records: QuerySet[Record], number: int, called: Text) -> Record:
    """The one with this number, if it is in sight."""
    row = records.filter(in_sight(scope), pk=number).select_related("enterprise").first()
    if row is None:
        raise NotVisibleError(called)
    return row


def said(scope: Scope, row: Kept) -> dict[str, Any]:
    """What a :class:`KeptRow` says of ``row``."""
    return {
        "id": row.pk,
        "name": row.name,
        "enterprise": row.enterprise_id,
        "enterprise_name": row.enterprise.name if row.enterprise else "",
        "changed_name": row.changed_name,
        "changed_at": row.changed_at,
        "revision": row.revision,
        "is_sample": row.is_sample,
        "may_change": row.enterprise_id is None or may_share(scope, row.enterprise_id),
    }
