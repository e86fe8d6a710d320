"""The audit trail, looks, and the history of a record."""

from peers.doors.door import Door
from peers.doors.roles import ALL_OF_TRAIL, PEOPLE, READ_TRAIL_A, SEE_A
from peers.records import Tenant
from zhulian.audit.models import Entry


def newest_entry(tenant: Tenant) -> int:
    """The number of the last entry of the audit trail that concerns this enterprise."""
    return Entry.objects.filter(organisation=tenant.enterprise).latest("sequence").sequence


DOORS = {
    "trail": Door(PEOPLE, exports=True),
    "trail_check": Door(ALL_OF_TRAIL),
    "trail_file": Door(ALL_OF_TRAIL),
    "trail_entry": Door(READ_TRAIL_A, lambda tenant: {"sequence": newest_entry(tenant)}),
    "looks": Door(PEOPLE, exports=True),
    "history": Door(SEE_A, lambda tenant: {"kind": "machine", "subject": tenant.machine}),
}
