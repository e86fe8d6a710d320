"""What a cell means: numbers, money, days, codes, yes and no, as people type them and as Excel changes them.

Each reader returns the value, or a :class:`~zhulian.vocabulary.errors.Text` that says why there is none. Nothing is
guessed: where two meanings are possible, that is the reason.
"""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from zhulian.spreadsheets.tables import Remark
from zhulian.vocabulary.errors import Text

_WIDE = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_TURNING = (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Marks of writing direction: with them a name is shown in another order than it is kept."""
_INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD, *_TURNING))
_PLAIN_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?$", re.ASCII)
_THOUSANDS = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$", re.ASCII)
_SCIENTIFIC = re.compile(r"^\d(\.\d+)?[eE]\+?\d{2}$", re.ASCII)
_MONEY = re.compile(
    r"^(?:人民币|rmb|cny|[¥￥])?\s*([+-]?[\d.,]+)\s*(亿元|万元|千元|元|亿|万)?(?:整|人民币)?$", re.IGNORECASE
)
UNITS_FEN = {"": 100, "元": 100, "yuan": 100, "cny": 100, "千元": 100_000, "万": 1_000_000, "万元": 1_000_000,
             "亿": 10_000_000_000, "亿元": 10_000_000_000}  # fmt: skip
"""How many fen (分) one unit of money has."""
_YES = frozenset({"是", "y", "yes", "true", "1", "√", "✓", "有", "对", "规上", "规模以上"})
_NO = frozenset({"否", "n", "no", "false", "0", "×", "✗", "x", "无", "不是", "非", "规下", "规模以下"})
_DAY = re.compile(
    r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$"
)
_MONTH = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?(?:份)?$")
_COMPACT_MONTH = re.compile(r"^((?:19|20)\d{2})(0[1-9]|1[0-2])$")
_YEAR = re.compile(r"^(\d{4})\s*年$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_EXCEL_BEGINS = date(1899, 12, 30)
_SERIALS = range(7_306, 73_415)
"""Excel's day numbers from 1920 to 2100."""
FIRST_YEAR, LAST_YEAR = 1800, 2100


@dataclass(frozen=True, slots=True)
class Given:
    """One cell with what is known about it: Excel's remark, and the unit that its column's title names."""

    text: str
    remark: Remark | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A date; ``is_whole_month`` and ``is_whole_year`` where less was given, which then begins on its first day."""

    value: date
    is_whole_month: bool = False
    is_whole_year: bool = False


def plain(text: str) -> str:
    """Full-width signs as ordinary ones, odd blanks and invisible signs gone. For numbers, codes and choices."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_INVISIBLE).split())


def name(text: str) -> str:
    """For names: digits and letters narrow, but Chinese punctuation stays, because it is part of a name."""
    return " ".join(text.translate(_WIDE).translate(_INVISIBLE).replace("\N{IDEOGRAPHIC SPACE}", " ").split())


def number(text: str) -> float | Text:
    """A finite number with or without thousands separators, or why there is none."""
    squeezed = plain(text).replace(" ", "")
    if _THOUSANDS.match(squeezed):
        squeezed = squeezed.replace(",", "")
    shown = plain(text)[:20]
    if squeezed.lower().lstrip("+-") in {"nan", "inf", "infinity", "#n/a", "#div/0!", "∞"}:
        return Text(
            f"“{shown}”不是有限的数，请留空或填数字", f"“{shown}” is not a finite number; leave it empty or give one"
        )
    if not _PLAIN_NUMBER.match(squeezed):
        return Text(f"“{shown}”不是数字", f"“{shown}” is no number")
    value = float(squeezed)
    return value if math.isfinite(value) else Text(f"“{shown}”太大", f"“{shown}” is too large")


def whole(text: str) -> int | Text:
    """A whole number that is not negative: people, machines, years."""
    value = number(text)
    if isinstance(value, Text):
        return value
    if value < 0 or not value.is_integer() or value >= 2**53:
        return Text(f"“{plain(text)[:20]}”应为不小于 0 的整数", f"“{plain(text)[:20]}” is no whole number from 0 up")
    return int(value)


def money_fen(given: Given, default_unit: str = "") -> int | Text:
    """Money in fen. A unit in the cell wins over that of the header, that over ``default_unit``.

    With none of the three there is no answer: 300 元 and 300 万元 must not be confused.
    """
    text = plain(given.text)
    found = _MONEY.match(text.replace(" ", ""))
    amount = _decimal(found[1]) if found else None
    if found is None or amount is None:
        return Text(f"“{text[:20]}”不是金额，例如 1,200 万元", f"“{text[:20]}” is no amount such as 1,200 万元")
    unit = found[2] or given.unit or default_unit
    if not unit:
        return Text(
            f"“{text[:20]}”没有单位：请在表头或单元格写明元或万元",
            f"“{text[:20]}” has no unit: say 元 or 万元 in the header or the cell",
        )
    fen = amount * UNITS_FEN[unit.lower()]
    if fen != fen.to_integral_value() or abs(fen) >= 2**63:
        return Text(f"“{text[:20]}”不足一分或超出范围", f"“{text[:20]}” has parts of a fen, or is out of range")
    return int(fen)


def as_typed(amount: Decimal | float) -> str:
    """A number as a person would type it, nothing lost: no exponent, no thousands, no zeros behind the last digit."""
    exact = amount if isinstance(amount, Decimal) else Decimal(repr(amount))
    return f"{exact.normalize():f}"


def _decimal(text: str) -> Decimal | None:
    if "," in text and not _THOUSANDS.match(text):
        return None
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def day(given: Given) -> Day | Text:
    """2024-03-05, 2024/3/5, 2024.3.5, 20240305, 2024年3月5日, 2024年3月, 2024.3, 2024年, or Excel's day number."""
    text = plain(given.text)
    if _is_doubtful_month(text, given.remark):
        year = text[:4]
        return Text(
            f"“{text}”在 Excel 里是数字，可能是 1 月，也可能是丢了末尾 0 的 10 月；请写成 {year}年1月 或 {year}年10月",
            f"“{text}” is a number: January, or October without its last 0; write {year}-01 or {year}-10",
        )
    for pattern, kind in ((_DAY, 3), (_COMPACT, 3), (_MONTH, 2), (_COMPACT_MONTH, 2), (_YEAR, 1)):
        found = pattern.match(text)
        if found:
            return _checked_day([int(part) for part in found.groups()[:kind]], text)
    if text.isascii() and text.isdigit() and int(text) in _SERIALS:
        return Day(_EXCEL_BEGINS + timedelta(days=int(text)))
    return Text(f"“{text[:20]}”不是日期，例如 2024-03-05 或 2024年3月", f"“{text[:20]}” is no date such as 2024-03-05")


def _is_doubtful_month(text: str, remark: Remark | None) -> bool:
    return remark is Remark.NUMBER and re.fullmatch(r"\d{4}\.1", text) is not None


def _checked_day(parts: list[int], text: str) -> Day | Text:
    year, month, number = (*parts, 1, 1)[:3]
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return Text(f"“{text[:20]}”的年份不对", f"the year of “{text[:20]}” cannot be")
    try:
        return Day(date(year, month, number), is_whole_month=len(parts) == 2, is_whole_year=len(parts) == 1)
    except ValueError:
        return Text(f"没有“{text[:20]}”这一天", f"there is no day “{text[:20]}”")


def yes_no(text: str) -> bool | Text:
    """是 / 否 and what people write for them."""
    word = plain(text).lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    return Text(f"“{word[:20]}”应为“是”或“否”", f"“{word[:20]}” should be 是 (yes) or 否 (no)")


def code(given: Given, length: int = 18) -> str | Text:
    """A long code, unless Excel has damaged it: then the lost digits are named, never filled in."""
    text = re.sub(r"[\s\-']", "", plain(given.text)).upper()
    lost = given.remark is Remark.DIGITS_LOST or _SCIENTIFIC.match(text) is not None
    if lost or (given.remark is Remark.NUMBER and len(text) < length and text.isdigit()):
        why = "丢了末尾几位" if lost else "开头的 0 可能丢了"
        why_en = "its last digits are lost" if lost else "zeros at its beginning may be lost"
        return Text(
            f"“{plain(given.text)[:24]}”被 Excel 当成数字存过，{why}；请把这一列设为“文本”，从原件重新填写",
            f"“{plain(given.text)[:24]}” was kept by Excel as a number, {why_en}; enter it again in a column of text",
        )
    return text
