"""Who may bring history in, and the record of an import for whoever may."""

from collections.abc import Iterable

from zhulian.backfill import queries
from zhulian.backfill.models import Backfill
from zhulian.backfill.rules import wrong_state
from zhulian.organisations.queries import ENTERPRISE, one_of
from zhulian.organisations.rules import NotAllowedError
from zhulian.organisations.tenancy import Scope


def may_backfill(scope: Scope, enterprise: int) -> bool:
    """Whether this person may bring history in: the enterprise's engineers and owners, the bureau on its behalf."""
    return scope.may_configure(enterprise) or enterprise in scope.owns or scope.keeps_city


def enterprise_for(scope: Scope, enterprise: int) -> int:
    """The enterprise, for whoever may bring its history in; 404 out of sight, 403 where one may only look."""
    found = one_of(scope.enterprises(), enterprise, ENTERPRISE)
    if not may_backfill(scope, found.pk):
        raise NotAllowedError
    return int(found.pk)


def locked(scope: Scope, number: int, states: Iterable[str]) -> Backfill:
    """The record, locked, while it stands at one of ``states``; the caller is in a transaction."""
    row = queries.record(scope, number, for_update=True)
    if not may_backfill(scope, row.enterprise_id):
        raise NotAllowedError
    if row.state not in states:
        raise wrong_state(row.state)
    return row
