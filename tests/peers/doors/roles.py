"""Who may do what in the walk: sets of the world's people, said of enterprise A (``for_letter`` turns them to B)."""

from peers.records import KINDS, OTHERS

PEOPLE = frozenset(
    {"engineer_a", "owner_a", "engineer_b", "owner_b", "county_a", "county_b", "bureau", "administrator", *OTHERS}
)
ANYBODY = PEOPLE | {"anonymous"}
NOBODY: frozenset[str] = frozenset()

ADMINISTRATOR = frozenset({"administrator"})
KEEP_CITY = frozenset({"bureau", "administrator"})
"""Keep what belongs to the whole city."""
KEEPERS = KEEP_CITY | {"county_a", "county_b"}
"""Officers who may ask enterprises, and keep their files."""
CITY = KEEP_CITY | {"auditor", "security"}
"""See the whole city."""
OFFICERS = CITY | {"county_a", "county_b"}

OF_A = frozenset({"engineer_a", "owner_a"})
"""Belong to enterprise A."""
OWN_A = frozenset({"owner_a", "administrator"})
"""Let people into A, and see them off."""
CONFIGURE_A = frozenset({"engineer_a", "administrator"})
"""Change gateways and machines of A."""
ACT_A = OF_A | ADMINISTRATOR
"""Do A's daily work: deal with alarms, keep marks, views and dashboards, hand work over."""
OFFICERS_A = KEEP_CITY | {"county_a"}
"""Keep up the file of A by office."""
KEEP_A = OFFICERS_A | {"owner_a"}
"""Keep up the file of A."""
STATE_A = KEEP_A | {"engineer_a"}
"""State facts of A, hand in its documents, fill in its forms."""
LEAD_PLATFORM_A = KEEP_CITY | {"platform_a"}
"""Keep up the platform that has A as its member."""

OVERSEE_A = CITY | {"county_a"}
"""See A by office."""
SEE_ENGINEER_A = OVERSEE_A | OF_A
SEE_A = SEE_ENGINEER_A | {"platform_a"}
SEE_PEOPLE = OFFICERS | {"owner_a", "owner_b", *(role for role, kind in OTHERS.items() if kind in KINDS)}
"""Whoever keeps a file or leads an organisation."""
LET_IN = SEE_PEOPLE - {"auditor", "security"}
ALL_OF_TRAIL = frozenset({"auditor", "administrator"})
READ_TRAIL_A = ALL_OF_TRAIL | {"owner_a"}
"""Read the audit trail: all of it, or what concerns one's own enterprise."""


def for_letter(roles: frozenset[str], letter: str) -> frozenset[str]:
    """``roles`` as said of A, as they are for A or B: with B, a and b change places."""
    other = {"_a": "_b", "_b": "_a"}
    return roles if letter == "a" else frozenset(role[:-2] + other.get(role[-2:], role[-2:]) for role in roles)


def sees(role: str, letter: str) -> bool:
    """Whether ``role`` may see the enterprise of that letter."""
    return role in for_letter(SEE_A, letter)
