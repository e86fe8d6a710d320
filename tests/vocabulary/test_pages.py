"""Lists by pages: no row is lost, none is shown twice, and a wrong number leads to a page that exists."""

from hypothesis import given
from hypothesis import strategies as st

from zhulian.vocabulary.pages import LARGEST_PAGE, cut, page_of


class Rows(list[int]):
    """Rows that are counted as a query is."""

    def count(self) -> int:  # type: ignore[override]
        return len(self)


@given(st.integers(0, 2_000), st.integers(-3, 600))
def test_the_pages_of_a_list_are_the_list(total: int, size: int) -> None:
    rows, pages = list(range(total)), cut(total, 1, size).page([]).pages
    assert [row for number in range(1, pages + 1) for row in rows[cut(total, number, size).rows]] == rows


@given(st.integers(0, 2_000), st.integers(), st.integers())
def test_whatever_is_asked_is_a_page_that_exists(total: int, number: int, size: int) -> None:
    page = cut(total, number, size).page([])
    assert 1 <= page.number <= page.pages
    assert 1 <= page.size <= LARGEST_PAGE


def test_a_page_holds_the_rows_as_they_are_shown() -> None:
    page = page_of(Rows(range(7)), 2, 3, str)
    assert (page.rows, page.total, page.number, page.pages) == (["3", "4", "5"], 7, 2, 3)
