"""What can be imported. A further kind is a module beside this one and a line in :data:`KINDS`."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from zhulian.imports.rules import Draft, Field, Judged, Note
from zhulian.imports.workflows.enterprises import Enterprises
from zhulian.imports.workflows.machines import Machines
from zhulian.imports.workflows.places import Places
from zhulian.imports.workflows.written import Written
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope
from zhulian.spreadsheets.headers import Words
from zhulian.vocabulary.errors import Text


class Kind(Protocol):
    """One kind of import: its columns, who may, how a row is held against the register, written, and taken back."""

    name: str
    title: Text
    fields: tuple[Field, ...]
    list_page: str
    """URL name of the list that holds the records."""
    record_page: str

    def may(self, scope: Scope) -> bool:
        """Whether this person may import at all; which records is decided row by row."""
        ...

    def judge(self, scope: Scope, drafts: Sequence[Draft]) -> list[Judged]:
        """Each draft against the register, with a number of statements that does not grow with their number."""
        ...

    def repetitions(self, drafts: Sequence[Draft]) -> Mapping[int, Note]:
        """Rows that repeat an earlier row of the file."""
        ...

    def write(self, scope: Scope, good: Sequence[tuple[Draft, Judged]], run: int) -> list[Written]:
        """Write rows without faults, in their order; the caller holds the transaction."""
        ...

    def refusals(self, scope: Scope, rows: Sequence[Written]) -> dict[int, Text]:
        """Record → why it cannot be taken back: it changed since, or something hangs on it."""
        ...

    def take_back(self, scope: Scope, rows: Sequence[Written], run: int) -> None:
        """Put records back as they were; the caller holds the transaction."""
        ...


_KIND = Text("导入类别", "kind of import")
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (Enterprises(), Machines(), Places())}


def kind_named(name: str) -> Kind:
    """The kind of this name; 404 for any other."""
    if name not in KINDS:
        raise NotVisibleError(_KIND)
    return KINDS[name]


def words_of(kind: Kind) -> Words:
    """The titles by which the columns of a kind are recognised."""
    fields = {one.name: (one.title.zh, one.title.en, *one.aliases) for one in kind.fields}
    return Words(fields, frozenset(one.name for one in kind.fields if one.is_required))
