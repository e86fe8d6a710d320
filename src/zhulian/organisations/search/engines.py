"""The one place where the two databases differ: which entries hold all grams of one of several sets."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.db.models.expressions import RawSQL

Grams = frozenset[str]

SQLITE = (
    """CREATE VIRTUAL TABLE search_grams USING fts5(
        grams, content='search_entry', content_rowid='id', tokenize='ascii', detail='none', columnsize=0
    )""",
    """CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN
        INSERT INTO search_grams(rowid, grams) VALUES (new.id, new.grams);
    END""",
    """CREATE TRIGGER search_entry_removed AFTER DELETE ON search_entry BEGIN
        INSERT INTO search_grams(search_grams, rowid, grams) VALUES ('delete', old.id, old.grams);
    END""",
    """CREATE TRIGGER search_entry_changed AFTER UPDATE ON search_entry BEGIN
        INSERT INTO search_grams(search_grams, rowid, grams) VALUES ('delete', old.id, old.grams);
        INSERT INTO search_grams(rowid, grams) VALUES (new.id, new.grams);
    END""",
)
POSTGRESQL = (
    "CREATE INDEX search_entry_grams ON search_entry USING gin (string_to_array(grams, ' ')) WITH (fastupdate = off)",
)


def holding(alternatives: Iterable[Grams]) -> Q:
    """Entries that hold every gram of at least one of ``alternatives``; a set without grams narrows nothing."""
    sets = sorted({tuple(sorted(grams)) for grams in alternatives})
    if not all(sets):
        return Q()
    return _in_postgresql(sets) if connection.vendor == "postgresql" else _in_sqlite(sets)


def _in_postgresql(sets: Sequence[tuple[str, ...]]) -> Q:
    return reduce(or_, (Q(_Holds(_Grams(F("grams")), Value(list(grams)))) for grams in sets))


class _Grams(Func):
    """Written as in the index, so that the index is used."""

    template = "string_to_array(%(expressions)s, ' ')"
    output_field = TextField()


class _Holds(Func):
    """Array containment."""

    template = "(%(expressions)s)"
    arg_joiner = " @> "
    output_field = BooleanField()


def _in_sqlite(sets: Sequence[tuple[str, ...]]) -> Q:
    wanted = " OR ".join(f"({' AND '.join(_quoted(gram) for gram in grams)})" for grams in sets)
    statement = "SELECT rowid FROM search_grams WHERE search_grams MATCH %s"
    return Q(id__in=RawSQL(statement, [wanted]))  # noqa: S611 - grams are values


def _quoted(gram: str) -> str:
    return '"' + gram.replace('"', '""') + '"'
