"""What people are shown of others' data: one call in the door of each page and operation that shows somebody's own.

The trail keeps who looked; the owner reads it on the page 谁看过我的数据. Exports are noted with their number of rows,
and for each owner as a look at the list.
"""

from collections.abc import Iterable

from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record, record_view, record_views
from zhulian.organisations.models import Membership
from zhulian.organisations.tenancy import Scope, actor
from zhulian.portal.navigation import main_role
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.places import BY_CODE, CITY_ZH


def shown(scope: Scope, what: str, subject: Subject, owner: int, *, is_part: bool = False) -> None:
    """Note that this person is about to see ``what`` of ``subject``, which belongs to the enterprise ``owner``.

    Once a page: what a page fetches afterwards (charts, a live stream) is ``is_part`` and not counted again. One's own
    enterprise is nobody else's, and needs no note.
    """
    if owner in scope.own or scope.person is None:
        return
    record_view(actor(scope), what, subject, owner=owner, viewer=lambda: capacity(scope), is_counted=not is_part)


def listed(scope: Scope, subject: Subject, owners: Iterable[int | None]) -> None:
    """Note that a list shows this person something of each of ``owners``; ``None`` is nobody.

    For lists of figures, documents, machines, gateways and people. Lists of names and of what the public register of
    enterprises holds need no note, nor do sums.
    """
    others = {owner for owner in owners if owner is not None} - scope.own
    if others and scope.person is not None:
        record_views(actor(scope), "list", subject, owners=others, viewer=lambda: capacity(scope))


def may_unmask(
    scope: Scope, subject: Subject, owner: int | None, *, is_own: bool, is_keeper: bool, is_asked: bool
) -> bool:
    """Whether personal numbers of ``subject`` may be shown whole (``vocabulary.masking``).

    To its own people always; to those who keep the entry when they ask for it, which is noted as a look: for the
    enterprise ``owner`` to read, or in the trail alone where no enterprise stands behind the subject.
    """
    if is_own:
        return True
    if not (is_asked and is_keeper):
        return False
    if owner is not None:
        shown(scope, "contact", subject, owner)
    elif scope.person is not None:
        record(actor(scope), "view.contact", subject, organisation=None, capacity=capacity(scope))
    return True


def taken(scope: Scope, subject: Subject, rows: int, form: str, *, owner: int | None = None, filters: str = "") -> None:
    """Note that this person takes a file of ``rows`` rows along."""
    changes = {"rows": (None, rows), "form": (None, form)}
    words = capacity(scope)
    record(actor(scope), "export.table", subject, organisation=owner, changes=changes, note=filters, capacity=words)


def table(name: str, title: Text) -> Subject:
    """A list of the portal by its URL name."""
    return Subject("table", name, title.zh)


def capacity(scope: Scope) -> str:
    """For whom somebody acts, and the word of their role: ``六安市经信局 · bureau``. Pages say the role in words."""
    role = main_role(scope)
    if role is None or scope.person is None:
        return ""
    held = Membership.objects.filter(user=scope.person, role=role.value).select_related("enterprise", "organisation")
    return f"{_place(held.first())} · {role.value}"


def _place(seat: Membership | None) -> str:
    if seat is None:
        return CITY_ZH
    if seat.organisation is not None or seat.enterprise is not None:
        return str(seat.organisation or seat.enterprise)
    place = BY_CODE.get(seat.place)
    return place.name_zh if place else CITY_ZH
