"""What a person may be. A role is held in one organisation; what it may see is decided in ``organisations``."""

from enum import StrEnum

from zhulian.vocabulary.errors import Text


class Role(StrEnum):
    """The roles that a city needs. ``docs/reference/roles.md`` says what each of them may see and change."""

    ENGINEER = "engineer"
    OWNER = "owner"
    BUREAU = "bureau"
    COUNTY = "county"
    MEMBER_UNIT = "member_unit"
    PLATFORM = "platform"
    PROVIDER = "provider"
    BANK = "bank"
    SCHOOL = "school"
    EXPERT = "expert"
    AUDITOR = "auditor"
    SECURITY = "security"
    ADMINISTRATOR = "administrator"


ROLE_NAMES = {
    Role.ENGINEER: Text("工程师", "Engineer"),
    Role.OWNER: Text("企业主", "Owner"),
    Role.BUREAU: Text("市经信局", "City bureau"),
    Role.COUNTY: Text("县区", "County officer"),
    Role.MEMBER_UNIT: Text("成员单位", "Member unit"),
    Role.PLATFORM: Text("平台运营", "Platform staff"),
    Role.PROVIDER: Text("服务商", "Service provider"),
    Role.BANK: Text("金融机构", "Bank officer"),
    Role.SCHOOL: Text("院校", "School"),
    Role.EXPERT: Text("专家", "Expert"),
    Role.AUDITOR: Text("审计", "Auditor"),
    Role.SECURITY: Text("安全员", "Security officer"),
    Role.ADMINISTRATOR: Text("平台管理员", "Administrator"),
}
ENTERPRISE_ROLES = frozenset({Role.ENGINEER, Role.OWNER})
"""Held in one enterprise."""
PLACE_ROLES = frozenset({Role.COUNTY})
"""Held for one reporting area."""
ORGANISATION_ROLES = frozenset({Role.MEMBER_UNIT, Role.PLATFORM, Role.PROVIDER, Role.BANK, Role.SCHOOL})
"""Held in one body that is no enterprise file."""
CITY_ROLES = frozenset({Role.BUREAU, Role.AUDITOR, Role.SECURITY, Role.ADMINISTRATOR})
"""See the whole city."""
READ_TRAIL = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})
"""Read all of the audit trail; owners of enterprises read what concerns theirs."""
