"""Pure decisions about records: codes of enterprises and industries, what a usable point table is.

Called by ``workflows`` before anything is written, by ``point_tables`` for each pasted row, and by forms for kind
messages at the field. No database.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404

from zhulian.organisations.industries import DIVISIONS, SECTION_OF_DIVISION, SECTIONS
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.wire.configuration import DeviceConfig, PointConfig

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_INDUSTRY = re.compile(r"^([A-T])?(\d{2,4})?$")
POINT_TYPES = frozenset({"", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "bit"})
BYTE_ORDERS = frozenset({"", "ABCD", "CDAB", "BADC", "DCBA"})
MOST_POINTS = 20_000
SHORTEST_POLL_S, LONGEST_POLL_S = 0.05, 86_400.0


class RecordsError(ZhulianError):
    """A record that cannot be kept as it was given; nothing was changed."""


class NotVisibleError(RecordsError, Http404):
    """It does not exist, or rights hide it; which of the two is nobody's business. Django answers 404."""

    def __init__(self, what: Text) -> None:
        RecordsError.__init__(
            self,
            "not_found",
            Text(f"找不到这个{what.zh}。", f"This {what.en} cannot be found."),
            Text(
                "它可能已被移除，或不在您的权限范围内；请从列表重新进入，或请管理员核对您的权限。",
                "It may have been removed, or lie outside your rights; start from the list, or ask the administrator.",
            ),
        )


