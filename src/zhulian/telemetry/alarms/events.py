"""What alarms say, numbered and on disk before anybody hears it; the portal asks for everything after a number.

Kept in one folder: ``rules`` as they were handed over, ``events`` (one line each, appended and synced), ``known`` (what
was said up to a number, so that heard events may go), ``decided`` (up to when each rule's past is decided), and
``listened`` (when somebody did). Every file carries its checksum; a torn last line of ``events`` was never told to
anybody and is cut off.
"""

import logging
import os
import secrets
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Self, TypeVar

import msgspec

from zhulian.telemetry.alarms.listening import Listened, Listening
from zhulian.telemetry.alarms.rules import Rule
from zhulian.telemetry.alarms.said import Said, Span
from zhulian.telemetry.journal import sealed
from zhulian.telemetry.journal.segments import sync_folder
from zhulian.vocabulary.errors import Text, ZhulianError

HEARD_AT_ONCE = 5_000
"""So many heard events may lie in the file before it is written anew without them."""
MOST_KEPT = 200_000
"""Unheard events; beyond it a portal that comes back is told the state instead of the way there."""
log = logging.getLogger(__name__)
T = TypeVar("T")
SpanRow = tuple[int, int | None, float | None]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """``number`` grows by one. With ``from_us`` the history of the rule from then on is ``spans``, whatever was said
    before; without, its one span began or ended. ``told_us`` is the platform's clock, the rest event time."""

    number: int
    rule: int
    version: int
    tenant: int
    told_us: int
    spans: tuple[SpanRow, ...]
    from_us: int | None = None


class RuleSet(msgspec.Struct, frozen=True):
    """All rules of the platform; ``version`` is the portal's count of changes."""

    version: int
    rules: tuple[Rule, ...]


class Known(msgspec.Struct, frozen=True):
    """What was said of each rule up to event ``number``. ``log`` names this log for good."""

    log: str
    number: int = 0
    spans: dict[int, tuple[SpanRow, ...]] = {}


class AlarmsDamagedError(ZhulianError):
    """A file of this folder cannot be read."""


class EventLog:
    """The folder. Reading happens at start, writing in one thread; the caller keeps these apart."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self._path = folder / "events"
        self.rules = _load(folder / "rules", RuleSet) or RuleSet(0, ())
        self.decided = _load(folder / "decided", dict[int, int]) or {}
        known = _load(folder / "known", Known)
        if known is None:
            known = Known(secrets.token_hex(8))
            sealed.save(folder / "known", known)
        self.log = known.log
        self.spans = {rule: [Span(start, end, _number(value)) for start, end, value in spans]
                      for rule, spans in known.spans.items()}  # fmt: skip
        self.events = self._read(known.number)
        self.last = self.events[-1].number if self.events else known.number
        told_us = max((event.told_us for event in self.events), default=0)
        self.listening = Listening(_load(folder / "listened", Listened), told_us)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The folder; one that cannot be read is kept aside, and a new one begun: receiving must not wait for it."""
        try:
            return cls(folder)
        except AlarmsDamagedError as fault:
            aside = folder.with_name(f"{folder.name}-damaged-{secrets.token_hex(4)}")
            log.error("%s → %s", fault, aside)
            folder.rename(aside)
            return cls(folder)

    def _read(self, after: int) -> list[Event]:
        data = self._path.read_bytes() if self._path.exists() else b""
        found, good = [], 0
        for line in data.splitlines(keepends=True):
            check, _, body = line.rstrip(b"\n").partition(b" ")
            if not line.endswith(b"\n") or check != b"%08x" % zlib.crc32(body):
                break
            found.append(msgspec.json.decode(body, type=Event))
            good += len(line)
        if good < len(data):
            with self._path.open("r+b") as file:
                file.truncate(good)
        for event in found:
            if event.number > after:
                hear(self.spans, event)
        return found

    def append(self, events: Sequence[Event]) -> None:
        """Make ``events`` durable. Raises OSError; then none of them counts, and they are offered again."""
        with self._path.open("ab") as file:
            size = file.tell()
            try:
                file.write(b"".join(_line(event) for event in events))
                file.flush()
                os.fdatasync(file.fileno())
            except OSError:
                file.truncate(size)
                raise

    def save_decided(self, decided: Mapping[int, int]) -> None:
        """Replace the file. Raises OSError."""
        sealed.save(self.folder / "decided", decided)

    def save_rules(self, rules: RuleSet) -> None:
        """Replace the file. Raises OSError."""
        sealed.save(self.folder / "rules", rules)

    def save_listened(self, listened: Listened) -> None:
        """Replace the file. Raises OSError."""
        sealed.save(self.folder / "listened", listened)

    def compact(self, spans: Mapping[int, Sequence[Span]], number: int, unheard: Sequence[Event]) -> None:
        """``spans`` is what was said up to ``number``; only ``unheard`` events stay. Raises OSError."""
        known = Known(self.log, number, {rule: rows_of(said) for rule, said in spans.items()})
        sealed.save(self.folder / "known", known)
        draft = self.folder / "events.draft"
        with draft.open("wb") as file:
            file.write(b"".join(_line(event) for event in unheard))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        sync_folder(self.folder)


def hear(spans: dict[int, list[Span]], event: Event) -> None:
    """Bring ``spans`` up to what ``event`` says."""
    mine = spans.setdefault(event.rule, [])
    said = [Span(start, end, _number(value)) for start, end, value in event.spans]
    if event.from_us is not None:
        from_us = event.from_us
        mine[:] = [span for span in mine if span.end_us is not None and span.end_us < from_us] + said
    elif mine and mine[-1].end_us is None and mine[-1].start_us == said[0].start_us:
        mine[-1] = said[0]
    else:
        mine.append(said[0])


def event_of(said: Said, number: int, told_us: int) -> Event:
    """``said`` as an event."""
    rule = said.rule
    return Event(
        number=number, rule=rule.id, version=rule.version, tenant=rule.tenant, told_us=told_us,
        spans=rows_of(said.spans), from_us=said.from_us,
    )  # fmt: skip


def rows_of(spans: Iterable[Span]) -> tuple[SpanRow, ...]:
    """Spans as they stand in files and answers: NaN is no JSON."""
    return tuple((span.start_us, span.end_us, None if span.value != span.value else span.value) for span in spans)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _line(event: Event) -> bytes:
    body = msgspec.json.encode(event)
    return b"%08x %b\n" % (zlib.crc32(body), body)


def _load(path: Path, kind: type[T]) -> T | None:
    if not path.exists():
        return None
    try:
        return sealed.load(path, kind)
    except sealed.BrokenSealError as fault:
        raise _damaged(path, str(fault)) from fault


def _damaged(path: Path, why: str) -> AlarmsDamagedError:
    return AlarmsDamagedError(
        "alarms_unreadable",
        Text(f"报警文件 {path} 读不懂：{why}。", f"The alarm file {path} cannot be read: {why}."),
        Text(
            "平台会把它移到一旁重新开始：报警规则由门户重新下发，历史由读数重新算出。",
            "It is kept aside and begun anew: the portal hands over its rules, history is computed from readings.",
        ),
    )
