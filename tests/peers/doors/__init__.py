"""Every address of the portal, by URL name: what fills it and who may open it.

A new address needs a line in the module of its subject; the walk (``tests/portal/tenancy``) tries each door as every
role, with A's records and with B's. A new subject is a module with ``DOORS`` and a word in ``SUBJECTS``.
"""

from peers.doors import (
    account,
    alarms,
    backfills,
    city,
    desk,
    evidence,
    explorer,
    imports,
    machines,
    people,
    register,
    returns,
    storage,
    trail,
)
from peers.doors.door import Door

SUBJECTS = (
    account,
    alarms,
    backfills,
    city,
    desk,
    evidence,
    explorer,
    imports,
    machines,
    people,
    register,
    returns,
    storage,
    trail,
)
DOORS: dict[str, Door] = {name: door for subject in SUBJECTS for name, door in subject.DOORS.items()}
WRITTEN_BY_LOOKING = frozenset({"audit.Anchor", "audit.Entry", "audit.Head", "audit.Sighting", "desk.Receipt"})
"""Records (``room.Model``) that merely looking writes, such as "who opened this"; the walk leaves them aside."""
