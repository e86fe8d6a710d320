"""Facts, the documents that prove them, flags, papers that carry a code."""

from django.core.files.uploadedfile import SimpleUploadedFile

from peers import papers
from peers.doors.door import Door, enterprise, nothing
from peers.doors.roles import KEEP_CITY, NOBODY, OFFICERS_A, OVERSEE_A, PEOPLE, SEE_A, STATE_A
from peers.evidence import KEY
from peers.records import Tenant


def fact(tenant: Tenant) -> dict[str, object]:
    return {"fact_id": tenant.fact}


def fact_key(_tenant: Tenant) -> dict[str, object]:
    return {"key": KEY}


def fact_form(tenant: Tenant) -> dict[str, object]:
    """What the page posts that states a fact."""
    return {"key": KEY, "value": "77", "period": "2026-01-02", "document": tenant.document}


def document(tenant: Tenant) -> dict[str, object]:
    return {"document_id": tenant.document}


def document_form(tenant: Tenant) -> dict[str, object]:
    """What the page posts that hands in a document."""
    return {"kind": "report", "file": SimpleUploadedFile("posted.pdf", papers.pdf(f"posted {tenant.marker}"))}


DOORS = {
    # Lists: everybody gets their own part of them.
    "facts": Door(PEOPLE, exports=True),
    "facts_conflicts": Door(PEOPLE, exports=True),
    "facts_expiring": Door(PEOPLE, exports=True),
    "fact_keys": Door(PEOPLE, exports=True),
    "fact_key": Door(PEOPLE, fill=fact_key),
    "documents": Door(PEOPLE, exports=True),
    "flags": Door(PEOPLE, exports=True),
    # One record, one enterprise.
    "flag": Door(
        OVERSEE_A,
        lambda tenant: {"flag_id": tenant.flag},
        form=lambda _: {"state": "explained", "note": "posted", "revision": 1},
        changed_by=OFFICERS_A,
    ),
    "origin_fact": Door(SEE_A, fact),
    "enterprise_facts": Door(SEE_A, enterprise, exports=True),
    "enterprise_expiring": Door(SEE_A, enterprise, exports=True),
    "document": Door(SEE_A, document),
    "document_file": Door(SEE_A, document),
    "enterprise_paper": Door(NOBODY, enterprise, form=nothing, changed_by=SEE_A),
    "verify": Door(NOBODY, lambda _: {"code": "0000000000000000"}, is_page=False),
    # For those who change something.
    "fact_state": Door(STATE_A, enterprise, lambda _: {"key": KEY}, form=fact_form, changed_by=STATE_A),
    "fact_withdraw": Door(STATE_A, fact, form=lambda _: {"reason": "posted"}, changed_by=STATE_A),
    "document_add": Door(STATE_A, enterprise, form=document_form, changed_by=STATE_A),
    "fact_key_edit": Door(
        KEEP_CITY, fact_key, form=lambda _: {"revision": "0", "name_zh": "posted"}, changed_by=KEEP_CITY
    ),
}
