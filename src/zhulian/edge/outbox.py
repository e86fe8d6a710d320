"""The durable outbox: every reading lies on disk here before it is sent, and until the platform has it on its own disk.

One SQLite file (WAL, synchronous=FULL). Readings are appended in *lots*. To send, lots are *frozen* into a batch: its
readings get the next sequence numbers and its bytes are kept, so that every re-send is the same to the byte. A batch
is deleted when the platform has answered 200. :mod:`zhulian.edge.recorder` appends, :mod:`zhulian.edge.uplink` sends.
All methods block on the disk and belong to one thread. What has to go when it is full: :mod:`zhulian.edge.room`.
"""

import contextlib
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from zhulian.edge import lots, room
from zhulian.edge.disk_faults import disk_fault
from zhulian.edge.faults import EdgeError, folder_unwritable
from zhulian.edge.points import PointKey, Sample
from zhulian.edge.room import ROW_BYTES, Gap
from zhulian.vocabulary.errors import ZhulianError
from zhulian.vocabulary.readings import TimeUs

LARGEST_LOT_ROWS = 5_000
LARGEST_BODY_BYTES = 4 * 1024 * 1024
"""Lots frozen into one batch; well below what the platform takes."""
MOST_LOTS = 4_000
"""Lots looked at for one batch."""
LIVE_S = 5.0
"""A lot this young is sent at once; older ones wait for their turn in the backlog."""
SET_ASIDE_SHARE = 0.1
"""The share of the outbox that refused batches may take."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS life (epoch TEXT NOT NULL, next INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS points (
  local INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, platform INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS lots (
  id INTEGER PRIMARY KEY AUTOINCREMENT, made_us INTEGER NOT NULL,
  oldest_us INTEGER NOT NULL, newest_us INTEGER NOT NULL,
  rows INTEGER NOT NULL, size INTEGER NOT NULL, nameless INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS lots_in_turn ON lots (nameless, id, made_us, rows, size);
CREATE TABLE IF NOT EXISTS batches (
  epoch TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, lane TEXT NOT NULL,
  oldest_us INTEGER NOT NULL, newest_us INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (epoch, first));
CREATE TABLE IF NOT EXISTS set_aside (
  id INTEGER PRIMARY KEY, epoch TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  oldest_us INTEGER NOT NULL, newest_us INTEGER NOT NULL, at_us INTEGER NOT NULL, fault TEXT NOT NULL,
  size INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS gaps (
  id INTEGER PRIMARY KEY, from_us INTEGER NOT NULL, to_us INTEGER NOT NULL, rows INTEGER NOT NULL,
  first_at_us INTEGER NOT NULL, at_us INTEGER NOT NULL, reason TEXT NOT NULL);
PRAGMA user_version = 1;
"""


class Lane(StrEnum):
    """LIVE: what was just read. BACKLOG: what waited during an outage."""

    LIVE = "live"
    BACKLOG = "backlog"


class Batch(NamedTuple):
    """A frozen batch: ``last - first + 1`` readings whose numbers and bytes never change again."""

    epoch: str
    first: int
    last: int
    lane: Lane
    oldest_us: TimeUs
    newest_us: TimeUs
    body: bytes

    @property
    def rows(self) -> int:
        """How many readings."""
        return self.last - self.first + 1


class SetAside(msgspec.Struct, frozen=True):
    """A batch that the platform will not take, kept with the platform's words."""

    epoch: str
    first: int
    last: int
    at_us: int
    fault: dict[str, str]


class Fill(msgspec.Struct, frozen=True):
    """How full the outbox is. ``nameless_rows`` wait for the platform to name their points."""

    rows: int
    nameless_rows: int
    size_bytes: int
    limit_bytes: int
    oldest_us: int
    set_aside: int
    lost_rows: int


