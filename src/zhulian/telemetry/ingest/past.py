"""Readings of the past, from files: the door beside the gateways' lane, for the portal and the command line.

======================================================  =====================================================
``POST /past?tenant=7&epoch=…&first=1&last=100000``     body as of the gateways' lane → Received; 503 to wait
======================================================  =====================================================

They go through the same reception and journal under a sender of their own, one for each enterprise, whose number is
below zero: so no gateway is ever taken for a file, nor a file for a gateway. History gives way: while the store has
enough to do, or the journal is a quarter full, it has to wait, so that gateways never feel an import.
"""

import re
from collections.abc import Callable
from urllib.parse import parse_qs

from zhulian.telemetry.answers import Receive, Scope, Send, read_body, send_json
from zhulian.telemetry.ingest import errors
from zhulian.telemetry.ingest.reception import Reception
from zhulian.telemetry.journal.frames import BatchFrame, past_of
from zhulian.telemetry.journal.journal import Journal
from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.readings import TenantId
from zhulian.wire.lane import LARGEST_BATCH_BYTES

MOST_ROWS_WAITING = 500_000
"""As many as the store takes at once; with more waiting, history waits too."""
JOURNAL_SHARE = 4
_EPOCH = re.compile(r"[0-9a-f]{40}")
_NUMBER = re.compile(r"[0-9]{1,18}")


class Past:
    """Takes batches of the past. ``rows_waiting`` tells how many the store lacks. Event loop's thread."""

    def __init__(self, reception: Reception, journal: Journal, rows_waiting: Callable[[], int], clock: Clock) -> None:
        self._reception = reception
        self._journal = journal
        self._rows_waiting = rows_waiting
        self._clock = clock

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One batch. Raises IngestError, BatchError, JournalError."""
        tenant, first, last = (_number(scope, name) for name in ("tenant", "first", "last"))
        epoch = _query(scope, "epoch")
        if not _EPOCH.fullmatch(epoch):
            raise errors.header_wrong("epoch", "应为 40 位十六进制数", "40 hexadecimal digits are wanted")
        if last < first or not first or not 0 < tenant < 2**32:
            raise errors.header_wrong("last", "号码不对", "these numbers make no sense")
        if self._rows_waiting() > MOST_ROWS_WAITING or self._is_filling():
            raise errors.past_waits()
        body = await read_body(scope, receive, LARGEST_BATCH_BYTES)
        frame = BatchFrame(past_of(TenantId(tenant)), TenantId(tenant), epoch, first, last, self._clock(), 0, body)
        await send_json(send, await self._reception.take(frame))

    def _is_filling(self) -> bool:
        return self._journal.used_bytes * JOURNAL_SHARE > self._journal.limit_bytes


def _query(scope: Scope, name: str) -> str:
    query: str = scope["query_string"].decode("latin-1")
    return parse_qs(query).get(name, [""])[-1]


def _number(scope: Scope, name: str) -> int:
    text = _query(scope, name)
    if not _NUMBER.fullmatch(text):
        raise errors.header_wrong(name, f"“{text}”不是整数", f"“{text}” is no whole number")
    return int(text)
