"""A list by pages. Every list of records is cut by :func:`cut`, so that all of them answer a wrong number alike."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

LARGEST_PAGE = 500
"""Rows; whoever asks for more gets so many."""
T = TypeVar("T")
M = TypeVar("M")
Found_co = TypeVar("Found_co", covariant=True)


class _Counted(Protocol[Found_co]):
    """Rows that can be counted and sliced without being read, such as a query."""

    def count(self) -> int:
        """How many rows there are in all."""

    def __getitem__(self, rows: slice, /) -> Iterable[Found_co]:
        """Those rows."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Page ``number`` (from 1) of a list of ``total`` rows, at most ``size`` of them."""

    rows: Sequence[T]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a page lies in its list: the number and size that were given, brought to what there is."""

    total: int
    number: int
    size: int

    @property
    def rows(self) -> slice:
        """The page's rows."""
        return slice((self.number - 1) * self.size, self.number * self.size)

    def page(self, rows: Sequence[T]) -> Page[T]:
        """The page that holds ``rows``."""
        return Page(rows, self.total, self.number, self.size)


def cut(total: int, number: int, size: int) -> Cut:
    """The page that is meant: a number beyond the end is the last page, below the beginning the first."""
    size = min(max(size, 1), LARGEST_PAGE)
    return Cut(total, min(max(number, 1), max(1, -(-total // size))), size)


def page_of(found: _Counted[M], number: int, size: int, shape: Callable[[M], T]) -> Page[T]:
    """One page of ``found``, in its order, each row as ``shape`` makes it. Two reads."""
    where = cut(found.count(), number, size)
    return where.page([shape(row) for row in found[where.rows]])
