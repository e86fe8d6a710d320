"""The only writer of forms. What is typed is kept as typed; what is sent becomes facts of class C.

Each function takes the :class:`~zhulian.organisations.tenancy.Scope` of the person who asks.
"""

from zhulian.returns.workflows.filling import Typed, fill_from_sheet, save, send
from zhulian.returns.workflows.reporting import MOST, NewReporting, close_reporting, give_back, open_reporting, remind

__all__ = [
    "MOST",
    "NewReporting",
    "Typed",
    "close_reporting",
    "fill_from_sheet",
    "give_back",
    "open_reporting",
    "remind",
    "save",
    "send",
]
