"""Columns beyond those that are read: noted while a file is read, so that nobody believes that they were."""

from collections.abc import Sequence

from zhulian.spreadsheets.tables import letter
from zhulian.vocabulary.errors import Text

NAMED = 3
"""Of the columns that are not read so many are named by what stands on top of them."""


class UnreadColumns:
    """What stands beyond the first ``most`` columns, handed in row by row."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._last = -1
        self._titles: dict[int, str] = {}

    def note(self, cells: Sequence[object]) -> None:
        """One row, with all its cells."""
        last = len(cells) - 1
        while last >= self._most and not _text(cells[last]):
            last -= 1
        self._last = max(self._last, last)
        for column in range(self._most, min(last + 1, self._most + NAMED)):
            if column not in self._titles and (text := _text(cells[column])):
                self._titles[column] = text[:30]

    def notices(self) -> tuple[Text, ...]:
        """Which columns were not read and what to do; nothing where there are none."""
        if self._last < self._most:
            return ()
        first, last = letter(self._most), letter(self._last)
        titles = [self._titles[column] for column in sorted(self._titles)]
        more = self._last >= self._most + NAMED
        which_zh = f"{first} 到 {last} 列没有读" if first != last else f"{first} 列没有读"
        which_en = f"columns {first} to {last} are not" if first != last else f"column {first} is not"
        named_zh = f"（{''.join(f'“{title}”' for title in titles)}{'等' if more else ''}）" if titles else ""
        named_en = f" ({', '.join(f'“{title}”' for title in titles)}{' …' if more else ''})" if titles else ""
        return (
            Text(
                f"只读前 {self._most} 列（A 到 {letter(self._most - 1)}），{which_zh}{named_zh}。"
                f"请把要用的列移到前 {self._most} 列，或删掉用不到的列，再试一次。",
                f"Only the first {self._most} columns (A to {letter(self._most - 1)}) are read; {which_en}{named_en}. "
                "Move the columns that are needed to the front, or delete those that are not, and try again.",
            ),
        )


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
