"""Imports: for whoever keeps files or machines; a run belongs to the person who began it (tests/portal/pages)."""

from peers.doors.door import Door, nothing
from peers.doors.roles import KEEPERS, NOBODY, PEOPLE
from peers.records import Tenant


def no_run(_tenant: Tenant) -> dict[str, object]:
    """An import that does not exist."""
    return {"run_id": 987_654_321}


DOORS = {
    "imports": Door(PEOPLE, exports=True),
    "import_new": Door(
        KEEPERS,
        lambda _: {"kind": "enterprises"},
        form=nothing,
        changed_by=KEEPERS,
    ),
    "import_template": Door(NOBODY, lambda _: {"kind": "enterprises"}),
    "import_run": Door(NOBODY, no_run),
    "import_mapping": Door(NOBODY, no_run),
    "import_row": Door(NOBODY, no_run),
    "import_commit": Door(NOBODY, no_run),
    "import_progress": Door(NOBODY, no_run),
    "import_undo": Door(NOBODY, no_run),
    "import_discard": Door(NOBODY, no_run),
    "import_marked": Door(NOBODY, no_run),
}
