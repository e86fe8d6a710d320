"""An error speaks both languages, crosses the wire whole, and never invents a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.vocabulary.errors import Text, ZhulianError

TEXTS = st.builds(Text, st.text(), st.text())


@given(st.text(), TEXTS, TEXTS)
def test_an_error_crosses_the_wire_whole(code: str, what: Text, next_step: Text) -> None:
    there = ZhulianError.from_json(ZhulianError(code, what, next_step).as_json())
    assert (there.code, there.what, there.next_step) == (code, what, next_step)


def test_missing_words_stay_empty() -> None:
    assert ZhulianError.from_json({}).as_json() == {
        "code": "unknown",
        "what_zh": "",
        "what_en": "",
        "next_zh": "",
        "next_en": "",
    }


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", "断了。请重试。"),
        ("zh-hans", "断了。请重试。"),
        ("en", "It broke. Try again."),
        ("en-GB", "It broke. Try again."),
    ],
)
def test_each_language_reads_as_one_line(language: str, words: str) -> None:
    error = ZhulianError("broken", Text("断了。", "It broke."), Text("请重试。", "Try again."))
    assert error.in_language(language) == words
    assert "断了" in str(error)
    assert "It broke" in str(error)


def test_a_language_that_we_do_not_speak_is_answered_in_chinese() -> None:
    assert Text("好", "good").in_language("fr") == "好"
