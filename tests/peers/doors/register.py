"""The register: files of enterprises, other organisations, claims, dictionaries."""

from collections.abc import Callable

from peers.doors.door import Door, enterprise, nothing
from peers.doors.roles import (
    ANYBODY,
    CONFIGURE_A,
    KEEP_A,
    KEEP_CITY,
    KEEPERS,
    LEAD_PLATFORM_A,
    NOBODY,
    OFFICERS_A,
    PEOPLE,
    SEE_A,
)
from peers.records import Tenant
from zhulian.organisations.models import Chain, Claim, EnterpriseEvent, PillarIndustry, PlatformMember, SubSite

NEW_BODY = {"kind": "bank", "name": "posted"}


def claim(tenant: Tenant) -> dict[str, object]:
    return {"claim_id": Claim.objects.get(enterprise=tenant.enterprise).pk}


def platform(tenant: Tenant) -> dict[str, object]:
    return {"organisation_id": PlatformMember.objects.get(enterprise=tenant.enterprise).platform_id}


def site(tenant: Tenant) -> dict[str, object]:
    return {"slug": SubSite.objects.get(platform__members__enterprise=tenant.enterprise).slug}


def file_event(tenant: Tenant) -> dict[str, object]:
    event = EnterpriseEvent.objects.filter(enterprise=tenant.enterprise).latest("pk")
    return {"enterprise_id": tenant.enterprise, "event_id": event.pk}


def nobodys(number: str) -> Callable[[Tenant], dict[str, object]]:
    """A record of the dictionary, which belongs to no enterprise."""
    return lambda _: {number: Chain.objects.get().pk if number == "chain_id" else PillarIndustry.objects.get().pk}


DOORS = {
    # Enterprises.
    "enterprises": Door(PEOPLE, exports=True),
    "enterprise": Door(SEE_A, enterprise),
    "enterprise_new": Door(KEEPERS, form=nothing, changed_by=KEEPERS),
    "enterprise_edit": Door(KEEP_A, enterprise, form=lambda _: {"employees": "7", "revision": 1}, changed_by=KEEP_A),
    "enterprise_places": Door(
        SEE_A, enterprise, form=lambda _: {"act": "site", "name": "posted"}, changed_by=KEEP_A | CONFIGURE_A
    ),
    "enterprise_contacts": Door(
        SEE_A, enterprise, form=lambda _: {"name": "posted", "phone": "1"}, changed_by=KEEP_A, exports=True
    ),
    "enterprise_events": Door(SEE_A, enterprise, exports=True),
    "enterprise_event": Door(
        OFFICERS_A,
        enterprise,
        lambda _: {"kind": "renamed"},
        form=lambda _: {"name": "posted", "on": "2026-11-01"},
        changed_by=OFFICERS_A,
    ),
    "enterprise_event_withdraw": Door(NOBODY, file_event, form=lambda _: {"reason": "r"}, changed_by=OFFICERS_A),
    "enterprise_chains": Door(
        SEE_A,
        enterprise,
        form=lambda _: {"act": "take", "chain": Chain.objects.get().pk, "position": "upstream"},
        changed_by=KEEP_A,
    ),
    "enterprise_members": Door(SEE_A, enterprise),
    # Claims.
    "claim": Door(PEOPLE, form=nothing, changed_by=PEOPLE),
    "claims": Door(KEEPERS, exports=True),
    "claim_review": Door(OFFICERS_A, claim, form=lambda _: {"act": "confirm"}, changed_by=OFFICERS_A),
    "claim_proof": Door(KEEP_A, claim),
    "claim_withdraw": Door(NOBODY, claim, form=nothing, changed_by=frozenset({"owner_a"})),
    # Other organisations.
    "organisations": Door(PEOPLE, exports=True),
    "organisation_new": Door(KEEPERS, form=lambda _: {**NEW_BODY}, changed_by=KEEPERS),
    "organisation": Door(
        PEOPLE,
        platform,
        form=lambda _: {"name": "posted", "phone": "1"},
        changed_by=LEAD_PLATFORM_A,
        is_public=True,
    ),
    "organisation_edit": Door(
        LEAD_PLATFORM_A,
        platform,
        form=lambda _: {"introduction": "posted", "revision": 1},
        changed_by=LEAD_PLATFORM_A,
        is_public=True,
    ),
    "sub_site_edit": Door(
        LEAD_PLATFORM_A,
        platform,
        form=lambda _: {"title": "posted", "slug": "posted", "colour": "#000000", "revision": 1},
        changed_by=LEAD_PLATFORM_A,
        is_public=True,
    ),
    "sub_site": Door(ANYBODY, site, is_page=False, is_public=True),
    "sub_site_logo": Door(ANYBODY, site, is_page=False, is_public=True),
    # Dictionaries.
    "pillars": Door(PEOPLE, exports=True),
    "pillar_edit": Door(
        KEEP_CITY, nobodys("pillar_id"), form=lambda _: {"name": "posted", "revision": 1}, changed_by=KEEP_CITY
    ),
    "chain": Door(PEOPLE, nobodys("chain_id"), form=lambda _: {"name": "posted"}, changed_by=KEEP_CITY),
}
