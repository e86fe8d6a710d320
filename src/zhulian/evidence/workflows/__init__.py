"""The only writer of evidence. The ledger grows; nothing in it is changed.

Each function takes the :class:`~zhulian.organisations.tenancy.Scope` of the person who asks, raises ``NotVisibleError``
(404) for what that person cannot see and ``NotAllowedError`` (403) for what they may only look at. Class A is stated by
the platform's own hand (``SYSTEM``) only.
"""

from zhulian.evidence.workflows.documents import NewDocument, add_document
from zhulian.evidence.workflows.events import DocumentRepeated, FactExpiring, FactsStated
from zhulian.evidence.workflows.expiry import announce_expiring
from zhulian.evidence.workflows.facts import NewFact, state, state_all, withdraw
from zhulian.evidence.workflows.keys import KeyChange, change_key
from zhulian.evidence.workflows.permission import may_correct_fact, may_state

__all__ = [
    "DocumentRepeated",
    "FactExpiring",
    "FactsStated",
    "KeyChange",
    "NewDocument",
    "NewFact",
    "add_document",
    "announce_expiring",
    "change_key",
    "may_correct_fact",
    "may_state",
    "state",
    "state_all",
    "withdraw",
]
