"""The shelf: one file an item in the data folder, bounded; the oldest give way, and how much gave way is counted.

Every item is on disk before it counts as kept. One gateway may fill a quarter, so that it cannot push out everybody
else's. All calls block and may come from any thread.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from zhulian.telemetry.journal.segments import sync_folder
from zhulian.telemetry.quarantine.items import Item, Kept, read_head, written
from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.settings import Settings

SUFFIX = ".aside"
MOST_ITEMS = 10_000
SHARE = 4
"""One gateway may hold 1/4 of the shelf."""
log = logging.getLogger(__name__)


class Totals(msgspec.Struct):
    """What is there, and what gave way since the platform was set up."""

    items: int = 0
    rows: int = 0
    size_bytes: int = 0
    dropped_items: int = 0
    dropped_rows: int = 0


class Shelf:
    """Open one with the folder; it is made when the first item comes."""

    def __init__(self, folder: Path, limit_bytes: int, clock: Clock) -> None:
        self.folder = folder
        self._limit_bytes = limit_bytes
        self._clock = clock
        self._lock = threading.Lock()
        self._items = {item.id: item for item in _found(folder)}
        self._names = {item.name: item.id for item in self._items.values()}
        self._next = max(self._items, default=0) + 1
        self._dropped = _read_dropped(folder / "dropped")

    @classmethod
    def of(cls, settings: Settings, clock: Clock) -> "Shelf":
        """The platform's own."""
        return cls(settings.data.quarantine, int(settings["ZHULIAN_QUARANTINE_MB"]) * 2**20, clock)

    def keep(self, kept: Kept) -> bool:
        """:meth:`put` what is safe elsewhere too; False when the disk refuses, and then the log names it."""
        try:
            self.put(kept)
        except OSError as fault:
            log.error("隔离区写不进 / cannot be kept aside: %s: %s", kept.item, fault)
            return False
        return True

    def put(self, kept: Kept) -> None:
        """Put ``kept`` away unless it is there already. Raises OSError; then whoever sent it must not let it go."""
        with self._lock:
            known = self._names.get(kept.item.name)
            if known is not None and (kept.item.kind != "rows" or self._body(known) == kept.body):
                return  # other rows of a batch that comes again, by another clock, take the place of the earlier ones
            item = msgspec.structs.replace(kept.item, id=known or self._next, at_us=self._clock())
            if known is None:
                self._make_room(item)
            self._write(Kept(item, kept.body))
            self._next = max(self._next, item.id + 1)
            self._items[item.id] = item
            self._names[item.name] = item.id

    def listed(self, wanted: Callable[[Item], bool] = lambda _: True) -> list[Item]:
        """Items that are wanted, the newest first."""
        with self._lock:
            return [item for _, item in sorted(self._items.items(), reverse=True) if wanted(item)]

    def get(self, number: int) -> Kept | None:
        """An item with its bytes; None when there is none. Raises OSError."""
        with self._lock:
            item = self._items.get(number)
            if item is None:
                return None
            return Kept(item, self._body(number))

    def discard(self, number: int) -> bool:
        """Forget an item; False when it is not there. Raises OSError."""
        with self._lock:
            if number not in self._items:
                return False
            self._remove(self._items[number])
            return True

    def totals(self) -> Totals:
        """For ``/health`` and ``zhulian telemetry check``."""
        with self._lock:
            items = self._items.values()
            return Totals(
                len(items),
                sum(item.rows for item in items),
                sum(item.size_bytes for item in items),
                self._dropped.dropped_items,
                self._dropped.dropped_rows,
            )

    def _make_room(self, item: Item) -> None:
        own = [each for each in self._items.values() if each.gateway == item.gateway]
        while own and sum(each.size_bytes for each in own) + item.size_bytes > self._limit_bytes // SHARE:
            self._drop(own.pop(0))
        while self._items and (
            len(self._items) >= MOST_ITEMS
            or sum(each.size_bytes for each in self._items.values()) + item.size_bytes > self._limit_bytes
        ):
            self._drop(self._items[min(self._items)])

    def _drop(self, item: Item) -> None:
        """The oldest gives way: counted before it goes, so that a crash counts it twice rather than never."""
        self._dropped.dropped_items += 1
        self._dropped.dropped_rows += item.rows
        _replace(self.folder / "dropped", msgspec.json.encode(self._dropped))
        log.warning("隔离区已满，最旧的一份让位 / the shelf is full, the oldest item gave way: %s", item)
        self._remove(item)

    def _remove(self, item: Item) -> None:
        self._path(item.id).unlink(missing_ok=True)
        del self._items[item.id]
        del self._names[item.name]

    def _write(self, kept: Kept) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _replace(self._path(kept.item.id), written(kept))

    def _body(self, number: int) -> bytes:
        return self._path(number).read_bytes().partition(b"\n")[2]

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:012d}{SUFFIX}"


def _found(folder: Path) -> Iterator[Item]:
    """What a folder holds, oldest first; a file that is no item is named and left where it is."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            with path.open("rb") as file:
                yield read_head(file.readline())
        except (OSError, msgspec.DecodeError) as fault:
            log.error("隔离区文件读不懂 / unreadable in the quarantine: %s: %s", path, fault)


def _read_dropped(path: Path) -> Totals:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Totals)
    except (OSError, msgspec.DecodeError):
        return Totals()


def _replace(path: Path, content: bytes) -> None:
    """Write and rename: whole or not there, and on disk when this returns."""
    draft = path.with_suffix(".draft")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)