class NotAllowedError(RecordsError, PermissionDenied):
    """The person may see this, but not change it. Django answers 403."""

    def __init__(self) -> None:
        RecordsError.__init__(
            self,
            "not_allowed",
            Text("您的角色可以查看，但不能修改。", "Your role may look at this, but not change it."),
            Text(
                "请联系本企业的工程师或平台管理员。", "Ask the enterprise's engineer or the platform's administrator."
            ),
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong cell of a point table. ``row`` counts from 1 as the spreadsheet shows it; 0 is the table as a whole."""

    row: int
    column: str
    reason: Text


def credit_check_character(first17: str) -> str:
    """The 18th character of a unified social credit code (GB 32100-2015, 6: weights 3^(i-1) mod 31)."""
    total = sum(CREDIT_ALPHABET.index(sign) * weight for sign, weight in zip(first17, _CREDIT_WEIGHTS, strict=True))
    return CREDIT_ALPHABET[(31 - total % 31) % 31]


def checked_credit_code(given: str) -> str:
    """``given`` in its one form (upper case, no blanks); :class:`RecordsError` says what is wrong with it."""
    code = re.sub(r"\s", "", given).upper()
    if len(code) != 18:
        raise _credit_code(f"应为 18 位，给出的是 {len(code)} 位", f"it has 18 characters, this one {len(code)}")
    strange = sorted({sign for sign in code if sign not in CREDIT_ALPHABET})
    if strange:
        signs = " ".join(strange)
        raise _credit_code(
            f"不应出现 {signs}（不使用 I、O、S、V、Z）", f"{signs} cannot occur (I, O, S, V, Z are not used)"
        )
    expected = credit_check_character(code[:17])
    if code[17] != expected:
        raise _credit_code(
            f"校验位应为 {expected}，不是 {code[17]}", f"the check character is {expected}, not {code[17]}"
        )
    return code


def _credit_code(why_zh: str, why_en: str) -> RecordsError:
    return RecordsError(
        "credit_code_wrong",
        Text(f"统一社会信用代码不对：{why_zh}。", f"The unified social credit code is wrong: {why_en}."),
        Text("请对照营业执照逐位核对。", "Compare it with the business licence, sign by sign."),
    )


def checked_industry(given: str) -> str:
    """A GB/T 4754-2017 code in its one form: section letter, then the digits known (C, C33, C336, C3360)."""
    found = _INDUSTRY.match(given.strip().upper())
    section, digits = (found[1], found[2]) if found else (None, None)
    known = SECTION_OF_DIVISION.get(digits[:2]) if digits else section
    if known is None or known not in SECTIONS or (section is not None and section != known):
        raise RecordsError(
            "industry_wrong",
            Text(f"行业代码“{given}”不在 GB/T 4754 中。", f"The industry code “{given}” is not in GB/T 4754."),
            Text(
                "请填门类字母加两到四位数字，例如 C3360。",
                "Give the section letter and two to four digits, such as C3360.",
            ),
        )
    return f"{known}{digits or ''}"


def industry_name(code: str) -> Text:
    """Name of the division (or else the section) that ``code`` belongs to; the code itself when it is unknown."""
    return DIVISIONS.get(code[1:3]) or SECTIONS.get(code[:1]) or Text(code, code)


def point_faults(points: Sequence[PointConfig], rows: Sequence[int] | None = None) -> list[Fault]:
    """Everything that is wrong with ``points``; ``rows`` are their numbers in a spreadsheet (default 1, 2, …)."""
    numbers = rows if rows is not None else range(1, len(points) + 1)
    faults = [fault for row, point in zip(numbers, points, strict=True) for fault in _faults_of(row, point)]
    faults += _twice(points, numbers)
    if len(points) > MOST_POINTS:
        faults.append(
            Fault(0, "", Text(f"一台设备最多 {MOST_POINTS} 个点位", f"a machine has at most {MOST_POINTS} points"))
        )
    return sorted(faults, key=lambda fault: fault.row)


def _faults_of(row: int, point: PointConfig) -> Iterable[Fault]:
    yield from _text_faults(row, point)
    yield from _number_faults(row, point)


def _text_faults(row: int, point: PointConfig) -> Iterable[Fault]:
    for column, value, most in (("name", point.name, 80), ("address", point.address, 200)):
        if not value.strip():
            yield Fault(row, column, Text("不能为空", "must not be empty"))
        elif len(value) > most:
            yield Fault(row, column, Text(f"最多 {most} 个字", f"has at most {most} characters"))
    if len(point.unit) > 24:
        yield Fault(row, "unit", Text("最多 24 个字", "has at most 24 characters"))
    if point.type not in POINT_TYPES:
        allowed = " ".join(sorted(POINT_TYPES - {""}))
        yield Fault(
            row, "type", Text(f"没有“{point.type}”这种类型，可用：{allowed}", f"“{point.type}” is not one of {allowed}")
        )
    if point.byte_order not in BYTE_ORDERS:
        allowed = " ".join(sorted(BYTE_ORDERS - {""}))
        reason = Text(
            f"字节序“{point.byte_order}”不对，可用：{allowed}", f"“{point.byte_order}” is not one of {allowed}"
        )
        yield Fault(row, "byte_order", reason)


def _number_faults(row: int, point: PointConfig) -> Iterable[Fault]:
    for column in ("scale", "offset", "poll_s", "deadband", "max_silence_s", "low", "high"):
        value = getattr(point, column)
        if value is not None and not math.isfinite(value):
            yield Fault(row, column, Text("不是有限的数", "is not a finite number"))
    if point.scale == 0:
        yield Fault(row, "scale", Text("倍率不能为 0", "a scale of 0 makes every value 0"))
    if point.poll_s is not None and not SHORTEST_POLL_S <= point.poll_s <= LONGEST_POLL_S:
        yield Fault(row, "poll_s", Text("采集周期应在 0.05 秒到 1 天之间", "polling lies between 0.05 s and one day"))
    if point.deadband < 0:
        yield Fault(row, "deadband", Text("死区不能为负", "a deadband is not negative"))
    if point.max_silence_s < 1:
        yield Fault(row, "max_silence_s", Text("最长静默至少 1 秒", "the longest silence is at least 1 s"))
    if point.low is not None and point.high is not None and point.low >= point.high:
        yield Fault(row, "low", Text("下限应小于上限", "the lower limit must be below the upper one"))


def _twice(points: Sequence[PointConfig], rows: Iterable[int]) -> Iterable[Fault]:
    first: dict[str, int] = {}
    for row, point in zip(rows, points, strict=True):
        name = point.name.strip()
        if name and name in first:
            yield Fault(row, "name", Text(f"与第 {first[name]} 行重名", f"has the same name as row {first[name]}"))
        first.setdefault(name, row)


def check_device(device: DeviceConfig) -> None:
    """Raise :class:`RecordsError` unless ``device`` can be kept as a machine; the first three faults are named."""
    for column, value, most in (
        ("设备名称", device.name, 80),
        ("协议", device.protocol, 32),
        ("地址", device.address, 200),
    ):
        if not value.strip() or len(value) > most:
            raise _machine(
                f"{column}不能为空，最多 {most} 个字", f"its name, protocol and address must be given ({most} at most)"
            )
    if not SHORTEST_POLL_S <= device.poll_s <= LONGEST_POLL_S or not 0.05 <= device.timeout_s <= 600:
        raise _machine(
            "采集周期应在 0.05 秒到 1 天之间，超时在 0.05 到 600 秒之间", "its interval or timeout is out of range"
        )
    faults = point_faults(device.points)
    if faults:
        zh = "；".join(f"第 {fault.row} 个点位的 {fault.column} {fault.reason.zh}" for fault in faults[:3])
        en = "; ".join(f"point {fault.row}, {fault.column} {fault.reason.en}" for fault in faults[:3])
        raise _machine(f"{zh}（共 {len(faults)} 处）", f"{en} ({len(faults)} in all)")


def _machine(why_zh: str, why_en: str) -> RecordsError:
    return RecordsError(
        "machine_wrong",
        Text(f"这台设备还不能保存：{why_zh}。", f"This machine cannot be saved yet: {why_en}."),
        Text(
            "请改正后再保存，原有配置没有变化。", "Correct it and save again; the configuration in use has not changed."
        ),
    )
