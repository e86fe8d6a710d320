"""What a written row leaves behind, so that it can be taken back."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Written:
    """Record ``id`` is at ``revision`` now. ``before`` is what undo puts back, None for a record that is new."""

    id: int
    name: str
    revision: int
    before: Mapping[str, object] | None
