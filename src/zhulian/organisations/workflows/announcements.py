"""What this room announces to the rooms above it (``vocabulary.events``), inside the transaction that it tells of."""

from dataclasses import dataclass

from zhulian.organisations.rules.files import EventKind


@dataclass(frozen=True, slots=True)
class EnterpriseRegistered:
    """A file was opened. ``area`` is the reporting area whose officers keep it up."""

    enterprise: int
    name: str
    area: str
    is_sample: bool


@dataclass(frozen=True, slots=True)
class EnterpriseChanged:
    """A file says something else than before; ``fields`` are the names of what changed."""

    enterprise: int
    name: str
    area: str
    kind: EventKind
    fields: frozenset[str]
    is_sample: bool


@dataclass(frozen=True, slots=True)
class EnterpriseRemoved:
    """A file that an import had opened is gone again, because the import was undone; nothing belonged to it yet."""

    enterprise: int
    name: str
    area: str


@dataclass(frozen=True, slots=True)
class ClaimMade:
    """Somebody says that a file is theirs; the officers of ``area`` decide."""

    claim: int
    enterprise: int
    name: str
    area: str
    claimant: int
    is_sample: bool


@dataclass(frozen=True, slots=True)
class ClaimDecided:
    """A claim was confirmed or refused (with ``reason``), or withdrawn by the claimant (``is_withdrawn``)."""

    claim: int
    enterprise: int
    name: str
    claimant: int
    is_confirmed: bool
    reason: str
    is_withdrawn: bool = False
