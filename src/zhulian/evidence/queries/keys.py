"""The catalogue as the city has it: the data file with what officers changed over it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from zhulian.evidence import catalogue as catalogues
from zhulian.evidence.catalogue import FactKey, unknown_key
from zhulian.evidence.models import KeyOverride
from zhulian.evidence.rules import EvidenceClass
from zhulian.vocabulary.errors import Text


@dataclass(frozen=True, slots=True)
class KeyFilter:
    """What the list of keys is narrowed to; the empty filter narrows nothing."""

    text: str = ""
    """Part of a name, a meaning or the key itself."""
    group: str = ""
    evidence_class: EvidenceClass | None = None


@dataclass(frozen=True, slots=True)
class KeyState:
    """What an edit form starts from: the key in force, the data file's own, the changes and their revision."""

    key: FactKey
    shipped: FactKey
    changes: Mapping[str, object]
    revision: int
    changed_at: datetime | None
    changed_by_name: str


def catalogue() -> dict[str, FactKey]:
    """Every key with what the city changed, in the catalogue's order; one statement. The same for everybody."""
    changed = {row.key: row for row in KeyOverride.objects.all()}
    return {key: _overridden(row, changed.get(key)) for key, row in catalogues.catalogue().items()}


def keys(wanted: KeyFilter) -> list[FactKey]:
    """The keys that ``wanted`` leaves, in the catalogue's order; one statement."""
    text = wanted.text.strip().lower()
    return [
        row
        for row in catalogue().values()
        if (not text or text in _searched(row))
        and (not wanted.group or row.group == wanted.group)
        and (wanted.evidence_class is None or row.allows(wanted.evidence_class))
    ]


def key_state(key: str) -> KeyState:
    """One key with what was changed in it; refuses one that nobody agreed on."""
    shipped = catalogues.catalogue().get(key)
    if shipped is None:
        raise unknown_key(key)
    row = KeyOverride.objects.filter(key=key).first()
    if row is None:
        return KeyState(shipped, shipped, {}, 0, None, "")
    names = ("name_zh", "name_en", "owner", "validity_days", "tolerance", "is_off")
    changes = {name: getattr(row, name) for name in names}
    return KeyState(_overridden(shipped, row), shipped, changes, row.revision, row.changed_at, row.changed_by_name)


def _searched(row: FactKey) -> str:
    words = (row.name, row.meaning, row.owner, row.measured)
    return " ".join((row.key, *(f"{text.zh} {text.en}" for text in words))).lower()


def _overridden(row: FactKey, changed: KeyOverride | None) -> FactKey:
    if changed is None:
        return row
    return msgspec.structs.replace(
        row,
        name=Text(changed.name_zh or row.name.zh, changed.name_en or row.name.en),
        owner=Text(changed.owner, changed.owner) if changed.owner else row.owner,
        validity_days=row.validity_days if changed.validity_days is None else changed.validity_days,
        tolerance=row.tolerance if changed.tolerance is None else changed.tolerance,
        is_off=changed.is_off,
    )
