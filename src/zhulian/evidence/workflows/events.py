"""What this room announces with ``vocabulary.events.announce``; listeners run at once, in the same transaction."""

from dataclasses import dataclass
from datetime import date

from zhulian.evidence.rules import FactId


@dataclass(frozen=True, slots=True)
class DocumentRepeated:
    """A document was handed in that was used before, perhaps by somebody else. ``reason``: file, invoice or photo."""

    document: int
    enterprise: int
    earlier: int
    earlier_enterprise: int
    reason: str
    distance: int


@dataclass(frozen=True, slots=True)
class FactExpiring:
    """A fact that still holds comes to its end; nothing newer stands ready."""

    fact: FactId
    enterprise: int
    key: str
    valid_until: date


@dataclass(frozen=True, slots=True)
class FactsStated:
    """Facts entered the ledger, or were withdrawn, about one enterprise."""

    enterprise: int
    keys: frozenset[str]
    facts: tuple[FactId, ...]


@dataclass(frozen=True, slots=True)
class FlagRaised:
    """Something about an enterprise may not be as it looks; ``area`` is whose officers look into it."""

    flag: int
    rule: str
    enterprise: int
    area: str
