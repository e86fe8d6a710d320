"""Who belongs to an enterprise."""

from dataclasses import dataclass

from zhulian.organisations.models import Membership
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.readings import TenantId
from zhulian.vocabulary.roles import Role


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One membership: who is what, where."""

    id: int
    user: int
    username: str
    full_name: str
    role: Role
    enterprise: TenantId | None
    place: str


def members(scope: Scope, enterprise_id: int | None = None) -> list[MemberRow]:
    """Who belongs to an enterprise in sight; an administrator may ask for everybody."""
    held = Membership.objects.select_related("user")
    if enterprise_id is not None:
        held = held.filter(enterprise__in=scope.enterprises().filter(id=enterprise_id))
    elif not scope.administers:
        held = held.filter(enterprise_id__in=scope.own)
    return [_row(row) for row in held.order_by("id")]


def _row(row: Membership) -> MemberRow:
    return MemberRow(
        id=row.pk,
        user=row.user_id,
        username=row.user.username,
        full_name=row.user.get_full_name(),
        role=Role(row.role),
        enterprise=None if row.enterprise_id is None else TenantId(row.enterprise_id),
        place=row.place,
    )
