"""Two people edit one record: what the later of them is told, so that neither loses anything. Pure.

A form carries what the record said when it was opened (``was``). When somebody saved meanwhile, fields that this
person did not touch take the other's value, and fields that both changed keep this person's, with the other's beside.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from zhulian.organisations.rules import RecordsError
from zhulian.vocabulary.errors import Text


class ChangedMeanwhileError(RecordsError):
    """Somebody else saved first. ``by`` names them; the record is as they left it."""

    def __init__(self, by: str) -> None:
        super().__init__(
            "changed_meanwhile",
            Text(f"您编辑期间，{by}已经保存过。", f"While you were editing, {by} saved first."),
            Text(
                "您填的内容都在，还没有保存；请核对下面列出的不同之处，再保存一次。",
                "What you typed is all here, but not saved yet; compare the differences below and save once more.",
            ),
        )
        self.by = by


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that somebody else changed meanwhile."""

    name: str
    was: str
    theirs: str
    mine: str
    both: bool
    """This person changed it too, to something else: their value is kept in the form."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The form as it is shown again."""

    values: dict[str, str]
    differences: list[Difference]


def merge(was: Mapping[str, str], theirs: Mapping[str, str], mine: Mapping[str, str]) -> Merged:
    """Bring two edits of one record together; all three map the same field names to what stands in the form."""
    values, found = dict(mine), []
    for name, now in theirs.items():
        began, typed = was.get(name, now), mine.get(name, now)
        if now in {began, typed}:
            continue
        both = typed != began
        if not both:
            values[name] = now
        found.append(Difference(name, began, now, typed, both))
    return Merged(values, found)
