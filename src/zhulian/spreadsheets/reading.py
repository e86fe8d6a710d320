"""The one way from an uploaded file or pasted text to a table. Everything that imports calls :func:`read_table`."""

from zhulian.spreadsheets import errors
from zhulian.spreadsheets.archives import OLE, ZIP, refuse_ole
from zhulian.spreadsheets.tables import Limits, Row, Table
from zhulian.spreadsheets.text_files import decoded, read_text
from zhulian.spreadsheets.workbooks import read_workbook

__all__ = ["Limits", "Row", "Table", "read_pasted", "read_table"]


def read_table(body: bytes, filename: str, limits: Limits | None = None) -> Table:
    """A file by its content, not by its name: .xlsx, or csv in UTF-8 or GB18030 with any usual separator.

    Raises :class:`~zhulian.spreadsheets.errors.SpreadsheetError`, which says what the person can do: for files that
    are too large, old .xls, with a password, with macros, zip or entity bombs, damaged, or no table at all.
    """
    bounds = limits or Limits()
    if len(body) > bounds.largest_bytes:
        raise errors.too_large(bounds.largest_bytes)
    if filename.lower().endswith((".xlsm", ".xltm", ".xlam")):
        raise errors.macros()
    if body[:8] == OLE:
        refuse_ole(body)
    return read_workbook(body, bounds) if body[:4] == ZIP else read_text(decoded(body), bounds)


def read_pasted(text: str, limits: Limits | None = None) -> Table:
    """Cells copied from a spreadsheet: tab-separated, or with commas or semicolons."""
    bounds = limits or Limits()
    if len(text.encode("utf-8", "surrogatepass")) > bounds.largest_bytes:
        raise errors.too_large(bounds.largest_bytes)
    return read_text(text, bounds)
