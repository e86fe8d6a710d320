"""Numbers and qualities out of cells: whole columns at once, with what is empty and what is neither told apart."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhulian.telemetry.backfill.layout import QualityForm
from zhulian.vocabulary.readings import Quality

Mask = npt.NDArray[np.bool_]
EMPTY = ("", "-", "--", "—", "null", "none", "nan", "n/a", "#n/a", "na", "no data", "无", "空")
"""Cells, in small letters, that hold no reading."""
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_YES, _NO = ("true",), ("false",)
_GOOD = ("good", "ok", "好", "良好", "正常", "有效")
_UNCERTAIN = ("uncertain", "doubtful", "questionable", "可疑", "不确定", "存疑")
_BAD = ("bad", "坏", "差", "异常", "无效", "故障", "失效")


class Numbers(NamedTuple):
    """One value a row, 0 where there is none; which cells are empty, and which hold something that is no number."""

    values: npt.NDArray[np.float64]
    is_empty: Mask
    is_wrong: Mask


def numbers(column: pa.Array) -> Numbers:
    """Values of a column of text or numbers; ``true`` is 1 and ``false`` is 0."""
    if pa.types.is_boolean(column.type):
        column = pc.cast(column, pa.uint8())
    if not _is_text(column.type):
        return _of_numbers(column)
    try:
        return _of_numbers(pc.cast(column, pa.float64()))  # the usual case: nothing but numbers
    except pa.ArrowInvalid:
        return _of_text(pc.utf8_trim_whitespace(column))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _of_numbers(column: pa.Array) -> Numbers:
    try:
        column = pc.cast(column, pa.float64(), safe=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        known = _mask(pc.is_valid(column))
        return Numbers(np.zeros(len(column)), ~known, known)
    found = np.array(pc.fill_null(column, np.nan).to_numpy(zero_copy_only=False))
    is_empty: Mask = np.isnan(found)
    is_wrong: Mask = np.isinf(found)
    found[is_empty | is_wrong] = 0.0
    return Numbers(found, is_empty, is_wrong)


def _of_text(texts: pa.Array) -> Numbers:
    words = pc.utf8_lower(pc.fill_null(texts, ""))
    is_empty = _is_in(words, EMPTY)
    spelled = pc.if_else(pc.is_in(words, pa.array(_YES)), "1", pc.if_else(pc.is_in(words, pa.array(_NO)), "0", words))
    is_number = _mask(pc.match_substring_regex(spelled, _NUMBER))
    found = _of_numbers(pc.cast(pc.if_else(pa.array(is_number), spelled, None), pa.float64()))
    return Numbers(found.values, is_empty, ~is_empty & (~is_number | found.is_wrong))


class Qualities(NamedTuple):
    """One quality a row, and which cells could not be read as one."""

    qualities: npt.NDArray[np.uint8]
    is_wrong: Mask


def qualities(column: pa.Array, form: QualityForm) -> Qualities:
    """Words in Chinese and English, or codes by ``form``; an empty cell is good."""
    if not _is_text(column.type):
        column = pc.cast(column, pa.utf8())
    words = pc.utf8_lower(pc.utf8_trim_whitespace(pc.fill_null(column, "")))
    found = np.full(len(words), 255, np.uint8)
    found[_is_in(words, (*EMPTY, *_GOOD))] = Quality.GOOD
    found[_is_in(words, _UNCERTAIN)] = Quality.UNCERTAIN
    found[_is_in(words, _BAD)] = Quality.BAD
    is_code = found == 255
    codes = numbers(pc.if_else(pa.array(is_code), words, None))
    is_code &= ~codes.is_empty & ~codes.is_wrong
    found[is_code] = _coded(codes.values[is_code], form)
    is_wrong: Mask = found == 255
    found[is_wrong] = Quality.BAD
    return Qualities(found, is_wrong)


def _coded(codes: npt.NDArray[np.float64], form: QualityForm) -> npt.NDArray[np.uint8]:
    """255 for a code that means nothing. OPC: the two high bits of the lowest byte (OPC DA 3.0, 6.8)."""
    whole = codes == np.floor(codes)
    if form == "own":
        return np.where(whole & (codes >= 0) & (codes <= Quality.BAD), codes, 255).astype(np.uint8)
    inside = whole & (codes >= 0) & (codes < 65_536)
    high = (np.where(inside, codes, 0).astype(np.int64) & 0xFF) >> 6
    meaning = np.array([Quality.BAD, Quality.UNCERTAIN, 255, Quality.GOOD], np.uint8)[high]
    return np.where(inside, meaning, 255).astype(np.uint8)


def _is_in(words: pa.Array, known: tuple[str, ...]) -> Mask:
    return _mask(pc.is_in(words, pa.array(known)))


def _mask(flags: pa.Array) -> Mask:
    return np.array(flags.to_numpy(zero_copy_only=False), np.bool_)
