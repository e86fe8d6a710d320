"""The only writer of imports. Everything takes the Scope of the person who asks.

A run goes ``open`` → ``committing`` → ``committed`` → ``undone``, or ``open`` → ``discarded``. Committing happens in
portions, each a transaction of its own, so that it can be watched, left, and continued after a crash; undoing is one
transaction.
"""

from zhulian.imports.workflows.committing import Committed, claim, commit, write_claimed
from zhulian.imports.workflows.correcting import RowSeen, correct_row, discard, map_columns
from zhulian.imports.workflows.kinds import KINDS, Kind, kind_named
from zhulian.imports.workflows.starting import LIMITS, start
from zhulian.imports.workflows.undoing import Undone, undo

__all__ = [
    "KINDS",
    "LIMITS",
    "Committed",
    "Kind",
    "RowSeen",
    "Undone",
    "claim",
    "commit",
    "correct_row",
    "discard",
    "kind_named",
    "map_columns",
    "start",
    "undo",
    "write_claimed",
]