class Outbox:
    """One file. Open it once; what was committed before a crash is there again, numbered as before."""

    def __init__(self, path: Path, limit_bytes: int, limit_age_s: float) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._limit_age_us = int(limit_age_s * 1e6)
        self._database = self._open()
        self._local: dict[str, int] = dict(self._database.execute("SELECT key, local FROM points"))
        self._platform_ids, self._ids_are_stale = self._read_platform_ids(), False
        self._lots_bytes = self._number("SELECT coalesce(sum(size + ?), 0) FROM lots", ROW_BYTES)

    # -- writing -------------------------------------------------------------------------------------------------------

    def append(self, samples: Sequence[Sample], now_us: TimeUs) -> None:
        """Keep ``samples`` for good; they are on the disk when this returns. Makes room by dropping the oldest lots."""
        added = 0
        with self._commit():
            for start in range(0, len(samples), LARGEST_LOT_ROWS):
                piece = samples[start : start + LARGEST_LOT_ROWS]
                locals_ = [self._local_id(sample.point) for sample in piece]
                rows = lots.columns(
                    locals_,
                    [sample.time_us for sample in piece],
                    [sample.value for sample in piece],
                    [sample.quality for sample in piece],
                    [sample.text for sample in piece],
                )
                added += self._insert_lot(rows, now_us)
            too_many = self._lots_bytes + added - self._limit_bytes
            freed = room.drop_oldest(self._database, too_many, self._limit_age_us, now_us)
        self._lots_bytes += added - freed

    def name_points(self, platform_ids: Mapping[PointKey, int]) -> None:
        """Note the platform's ids for own points; readings that waited for them may go now."""
        with self._commit():
            for key, platform in platform_ids.items():
                local = self._local_id(key)
                self._database.execute("UPDATE points SET platform = ? WHERE local = ?", (platform, local))
            self._database.execute("UPDATE lots SET nameless = 0 WHERE nameless = 1")
        self._ids_are_stale = True

    def freeze(self, lane: Lane, most_rows: int, now_us: TimeUs) -> Batch | None:
        """Number the next readings of ``lane`` and keep the batch; ``None`` when there is nothing to send."""
        freed = 0
        batch: Batch | None = None
        with self._commit():
            chosen, known = self._choose(lane, most_rows, now_us)
            for lot_id, size, rest in chosen:
                freed += self._take_out(lot_id, size, rest)
            if known:
                batch = self._number_and_keep(lane, known)
        self._lots_bytes -= freed
        return batch

    def frozen(self, lane: Lane) -> Batch | None:
        """The oldest batch of ``lane`` that waits for its answer: after a restart, or after a failed sending."""
        row = self._database.execute(
            "SELECT epoch, first, last, lane, oldest_us, newest_us, body FROM batches WHERE lane = ? ORDER BY rowid",
            (lane,),
        ).fetchone()
        return Batch(row[0], row[1], row[2], Lane(row[3]), *row[4:]) if row else None

    def delivered(self, batch: Batch) -> None:
        """The platform has it on disk: forget it."""
        with self._commit():
            self._forget(batch)
        if not self._lots_bytes:
            self._database.execute("PRAGMA incremental_vacuum(2000)")

    def put_aside(self, batch: Batch, refusal: ZhulianError, now_us: TimeUs) -> None:
        """The platform will never take it: keep it with the reason, out of the way of the others."""
        words = msgspec.json.encode(refusal.as_json()).decode()
        with self._commit():
            self._forget(batch)
            self._database.execute(
                "INSERT INTO set_aside (epoch, first, last, oldest_us, newest_us, at_us, fault, size, body) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    batch.epoch,
                    batch.first,
                    batch.last,
                    batch.oldest_us,
                    batch.newest_us,
                    now_us,
                    words,
                    len(batch.body),
                    batch.body,
                ),
            )
            most_bytes = max(self._limit_bytes * SET_ASIDE_SHARE, LARGEST_BODY_BYTES)
            room.bound_set_aside(self._database, most_bytes, now_us)

    def begin_epoch(self) -> str:
        """Count from 1 under a new name: for when the platform knows numbers that this file has forgotten."""
        epoch = secrets.token_hex(8)
        with self._commit():
            self._database.execute("UPDATE life SET epoch = ?, next = 1", (epoch,))
        return epoch

    # -- looking -------------------------------------------------------------------------------------------------------

    @property
    def epoch(self) -> str:
        """The present life of the numbering."""
        return str(self._database.execute("SELECT epoch FROM life").fetchone()[0])

    def has_backlog(self, now_us: TimeUs) -> bool:
        """Whether the oldest lot that could go is no longer young."""
        made = self._database.execute("SELECT made_us FROM lots WHERE nameless = 0 ORDER BY id LIMIT 1").fetchone()
        return made is not None and not _is_young(made[0], now_us)

    def fill(self) -> Fill:
        """How full it is now."""
        frozen_rows = self._number("SELECT coalesce(sum(last - first + 1), 0) FROM batches")
        nameless = self._number("SELECT coalesce(sum(rows), 0) FROM lots WHERE nameless = 1")
        waiting = self._number("SELECT coalesce(sum(rows), 0) FROM lots")
        oldest = [
            self._number("SELECT coalesce(min(oldest_us), 0) FROM batches"),
            self._number("SELECT coalesce((SELECT oldest_us FROM lots ORDER BY id LIMIT 1), 0)"),
        ]
        return Fill(
            rows=waiting + frozen_rows,
            nameless_rows=nameless,
            size_bytes=self._lots_bytes,
            limit_bytes=self._limit_bytes,
            oldest_us=min((time_us for time_us in oldest if time_us), default=0),
            set_aside=self._number("SELECT count(*) FROM set_aside"),
            lost_rows=self._number("SELECT coalesce(sum(rows), 0) FROM gaps"),
        )

    def gaps(self, most: int = 50) -> list[Gap]:
        """The latest gaps, newest first."""
        return room.gaps(self._database, most)

    def set_aside(self, most: int = 50) -> list[SetAside]:
        """The latest refused batches, newest first."""
        rows = self._database.execute(
            "SELECT epoch, first, last, at_us, fault FROM set_aside ORDER BY id DESC LIMIT ?", (most,)
        )
        return [SetAside(row[0], row[1], row[2], row[3], msgspec.json.decode(row[4])) for row in rows]

    def close(self) -> None:
        """Fold the write-ahead log in and let go of the file."""
        self._database.close()

    # -- inside --------------------------------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        try:
            return _connect(self._path)
        except sqlite3.DatabaseError as error:
            raise disk_fault(error, self._path) from error

    @contextlib.contextmanager
    def _commit(self) -> Iterator[None]:
        """One transaction; a full or read-only disk becomes an :class:`EdgeError` and nothing has changed."""
        try:
            self._database.execute("BEGIN IMMEDIATE")
            yield
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo()
            raise disk_fault(error, self._path) from error
        except BaseException:
            self._undo()
            raise

    def _undo(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            self._local = dict(self._database.execute("SELECT key, local FROM points"))
            self._ids_are_stale = True

    def _number(self, sql: str, *values: object) -> int:
        return int(self._database.execute(sql, values).fetchone()[0])

    def _read_platform_ids(self) -> NDArray[np.uint32]:
        ids = np.zeros(self._number("SELECT coalesce(max(local), 0) FROM points") + 1, np.uint32)
        for local, platform in self._database.execute("SELECT local, platform FROM points"):
            ids[local] = platform
        return ids

    def _local_id(self, key: str) -> int:
        known = self._local.get(key)
        if known is None:
            platform = int(key[1:]) if key.startswith("#") and key[1:].isdecimal() else 0
            cursor = self._database.execute("INSERT INTO points (key, platform) VALUES (?, ?)", (key, platform))
            known = self._local[key] = int(cursor.lastrowid or 0)
            self._ids_are_stale = True
        return known

    def _insert_lot(self, rows: lots.Columns, now_us: TimeUs, lot_id: int | None = None) -> int:
        body = lots.pack(rows)
        nameless = not self._ids_of(rows).any()
        self._database.execute(
            "INSERT INTO lots (id, made_us, oldest_us, newest_us, rows, size, nameless, body) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                lot_id, now_us, int(rows.times_us.min()), int(rows.times_us.max()),
                len(rows.points), len(body), int(nameless), body,
            ),
        )  # fmt: skip
        return len(body) + ROW_BYTES

    def _ids_of(self, rows: lots.Columns) -> NDArray[np.uint32]:
        if self._ids_are_stale:
            self._platform_ids, self._ids_are_stale = self._read_platform_ids(), False
        return self._platform_ids[rows.points]

    def _choose(
        self, lane: Lane, most_rows: int, now_us: TimeUs
    ) -> tuple[list[tuple[int, int, lots.Columns | None]], list[lots.Columns]]:
        """The lots to take out (with what stays behind of each), and the rows that the platform has names for."""
        newest_first = lane is Lane.LIVE
        chosen: list[tuple[int, int, lots.Columns | None]] = []
        known: list[lots.Columns] = []
        rows = size = 0
        for lot_id, made_us, lot_rows, lot_size in self._lots_in_turn(newest_first=newest_first):
            too_much = known and (rows + lot_rows > most_rows or size + lot_size > LARGEST_BODY_BYTES)
            if too_much or len(chosen) >= MOST_LOTS or _is_young(made_us, now_us) is not newest_first:
                break
            lot = lots.unpack(self._database.execute("SELECT body FROM lots WHERE id = ?", (lot_id,)).fetchone()[0])
            named = self._ids_of(lot) != 0
            if named.any():
                known.append(lot if named.all() else lots.pick(lot, named))
                rows, size = rows + lot_rows, size + lot_size
            chosen.append((lot_id, lot_size, None if named.all() else lots.pick(lot, ~named)))
        return chosen, known[::-1] if newest_first else known

    def _lots_in_turn(self, *, newest_first: bool) -> Iterator[tuple[int, int, int, int]]:
        order = "DESC" if newest_first else "ASC"
        sql = f"SELECT id, made_us, rows, size FROM lots WHERE nameless = 0 ORDER BY id {order}"  # noqa: S608 - two words
        with contextlib.closing(self._database.execute(sql)) as cursor:
            yield from cursor

    def _take_out(self, lot_id: int, size: int, rest: lots.Columns | None) -> int:
        """Delete a lot, or leave in its place the rows whose points still have no name. Returns the bytes freed."""
        made_us = self._number("SELECT made_us FROM lots WHERE id = ?", lot_id)
        self._database.execute("DELETE FROM lots WHERE id = ?", (lot_id,))
        kept = self._insert_lot(rest, TimeUs(made_us), lot_id) if rest is not None else 0
        return size + ROW_BYTES - kept

    def _number_and_keep(self, lane: Lane, known: list[lots.Columns]) -> Batch:
        epoch, first = self._database.execute("SELECT epoch, next FROM life").fetchone()
        last = first + sum(len(lot.points) for lot in known) - 1
        oldest = TimeUs(min(int(lot.times_us.min()) for lot in known))
        newest = TimeUs(max(int(lot.times_us.max()) for lot in known))
        batch = Batch(epoch, first, last, lane, oldest, newest, lots.to_batch(known, self._platform_ids))
        self._database.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?)", batch)
        self._database.execute("UPDATE life SET next = ?", (last + 1,))
        return batch

    def _forget(self, batch: Batch) -> None:
        self._database.execute("DELETE FROM batches WHERE epoch = ? AND first = ?", (batch.epoch, batch.first))


def open_outbox(path: Path, limit_bytes: int, limit_age_s: float, now_us: TimeUs) -> tuple[Outbox, Path | None]:
    """The outbox in ``path``. A file that SQLite cannot read is moved aside, never deleted, and a new one is begun."""
    try:
        return Outbox(path, limit_bytes, limit_age_s), None
    except EdgeError as error:
        if error.code != "outbox_damaged":
            raise
    moved = path.with_name(f"{path.name}.damaged-{now_us // 1_000_000}")
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(moved.with_name(moved.name + suffix))
    return Outbox(path, limit_bytes, limit_age_s), moved


def _connect(path: Path) -> sqlite3.Connection:
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise folder_unwritable(path.parent, error) from error
    # One thread uses it, though not the one that opened it.
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    try:
        database.execute("PRAGMA auto_vacuum = INCREMENTAL")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.executescript(_SCHEMA)
        if database.execute("SELECT count(*) FROM life").fetchone()[0] == 0:
            database.execute("INSERT INTO life VALUES (?, 1)", (secrets.token_hex(8),))
    except sqlite3.Error:
        database.close()
        raise
    return database


def _is_young(made_us: int, now_us: int) -> bool:
    return abs(now_us - made_us) <= LIVE_S * 1e6
