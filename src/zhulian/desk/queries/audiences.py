"""Who is meant: the one filter of this room, and the people behind an audience."""

from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.lookups import Exact, IsNull

from zhulian.desk.rules import Audience
from zhulian.organisations.models import Membership, User
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.roles import Role

TASK, MESSAGE = Text("待办", "task"), Text("消息", "message")
NOBODY = Q(pk__in=())


def addressed_to(scope: Scope) -> Q:
    """The one filter of this room: rows for this person, by name or by a membership; a deputy has the other's."""
    if scope.person is None:
        return Q() if scope.administers else NOBODY
    whose = scope.on_behalf_of or scope.person
    held = Membership.objects.filter(user=whose, user__is_active=True)
    mine = reduce(or_, (_by_membership(row) for row in held), Q(person=whose))
    return mine | _held_by_nobody() if scope.administers else mine


def _by_membership(held: Membership) -> Q:
    """Each field that the row names has to be this membership's own."""
    organisation = held.organisation_id
    return (
        Q(person=None)
        & (Q(role="") | Q(role=held.role))
        & (Q(place="") | Q(place=held.place) if held.place else Q(place=""))
        & (Q(enterprise=None) | Q(enterprise=held.enterprise_id) if held.enterprise_id else Q(enterprise=None))
        & (Q(organisation=None) | Q(organisation=organisation) if organisation else Q(organisation=None))
    )


def _held_by_nobody() -> Q:
    """Rows for a role, place or organisation in which nobody serves now, so that they wait with the administrator.

    An enterprise's own rows are left out: they wait for whoever claims its file.
    """
    holders = Membership.objects.filter(
        Q(role=OuterRef("role")) | Q(Exact(OuterRef("role"), Value(""))),
        Q(place=OuterRef("place")) | Q(Exact(OuterRef("place"), Value(""))),
        Q(organisation=OuterRef("organisation")) | Q(IsNull(OuterRef("organisation"), True)),
        user__is_active=True,
    )
    return Q(person=None, enterprise=None) & ~Q(Exists(holders))


def or_administrators(audience: Audience) -> Audience:
    """``audience``, or the administrators where it names a role, place or organisation in which nobody serves."""
    if audience.person or audience.enterprise or people_of(audience):
        return audience
    return Audience(role=Role.ADMINISTRATOR)


def people_of(audience: Audience) -> list[int]:
    """Everybody whom an audience means right now, each once."""
    if audience.person:
        return list(User.objects.filter(pk=audience.person, is_active=True).values_list("pk", flat=True))
    wanted = Membership.objects.filter(user__is_active=True)
    if audience.role:
        wanted = wanted.filter(role=audience.role.value)
    if audience.place:
        wanted = wanted.filter(place=audience.place)
    if audience.enterprise:
        wanted = wanted.filter(enterprise=audience.enterprise)
    if audience.organisation:
        wanted = wanted.filter(organisation=audience.organisation)
    return sorted(set(wanted.values_list("user_id", flat=True)))
