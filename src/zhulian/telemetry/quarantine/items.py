"""One thing that was set aside, and the file that keeps it: a line of JSON about it, then the bytes as they came.

What an item is called (``epoch`` and the numbers) is what it goes in by, should it be sent again: the ledger knows it
like any other batch, so it goes in once.
"""

from typing import Literal

import msgspec
import pyarrow as pa

from zhulian.telemetry.journal.frames import BatchFrame
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.readings import TenantId, TimeUs
from zhulian.wire import batch as wire
from zhulian.wire.lane import COUNTED_OTHERWISE

Kind = Literal["batch", "rows", "block", "damage"]
"""A batch refused whole; rows of a batch that was received; a batch that the store refused; damaged bytes."""
EPOCHS: dict[Kind, str] = {"batch": "", "rows": "-aside", "block": "-again"}
"""What was received already, in part or before the store refused it, goes in under an epoch of its own."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """What the shelf knows of it; ``id`` and ``at_us`` (when) are the shelf's to give."""

    id: int = 0
    kind: Kind
    at_us: int = 0
    tenant: int = 0
    """0 where nobody knows whose it is: damaged bytes of the journal."""
    gateway: int = 0
    epoch: str = ""
    first: int = 0
    rows: int = 0
    offset_us: int = 0
    size_bytes: int
    code: str
    what_zh: str
    what_en: str

    @property
    def name(self) -> tuple[str, int, str, int]:
        """What must not be kept twice."""
        return self.kind, self.gateway, self.epoch, self.first

    @property
    def is_replayable(self) -> bool:
        """Whether sending it again can be right."""
        return self.kind != "damage" and self.code not in COUNTED_OTHERWISE


class Kept(msgspec.Struct, frozen=True):
    """An item with its bytes: an Arrow stream, or whatever came instead of one."""

    item: Item
    body: bytes


def refused(frame: BatchFrame, fault: ZhulianError) -> Kept:
    """A whole batch that was not received; its numbers are still free."""
    return _kept(frame, "batch", frame.rows, frame.body, fault)


def set_aside(frame: BatchFrame, rows: pa.RecordBatch, fault: ZhulianError) -> Kept:
    """Rows of a batch whose other rows are received."""
    return _kept(frame, "rows", rows.num_rows, wire.encode(rows), fault)


def not_stored(frame: BatchFrame, fault: ZhulianError) -> Kept:
    """A batch that was received and that the store will not have."""
    return _kept(frame, "block", frame.rows, frame.body, fault)


def damaged(body: bytes, start: int, end: int) -> Kept:
    """Bytes of the journal that are no frame; ``start`` keeps them apart."""
    what = Text(f"日志第 {start} 到 {end} 字节损坏。", f"Bytes {start} to {end} of the journal are damaged.")
    size_bytes = len(body)
    item = Item(
        kind="damage", first=start, size_bytes=size_bytes, code="journal_damaged", what_zh=what.zh, what_en=what.en
    )
    return Kept(item, body)


def _kept(frame: BatchFrame, kind: Kind, rows: int, body: bytes, fault: ZhulianError) -> Kept:
    item = Item(
        kind=kind,
        tenant=frame.tenant,
        gateway=frame.gateway,
        epoch=frame.epoch + EPOCHS[kind],
        first=frame.first,
        rows=rows,
        offset_us=frame.offset_us,
        size_bytes=len(body),
        code=fault.code,
        what_zh=fault.what.zh,
        what_en=fault.what.en,
    )
    return Kept(item, body)


def again(kept: Kept, now_us: TimeUs, body: bytes) -> BatchFrame:
    """The item as a batch of its gateway, with ``body`` in place of its own; whose it is stays as it was."""
    item = kept.item
    last = item.first + item.rows - 1
    tenant = TenantId(item.tenant)
    return BatchFrame(item.gateway, tenant, item.epoch, item.first, last, now_us, item.offset_us, body)


def written(kept: Kept) -> bytes:
    """The file's content."""
    return msgspec.json.encode(kept.item) + b"\n" + kept.body


def read_head(line: bytes) -> Item:
    """The item in a file's first line. Raises msgspec.DecodeError."""
    return msgspec.json.decode(line, type=Item)
