"""Making room in the outbox: the oldest goes first, and every loss is told as a gap. Called inside its transactions."""

import contextlib
import sqlite3

import msgspec

from zhulian.vocabulary.readings import TimeUs

SAME_GAP_S = 600.0
"""Drops that follow each other this closely are told as one gap."""
ROW_BYTES = 64
"""What SQLite spends on a row besides its body."""


class Gap(msgspec.Struct, frozen=True):
    """Readings that had to be dropped: how many, from which time to which, when and why (full, old, set_aside_full)."""

    from_us: int
    to_us: int
    rows: int
    at_us: int
    reason: str


def drop_oldest(database: sqlite3.Connection, too_many: int, limit_age_us: int, now_us: TimeUs) -> int:
    """Drop the oldest lots until ``too_many`` bytes are freed, and all beyond the age. Returns the bytes freed."""
    freed = 0
    doomed: list[tuple[int, int, int, int, str]] = []
    sql = "SELECT id, made_us, oldest_us, newest_us, rows, size FROM lots ORDER BY id"
    with contextlib.closing(database.execute(sql)) as cursor:
        for lot_id, made_us, oldest_us, newest_us, rows, size in cursor:
            is_old = now_us - made_us > limit_age_us
            if freed >= too_many and not is_old:
                break
            freed += size + ROW_BYTES
            doomed.append((lot_id, oldest_us, newest_us, rows, "old" if is_old else "full"))
    if doomed:
        database.execute("DELETE FROM lots WHERE id BETWEEN ? AND ?", (doomed[0][0], doomed[-1][0]))
        from_us, to_us = min(lot[1] for lot in doomed), max(lot[2] for lot in doomed)
        _tell_gap(database, Gap(from_us, to_us, sum(lot[3] for lot in doomed), now_us, doomed[-1][4]))
    return freed


def bound_set_aside(database: sqlite3.Connection, most_bytes: float, now_us: TimeUs) -> None:
    """Drop the oldest refused batches beyond ``most_bytes``."""
    sql = "SELECT id, oldest_us, newest_us, last - first + 1, size FROM set_aside ORDER BY id DESC"
    size = 0
    for row_id, oldest_us, newest_us, rows, body in database.execute(sql).fetchall():
        size += body
        if size > most_bytes:
            database.execute("DELETE FROM set_aside WHERE id = ?", (row_id,))
            _tell_gap(database, Gap(oldest_us, newest_us, rows, now_us, "set_aside_full"))


def gaps(database: sqlite3.Connection, most: int) -> list[Gap]:
    """The latest gaps, newest first."""
    rows = database.execute("SELECT from_us, to_us, rows, at_us, reason FROM gaps ORDER BY id DESC LIMIT ?", (most,))
    return [Gap(*row) for row in rows]


def _tell_gap(database: sqlite3.Connection, gap: Gap) -> None:
    """As a gap of its own, or as more of the one before."""
    last = database.execute("SELECT id, at_us FROM gaps WHERE reason = ? ORDER BY id DESC", (gap.reason,)).fetchone()
    if last is not None and abs(gap.at_us - last[1]) <= SAME_GAP_S * 1e6:
        database.execute(
            "UPDATE gaps SET from_us = min(from_us, ?), to_us = max(to_us, ?), rows = rows + ?, at_us = ? WHERE id = ?",
            (gap.from_us, gap.to_us, gap.rows, gap.at_us, last[0]),
        )
        return
    database.execute(
        "INSERT INTO gaps (from_us, to_us, rows, first_at_us, at_us, reason) VALUES (?, ?, ?, ?, ?, ?)",
        (gap.from_us, gap.to_us, gap.rows, gap.at_us, gap.at_us, gap.reason),
    )
