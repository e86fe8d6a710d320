"""Forms. A return of the walk belongs to one enterprise; a reporting task is seen by officers with a part in it."""

from peers.doors.door import Door, nothing
from peers.doors.roles import KEEPERS, NOBODY, OFFICERS, OFFICERS_A, OVERSEE_A, PEOPLE, SEE_A, STATE_A
from peers.records import Tenant
from zhulian.returns.models import Return


def own_return(tenant: Tenant) -> dict[str, object]:
    return {"return_id": Return.objects.get(enterprise=tenant.enterprise).pk}


def first_question(tenant: Tenant) -> dict[str, object]:
    return {**own_return(tenant), "question": 1}


def reporting(tenant: Tenant) -> dict[str, object]:
    return {"task_id": Return.objects.get(enterprise=tenant.enterprise).task_id}


def answer(_tenant: Tenant) -> dict[str, object]:
    """One answer of the sample form, as a page posts it."""
    return {"w-business.employees": "", "a-business.employees": "12"}


DOORS = {
    "own_returns": Door(PEOPLE, exports=True),
    "return": Door(SEE_A, own_return, form=answer, changed_by=STATE_A),
    "return_save": Door(NOBODY, own_return, form=answer, changed_by=STATE_A),
    "return_question": Door(SEE_A, first_question, form=answer, changed_by=STATE_A),
    "return_check": Door(SEE_A, own_return, form=nothing, changed_by=STATE_A),
    "return_receipt": Door(NOBODY, own_return),
    "return_template": Door(SEE_A, own_return),
    "return_upload": Door(NOBODY, own_return, form=nothing, changed_by=STATE_A),
    "return_back": Door(NOBODY, own_return, form=lambda _: {"note": "posted"}, changed_by=OFFICERS_A),
    "reporting": Door(OFFICERS, exports=True),
    "reporting_new": Door(KEEPERS, form=lambda _: {"act": "count"}, changed_by=KEEPERS),
    "reporting_one": Door(OVERSEE_A, reporting, form=lambda _: {"act": "remind"}, changed_by=OFFICERS_A, exports=True),
}
