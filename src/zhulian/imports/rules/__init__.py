"""Pure decisions: what a column is, what a row says, when an import may be undone. No database."""

from zhulian.imports.rules.errors import (
    ImportsError,
    changed_meanwhile,
    nothing_to_commit,
    row_changed_meanwhile,
    undo_refused,
    undo_too_late,
    unmapped,
    wrong_state,
)
from zhulian.imports.rules.fields import Draft, Field, Judged, Note, RowCells, read_row
from zhulian.imports.rules.repetition import repeated
from zhulian.imports.rules.states import JUDGEMENT_WORDS, STATE_WORDS
from zhulian.imports.rules.undo import UNDO_WITHIN, may_still_be_undone

__all__ = [
    "JUDGEMENT_WORDS",
    "STATE_WORDS",
    "UNDO_WITHIN",
    "Draft",
    "Field",
    "ImportsError",
    "Judged",
    "Note",
    "RowCells",
    "changed_meanwhile",
    "may_still_be_undone",
    "nothing_to_commit",
    "read_row",
    "repeated",
    "row_changed_meanwhile",
    "undo_refused",
    "undo_too_late",
    "unmapped",
    "wrong_state",
]
