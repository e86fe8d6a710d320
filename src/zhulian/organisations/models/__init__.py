"""Records of this room. Written by ``workflows`` only, read by ``queries`` only.

An enterprise's primary key is the tenant id of the telemetry store, a point's primary key is its point id there; ids
are never used again.
"""

from zhulian.organisations.models.bodies import Organisation, PlatformMember, SubSite
from zhulian.organisations.models.chains import Chain, ChainPosition
from zhulian.organisations.models.claims import Claim
from zhulian.organisations.models.enterprises import Enterprise, EnterpriseEvent
from zhulian.organisations.models.machines import EnrolmentCode, Gateway, IntakeQuota, Machine, Point
from zhulian.organisations.models.people import ApiKey, Contact, User
from zhulian.organisations.models.pillars import PillarCode, PillarIndustry
from zhulian.organisations.models.places import Line, Site, Workshop
from zhulian.organisations.models.seats import Delegation, HandOver, Invitation, Membership

__all__ = [
    "ApiKey",
    "Chain",
    "ChainPosition",
    "Claim",
    "Contact",
    "Delegation",
    "EnrolmentCode",
    "Enterprise",
    "EnterpriseEvent",
    "Gateway",
    "HandOver",
    "IntakeQuota",
    "Invitation",
    "Line",
    "Machine",
    "Membership",
    "Organisation",
    "PillarCode",
    "PillarIndustry",
    "PlatformMember",
    "Point",
    "Site",
    "SubSite",
    "User",
    "Workshop",
]
