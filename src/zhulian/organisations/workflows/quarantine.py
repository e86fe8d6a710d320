"""What people decide about readings that could not be stored: on record first, then done, or neither.

Telemetry does it; what to call is handed in, so that this room needs to know nothing of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record
from zhulian.organisations.rules import NotAllowedError, RecordsError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.vocabulary.errors import Text

LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class SetAside:
    """An item of the quarantine as the record names it; ``enterprise`` 0 where nobody knows whose it is."""

    id: int
    enterprise: int
    label: str


def send_again(scope: Scope, item: SetAside, shift_s: int, send: Callable[[], int]) -> int:
    """Let ``item`` go into the store; returns its rows. What ``send`` raises leaves nothing on record."""
    with transaction.atomic():
        _record(scope, "quarantine.sent_again", item, f"{shift_s:+d} s" if shift_s else "")
        return send()


def discard(scope: Scope, item: SetAside, note: str, drop: Callable[[], None]) -> None:
    """Forget ``item`` for good, with the reason on record."""
    reason = note.strip()
    if not 0 < len(reason) <= LONGEST_NOTE:
        raise RecordsError(
            "quarantine_note_missing",
            Text("丢弃读数要写明原因。", "Discarding readings needs a reason."),
            Text(f"请用 1 到 {LONGEST_NOTE} 个字说明。", f"Say why in 1 to {LONGEST_NOTE} characters."),
        )
    with transaction.atomic():
        _record(scope, "quarantine.discarded", item, reason)
        drop()


def _record(scope: Scope, action: str, item: SetAside, note: str) -> None:
    if not (scope.administers or (item.enterprise and scope.may_configure(item.enterprise))):
        raise NotAllowedError
    subject = Subject("quarantine", item.id, item.label)
    record(actor(scope), action, subject, organisation=item.enterprise or None, note=note)
