"""Every address of the portal, by URL name: what fills it and who may open it.

A new address needs a line in the module of its subject; the walk (``tests/portal/tenancy``) tries each door as every
role, with A's records and with B's. A new subject is a module with ``DOORS``.
"""

from importlib import import_module
from pkgutil import iter_modules

from peers.doors.door import Door

_MODULES = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
SUBJECTS: list[dict[str, Door]] = [each.DOORS for each in _MODULES if hasattr(each, "DOORS")]
DOORS: dict[str, Door] = {name: door for subject in SUBJECTS for name, door in subject.items()}
WRITTEN_BY_LOOKING = frozenset({"audit.Anchor", "audit.Entry", "audit.Head", "audit.Sighting", "desk.Receipt"})
"""Records (``room.Model``) that merely looking writes, such as "who opened this"; the walk leaves them aside."""
