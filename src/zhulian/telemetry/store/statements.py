"""What kind of statement a text is, as far as the store must know before it hands it to the engine."""

import re
from typing import NamedTuple

_START = r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
_SELECT = re.compile(_START + r"\(*\s*(SELECT|WITH)\b", re.IGNORECASE | re.DOTALL)
_INSERT = re.compile(_START + r"INSERT\s+INTO\b", re.IGNORECASE | re.DOTALL)
_SESSION = re.compile(_START + r"(SET|USE|CREATE\s+TEMPORARY)\b", re.IGNORECASE | re.DOTALL)
_ROWS = re.compile(
    _START + r"\(*\s*(SELECT|WITH|SHOW|DESC|DESCRIBE|EXISTS|EXPLAIN|CHECK|BACKUP|RESTORE)\b", re.IGNORECASE | re.DOTALL
)
_FORMAT_LAST = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*\Z", re.IGNORECASE)
_FORMAT_ANYWHERE = re.compile(r"\bFORMAT\s+\w+", re.IGNORECASE)
_OWN_ROWS = re.compile(r"\b(VALUES\s*\(|SELECT\b|FROM\s+INFILE\b)", re.IGNORECASE)


class Statement(NamedTuple):
    """``sql`` without its output format, which is ``form`` ("" when none was named at the end)."""

    sql: str
    form: str


def split_format(sql: str) -> Statement:
    """Take ``FORMAT X`` off the end."""
    found = _FORMAT_LAST.search(sql)
    return Statement(sql[: found.start()], found[1]) if found else Statement(sql.rstrip().rstrip(";"), "")


def can_stream(sql: str) -> bool:
    """Whether the answer can be read while the statement runs: a SELECT that leaves the format to the caller."""
    return bool(_SELECT.match(sql)) and not _FORMAT_ANYWHERE.search(sql)


def takes_body(sql: str) -> bool:
    """``INSERT INTO … FORMAT X``: the rows follow the statement, unlike with VALUES and SELECT."""
    return bool(_INSERT.match(sql)) and not _OWN_ROWS.search(sql)


def changes_session(sql: str) -> bool:
    """Whether what it does would be felt by the next statement on the same connection."""
    return bool(_SESSION.match(sql))


def gives_rows(sql: str) -> bool:
    """Whether a server accepts an output format behind it."""
    return bool(_ROWS.match(sql))
