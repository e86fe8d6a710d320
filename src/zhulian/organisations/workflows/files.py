"""Enterprise files: opened and edited. Every change is an event (``history``), so the state of any day stays known."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.db import transaction

from zhulian.organisations.queries.files import present
from zhulian.organisations.rules import NotAllowedError
from zhulian.organisations.rules.edits import ChangedMeanwhileError
from zhulian.organisations.rules.files import FIELDS, OWNERS_FIELDS, EventKind, State, differences
from zhulian.organisations.tenancy import Scope
from zhulian.organisations.workflows.history import Cause, append, is_officer, kept_file, open_file, who_since
from zhulian.vocabulary.readings import TenantId

TODAY: Final = Cause()
"""An edit that takes effect when it is made."""


@dataclass(frozen=True, slots=True)
class NewEnterprise:
    """What an enterprise's file begins with. ``reporting_area`` is left empty where it is the district.

    ``more`` gives further fields of ``rules.files.FIELDS``; ``on`` is the day from which the file holds (today).
    """

    name: str
    credit_code: str
    industry: str
    district: str
    reporting_area: str = ""
    above_scale: bool = False
    is_sample: bool = False
    more: State = field(default_factory=dict)
    on: date | None = None


def create_enterprise(scope: Scope, given: NewEnterprise) -> TenantId:
    """Open a file; refuses a second one for the same credit code. For the officers of its area and the bureau."""
    area = given.reporting_area or given.district
    if not scope.may_keep_area(area):
        raise NotAllowedError
    basic: State = {
        "name": given.name,
        "credit_code": given.credit_code,
        "industry": given.industry,
        "district": given.district,
        "reporting_area": area,
        "above_scale": given.above_scale,
    }
    with transaction.atomic():
        made = open_file(scope, {**given.more, **basic}, is_sample=given.is_sample, cause=Cause(given.on))
    return TenantId(made.pk)


def save_file(scope: Scope, enterprise: int, values: State, revision: int, cause: Cause = TODAY) -> bool:
    """Change particulars of a file; False when ``values`` say nothing new.

    Officers change everything but status and successor; owners what is the enterprise's own to say. An edit that began
    from an older ``revision`` raises :class:`ChangedMeanwhileError`.
    """
    with transaction.atomic():
        found = kept_file(scope, enterprise)
        if revision != found.revision:
            raise ChangedMeanwhileError(who_since(found, revision))
        allowed = FIELDS.keys() - {"status", "successor"} if is_officer(scope, found) else OWNERS_FIELDS
        given = differences(present(found), {name: value for name, value in values.items() if name in allowed})
        if not given:
            return False
        above = given.pop("above_scale", None)
        if given:
            append(scope, found, EventKind.CHANGED, {name: after for name, (_, after) in given.items()}, cause)
        if above:
            kind = EventKind.SCALED_UP if above[1] else EventKind.SCALED_DOWN
            append(scope, found, kind, {"above_scale": above[1]}, cause)
        return True
