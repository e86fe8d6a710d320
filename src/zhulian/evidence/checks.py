"""What a fact has to look like before it enters the ledger: value, period, a source that has a name."""

import calendar
import math
import re
import unicodedata
from datetime import date

from zhulian.evidence.catalogue import FactKey
from zhulian.evidence.rules import EvidenceError, Value
from zhulian.vocabulary.errors import Text

EARLIEST = date(1990, 1, 1)
LONGEST_TEXT = 500
_STRAY = re.compile(r"[\s-]")
_SOURCE = re.compile(r"^(collector|document|statement|import|computed):[a-z0-9._-]{1,60}$")


def check_value(key: FactKey, value: Value) -> None:
    """Refuse a value of another kind than the catalogue says, or out of its bounds."""
    reason = _VALUE_CHECKS[key.kind](key, value)
    if reason is not None:
        raise EvidenceError(
            "value_wrong",
            Text(f"“{key.name.zh}”的值不对：{reason.zh}。", f"The value of “{key.name.en}” is wrong: {reason.en}."),
            Text("请对照事实目录里的含义和单位。", "Compare it with meaning and unit in the catalogue."),
        )


def check_period(key: FactKey, start: date, end: date, today: date) -> None:
    """Refuse a period of another length than the key is counted by, and one that has not ended."""
    if start > end or start < EARLIEST:
        raise _period(key, Text("开始应不晚于结束，且不早于 1990 年", "it starts before it ends, and after 1990"))
    if end > today:
        raise _period(key, Text("期间还没有结束", "it has not ended yet"))
    if (start, end) != _whole(key, end) and key.by_period:
        raise _period(key, _LENGTHS[key.period])


def check_source(source: str) -> None:
    """Refuse a source that the origin of the figure could not name."""
    if not _SOURCE.match(source):
        raise EvidenceError(
            "source_wrong",
            Text(f"来源“{source}”的写法不对。", f"The source “{source}” is not written as one."),
            Text("写成“种类:名称”，例如 collector:machines。", "Write kind:name, such as collector:machines."),
        )


def period_of(key: FactKey, day: date) -> tuple[date, date]:
    """The period that ``day`` lies in, as this key is counted."""
    return _whole(key, day)


def _whole(key: FactKey, day: date) -> tuple[date, date]:
    if key.period == "year":
        return day.replace(month=1, day=1), day.replace(month=12, day=31)
    if key.period == "quarter":
        last = (day.month + 2) // 3 * 3
        return day.replace(month=last - 2, day=1), _month_end(day.year, last)
    if key.period == "month":
        return day.replace(day=1), _month_end(day.year, day.month)
    return day, day


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


_LENGTHS = {
    "day": Text("应是一天", "it is one day"),
    "month": Text("应是一个自然月", "it is a calendar month"),
    "quarter": Text("应是一个自然季", "it is a calendar quarter"),
    "year": Text("应是一个自然年", "it is a calendar year"),
}


def _period(key: FactKey, reason: Text) -> EvidenceError:
    return EvidenceError(
        "period_wrong",
        Text(f"“{key.name.zh}”的期间不对：{reason.zh}。", f"The period of “{key.name.en}” is wrong: {reason.en}."),
        Text("请改正期间后重试。", "Correct the period and try again."),
    )


def _count(key: FactKey, value: Value) -> Text | None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        return Text("应是不小于 0 的整数", "it is a whole number, 0 or more")
    return _most(key, value)


def _number(key: FactKey, value: Value) -> Text | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return Text("应是一个数", "it is a number")
    return Text("不能为负", "it is not negative") if value < 0 else _most(key, value)


def _most(key: FactKey, value: float) -> Text | None:
    if key.most is not None and value > key.most:
        return Text(f"最大 {key.most:g}", f"it is at most {key.most:g}")
    return None


def _ratio(_key: FactKey, value: Value) -> Text | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return None if is_number and 0 <= value <= 1 else Text("应在 0 到 100% 之间", "it lies between 0 and 100 %")  # type: ignore[operator]


def _fen(_key: FactKey, value: Value) -> Text | None:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 10**16:
        return Text("应是整数分", "it is a whole number of fen")
    return None


def _text(key: FactKey, value: Value) -> Text | None:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= LONGEST_TEXT:
        return Text(f"应有 1 到 {LONGEST_TEXT} 个字", f"it has 1 to {LONGEST_TEXT} characters")
    return None if not key.options or value in key.options else Text("不在可选项中", "it is none of the options")


def _flag(_key: FactKey, value: Value) -> Text | None:
    return None if isinstance(value, bool) else Text("应是“是”或“否”", "it is yes or no")


def _options(key: FactKey, value: Value) -> Text | None:
    if not isinstance(value, tuple) or not set(value) <= set(key.options) or len(set(value)) < len(value):
        return Text("不在可选项中", "it is none of the options")
    return None


_VALUE_CHECKS = {
    "count": _count, "number": _number, "ratio": _ratio, "fen": _fen, "text": _text, "flag": _flag, "options": _options,
}  # fmt: skip


def check_issued_on(day: date | None, today: date) -> None:
    """Refuse a date of issue in the future or long before the platform."""
    if day is not None and not EARLIEST <= day <= today:
        raise EvidenceError(
            "issued_on_wrong",
            Text(
                "开具日期不对：应在 1990 年以后、今天以前。", "The date of issue lies after 1990 and not in the future."
            ),
            Text("请对照文件改正。", "Compare it with the document."),
        )


def checked_invoice(code: str, number: str, *, is_needed: bool) -> tuple[str, str]:
    """Code and number of an invoice in their one form.

    A fully digital invoice (数电票) has a number of 20 digits and no code; an older one a code of 10 or 12 digits and a
    number of 8. Full-width digits, blanks and hyphens are put right.
    """
    code, number = (_STRAY.sub("", unicodedata.normalize("NFKC", text)) for text in (code, number))
    if not code and not number and not is_needed:
        return "", ""
    is_digital = re.fullmatch(r"\d{20}", number) and not code
    is_older = re.fullmatch(r"\d{8}", number) and re.fullmatch(r"\d{10}|\d{12}", code)
    if not (is_digital or is_older):
        raise EvidenceError(
            "invoice_wrong",
            Text("发票号码不对。", "The number of the invoice is wrong."),
            Text(
                "数电票填 20 位号码、代码留空；旧版发票填 10 或 12 位代码和 8 位号码。",
                "A digital one has 20 digits and no code; an older one a code of 10 or 12 and a number of 8.",
            ),
        )
    return code, number
