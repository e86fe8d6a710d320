"""Files of past readings: for those who may bring them in; what rights hold for one file is in tests/backfill."""

from peers.doors.door import Door, enterprise, nothing
from peers.doors.roles import NOBODY
from peers.records import Tenant

BRING_IN_A = frozenset({"engineer_a", "owner_a", "bureau", "administrator"})


def no_file(_tenant: Tenant) -> dict[str, object]:
    """An import that does not exist."""
    return {"backfill_id": 987_654_321}


DOORS = {
    "backfills": Door(BRING_IN_A, enterprise, exports=True, form=nothing, changed_by=BRING_IN_A),
    "backfill": Door(NOBODY, no_file),
    "backfill_columns": Door(NOBODY, no_file),
    "backfill_begin": Door(NOBODY, no_file),
    "backfill_stop": Door(NOBODY, no_file),
    "backfill_progress": Door(NOBODY, no_file),
    "backfill_refused": Door(NOBODY, no_file),
}
