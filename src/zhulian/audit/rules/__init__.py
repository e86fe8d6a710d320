"""Who did what to whom, in words; pure, so that the verifier runs where there is neither Django nor a database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

NO_CHANGES: Mapping[str, tuple[object, object]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person's id and name at that moment. Without a person it is the platform, or a stranger."""

    person: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What it is done to: ``kind`` is a word such as "enterprise" or "machine", ``name`` what it was called then."""

    kind: str
    id: int | str
    name: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry as a workflow gives it, before it has a place in the chain.

    ``organisation`` is the tenant (``Enterprise.pk``) that it concerns; ``changes`` maps a field to (old, new);
    ``capacity`` says for whom and in which role the actor acts.
    """

    actor: Actor
    action: str
    subject: Subject
    organisation: int | None = None
    changes: Mapping[str, tuple[object, object]] = field(default_factory=dict)
    note: str = ""
    capacity: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose entries somebody may read: everybody's, or those that concern the tenants in ``owners``."""

    everything: bool = False
    owners: frozenset[int] = frozenset()
