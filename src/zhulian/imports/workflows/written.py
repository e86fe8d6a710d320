"""What a written row leaves behind, so that it can be taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhulian.organisations.workflows.imported_places import Placed, Step


@dataclass(frozen=True, slots=True)
class Written:
    """Record ``id`` is at ``revision`` now. ``before`` is what undo puts back, None for a record that is new."""

    id: int
    name: str
    revision: int
    before: Mapping[str, object] | None


Kept = list[Any]
"""A step as JSON keeps it."""


def kept_steps(one: Placed) -> list[Kept]:
    """What was done to places, as JSON keeps it."""
    return [[step.kind, step.id, step.revision, step.before] for step in one.steps]


def placed(enterprise: int, name: str, kept: Sequence[Kept]) -> Placed:
    """The inverse of :func:`kept_steps`."""
    return Placed(enterprise, name, tuple(Step(*step) for step in kept))
