"""Masks: enough to recognise, never enough to use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.vocabulary.masking import HIDDEN, MASKS, mask_email, mask_id, mask_phone


@pytest.mark.parametrize(
    ("mask", "whole", "shown"),
    [
        (mask_phone, "13812345678", "138****5678"),
        (mask_phone, "0564-3331234", "056****1234"),
        (mask_phone, "12345", "****5"),
        (mask_email, "wangzong@example.cn", "wa****@example.cn"),
        (mask_email, "a@example.cn", "****@example.cn"),
        (mask_id, "34150119800101001X", "341501****"),
        (mask_phone, "", ""),
    ],
)
def test_numbers_are_recognised(mask: object, whole: str, shown: str) -> None:
    assert mask(whole) == shown  # type: ignore[operator]


@given(st.sampled_from(sorted(MASKS)), st.text("0123456789@.-x", min_size=1, max_size=40))
def test_no_mask_shows_the_whole(name: str, whole: str) -> None:
    shown = MASKS[name](whole)
    assert shown == "" or HIDDEN in shown
    assert whole not in shown or name == "email"
