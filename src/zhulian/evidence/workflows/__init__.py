"""The only writer of evidence. The ledger grows; nothing in it is changed.

Each function takes the :class:`~zhulian.organisations.tenancy.Scope` of the person who asks, raises ``NotVisibleError``
(404) for what that person cannot see and ``NotAllowedError`` (403) for what they may only look at. Class A is stated by
the platform's own hand (``SYSTEM``) only.
"""

from zhulian.evidence.workflows.facts import NewFact, state, state_all, withdraw

__all__ = ["NewFact", "state", "state_all", "withdraw"]
