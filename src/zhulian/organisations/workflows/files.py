"""Enterprise files: opened, edited, and moved on by dated events. The file is always the state of today.

Whatever changes a file is an :class:`EnterpriseEvent`; :func:`append` is the one place that writes them, and the file
is then written anew from all of its events. A tenant id never changes, so readings and memberships stay where they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.utils import timezone

from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record
from zhulian.organisations.models import Enterprise, EnterpriseEvent, Membership, PillarCode
from zhulian.organisations.queries import ENTERPRISE
from zhulian.organisations.rules import (
    NotAllowedError,
    NotVisibleError,
    checked_credit_code,
    checked_industry,
)
from zhulian.organisations.rules.edits import ChangedMeanwhileError
from zhulian.organisations.rules.files import (
    FIELDS,
    OWNERS_FIELDS,
    SIZES,
    EventKind,
    FileState,
    Happening,
    State,
    Value,
    check_event,
    check_withdrawal,
    differences,
    longest_prefix,
    refused,
    state_on,
)
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.towns import checked_town
from zhulian.organisations.workflows.announcements import EnterpriseChanged, EnterpriseRegistered
from zhulian.vocabulary import events as told
from zhulian.vocabulary.places import BY_CODE
from zhulian.vocabulary.readings import TenantId


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


def save_file(
    scope: Scope, enterprise: int, values: State, revision: int, cause: Cause = Cause()  # noqa: B008 - frozen
) -> bool:
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
        append(scope, found, EventKind.CHANGED, {name: values[name] for name in given}, cause)
        return True


