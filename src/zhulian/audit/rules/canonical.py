"""The canonical form of an entry, byte for byte, and the hash over it: what makes the trail a chain.

The form is JSON as RFC 8785 (JSON Canonicalization Scheme) prescribes, over values that leave no choice: text,
integers below 2^53, true, false, null, lists and objects. ``docs/reference/audit-trail.md`` says the same in words.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat.primitives import hashes

from zhulian.audit.rules import Draft

GENESIS: Final = "0" * 64
"""What the first entry names as the hash before it."""
LONGEST_NAME, LONGEST_NOTE, LONGEST_VALUE, MOST_FIELDS = 200, 2000, 500, 100
_EXACT = 2**53
"""RFC 8785 knows numbers as IEEE 754 doubles; larger integers are written as text."""


def _sm3(data: bytes) -> str:
    """GB/T 32905-2016."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize().hex()


HASHES: Final[Mapping[str, Callable[[bytes], str]]] = {
    "sha256": lambda data: hashlib.sha256(data).hexdigest(),
    "sm3": _sm3,
}
"""The algorithms an entry may name; both give 64 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the chain. ``changes`` is already in JSON's own types; ``time`` is UTC with microseconds."""

    sequence: int
    time: str
    actor: int | None
    actor_name: str
    capacity: str
    action: str
    subject_kind: str
    subject: str
    subject_name: str
    organisation: int | None
    changes: Mapping[str, tuple[object, object]]
    note: str
    algorithm: str
    previous: str
    hash: str = ""

    def members(self) -> dict[str, object]:
        """What the hash covers: everything but itself."""
        return {"kind": "entry"} | {name: getattr(self, name) for name in self.__slots__ if name != "hash"}

    def computed_hash(self) -> str:
        """The hash that belongs to these members."""
        return HASHES[self.algorithm](canonical(self.members()))

    def line(self) -> bytes:
        """The entry as one line of an export."""
        return canonical(self.members() | {"hash": self.hash}) + b"\n"


def canonical(value: object) -> bytes:
    """``value`` as RFC 8785 writes it; only for the values that this module's paragraph names."""
    return json.dumps(_ordered(value), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _ordered(value: object) -> object:
    """Members in the order of their UTF-16 code units, at every depth."""
    if isinstance(value, Mapping):
        return {name: _ordered(value[name]) for name in sorted(value, key=lambda name: name.encode("utf-16-be"))}
    return [_ordered(each) for each in value] if isinstance(value, list | tuple) else value


def chained(drafts: Iterable[Draft], sequence: int, previous: str, moment: datetime, algorithm: str) -> Iterator[Entry]:
    """``drafts`` as the links that follow the entry numbered ``sequence`` with the hash ``previous``."""
    for draft in drafts:
        sequence += 1
        entry = _link(draft, sequence, previous, moment, algorithm)
        previous = entry.hash
        yield entry


def _link(draft: Draft, sequence: int, previous: str, moment: datetime, algorithm: str) -> Entry:
    members: dict[str, object] = {
        "sequence": sequence,
        "time": time_text(moment),
        "actor": draft.actor.person,
        "actor_name": _text(draft.actor.name, LONGEST_NAME),
        "capacity": _text(draft.capacity, LONGEST_NAME),
        "action": _text(draft.action, 64),
        "subject_kind": _text(draft.subject.kind, 32),
        "subject": _text(str(draft.subject.id), 64),
        "subject_name": _text(draft.subject.name, LONGEST_NAME),
        "organisation": draft.organisation,
        "changes": plain_changes(draft.changes),
        "note": _text(draft.note, LONGEST_NOTE),
        "algorithm": algorithm,
        "previous": previous,
    }
    digest = HASHES[algorithm](canonical({"kind": "entry"} | members))
    return Entry(**members, hash=digest)  # type: ignore[arg-type]


def time_text(moment: datetime) -> str:
    """An aware moment as ``2026-11-25T11:07:00.000001Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plain_changes(changes: Mapping[str, tuple[object, object]]) -> dict[str, tuple[object, object]]:
    """``changes`` in JSON's own types, without what did not change; at most :data:`MOST_FIELDS` fields."""
    pairs = {_text(name, 64): (plain(old), plain(new)) for name, (old, new) in sorted(changes.items())}
    return {name: pair for name, pair in list(pairs.items())[:MOST_FIELDS] if pair[0] != pair[1]}


def plain(value: object) -> object:
    """One value for the trail: null, true, false, an exact integer, a list of such; anything else as text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) < _EXACT else str(value)
    if isinstance(value, datetime):
        return time_text(value) if value.tzinfo else value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else list(value)
        return [plain(each) for each in items[:MOST_FIELDS]]
    return _text(str(value), LONGEST_VALUE)


def _text(text: str, most: int) -> str:
    """Text that both databases and UTF-8 can hold: no NUL, no half surrogates, not beyond ``most`` characters."""
    clean = text.replace("\0", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace").decode("utf-8")
    return clean if len(clean) <= most else clean[: most - 1] + "…"
