"""Who is meant: the one filter of this room, and the people behind an audience."""

from functools import reduce
from operator import or_

from django.db.models import Q

from zhulian.desk.rules import Audience
from zhulian.organisations.models import Membership, User
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.errors import Text

TASK, MESSAGE = Text("待办", "task"), Text("消息", "message")
NOBODY = Q(pk__in=())


def addressed_to(scope: Scope) -> Q:
    """The one filter of this room: rows for this person, by name or by a membership; a deputy has the other's."""
    if scope.person is None:
        return Q() if scope.administers else NOBODY
    whose = scope.on_behalf_of or scope.person
    held = Membership.objects.filter(user=whose, user__is_active=True)
    return reduce(or_, (_by_membership(row) for row in held), Q(person=whose))


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
