"""What a person may be. A role is held in one organisation; what it may see is decided in ``organisations``."""

from enum import StrEnum

from zhulian.vocabulary.errors import Text


class Role(StrEnum):
    """The roles of the foundation; each later part adds its own."""

    ENGINEER = "engineer"
    OWNER = "owner"
    BUREAU = "bureau"
    COUNTY = "county"
    ADMINISTRATOR = "administrator"


ROLE_NAMES = {
    Role.ENGINEER: Text("工程师", "Engineer"),
    Role.OWNER: Text("企业主", "Owner"),
    Role.BUREAU: Text("市经信局", "City bureau"),
    Role.COUNTY: Text("县区", "County officer"),
    Role.ADMINISTRATOR: Text("平台管理员", "Administrator"),
}
ENTERPRISE_ROLES = frozenset({Role.ENGINEER, Role.OWNER})
