"""What a cell means, where appearance and content differ."""

import pytest

from zhulian.spreadsheets import cells


@pytest.mark.parametrize("mark", ["\u200b", "\ufeff", "\u202e", "\u2066", "\u200f"])
def test_a_name_is_kept_as_it_is_shown(mark: str) -> None:
    assert cells.name(f"示例{mark}机械有限公司") == "示例机械有限公司"
    assert cells.plain(f"C{mark}3360") == "C3360"
