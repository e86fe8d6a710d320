"""Times out of cells: ISO 8601 and its Chinese, slashed and dotted sisters, twelve-hour clocks, counts since 1970.

Whole columns at once; a cell that is no time becomes null. A time that names its zone keeps it, the others are local
in the zone that is handed in. Hours that a change of clocks repeats are taken as the first of both.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhulian.telemetry.backfill.layout import TimeForm

US = pa.timestamp("us", tz="UTC")
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_CLOCK = (
    r"(?:[T \t]*(?P<before>上午|下午|AM|PM|am|pm)?[ ]*(?P<H>\d{1,2})(?:[时点]|[:：时点](?P<M>\d{1,2})"
    r"(?:[:：分](?:(?P<S>\d{1,2})(?:[.,](?P<f>\d{1,9}))?)?秒?)?)[ ]*(?P<after>AM|PM|am|pm)?"
    r"[ ]*(?P<z>Z|[+-]\d{2}:?\d{2})?)?$"
)
_YEAR_FIRST = r"^(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})[日号]?" + _CLOCK
_MONTH_FIRST = r"^(?P<m>\d{1,2})[-/.](?P<d>\d{1,2})[-/.](?P<y>\d{4})" + _CLOCK
_DAY_FIRST = r"^(?P<d>\d{1,2})[-/.](?P<m>\d{1,2})[-/.](?P<y>\d{4})" + _CLOCK
_COMPACT = (
    r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?)?"
    r"(?P<f>)(?P<z>)(?P<before>)(?P<after>)$"
)
_WRITTEN: dict[str, tuple[str, ...]] = {
    "auto": (_YEAR_FIRST, _COMPACT),
    "mdy": (_MONTH_FIRST,),
    "dmy": (_DAY_FIRST,),
}
_UNIT_US = {"s": 1e6, "ms": 1e3, "us": 1.0}
_COUNT = r"^\d{9,19}(\.\d{1,9})?$"
_BY_LENGTH = ((1e11, 1e6), (1e14, 1e3), (1e17, 1.0), (1e20, 1e-3))
"""Counts below the first are seconds; then milliseconds, microseconds, nanoseconds: right from 1973 to 5138."""
_AFTERNOON, _MORNING = ("下午", "PM", "pm"), ("上午", "AM", "am")
_FIRST_US, _LAST_US = -62_135_596_800_000_000, 253_402_300_799_999_999
"""Years 1 to 9999; what is no time of this platform either is for the quarantine to say."""
_NEVER = 2**62


def parse(column: pa.Array, form: TimeForm, zone: str) -> pa.Array:
    """``column`` (text, numbers, or times of Parquet) as microseconds UTC, null where it is no time."""
    if pa.types.is_temporal(column.type):
        return _of_times(column, zone)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type):
        counts = pc.cast(column, pa.float64()) if not pa.types.is_integer(column.type) else pc.cast(column, pa.int64())
        return _counted(counts, form)
    return _of_text(column, form, zone)


def _of_times(column: pa.Array, zone: str) -> pa.Array:
    if not pa.types.is_timestamp(column.type) and not pa.types.is_date(column.type):
        return pa.nulls(len(column), US)
    if getattr(column.type, "tz", None):
        return pc.cast(column, US, safe=False)
    return _local(pc.cast(column, pa.timestamp("us"), safe=False), zone)


def _local(naive: pa.Array, zone: str) -> pa.Array:
    return pc.cast(pc.assume_timezone(naive, zone, ambiguous="earliest", nonexistent="earliest"), US)


def _of_text(column: pa.Array, form: TimeForm, zone: str) -> pa.Array:
    if form == "auto":
        try:
            return _local(pc.cast(column, pa.timestamp("us")), zone)  # the usual case, twenty times as quick
        except pa.ArrowInvalid:
            pass
    trimmed = pc.utf8_trim_whitespace(column)
    if form in _UNIT_US:
        return _counted(_numbers(trimmed), form)
    found = pa.nulls(len(column), US)
    for pattern in _WRITTEN[form]:
        found = pc.coalesce(found, _matched(trimmed, pattern, zone)) if found.null_count else found
    if form == "auto" and found.null_count:
        found = pc.coalesce(found, _counted(_numbers(trimmed), form))
    return found


def _numbers(texts: pa.Array) -> pa.Array:
    """Counts as whole numbers where all are, so that microseconds stay exact; null for what is no count."""
    counts = pc.if_else(pc.match_substring_regex(texts, _COUNT), texts, None)
    try:
        return pc.cast(counts, pa.int64())
    except pa.ArrowInvalid:
        return pc.cast(counts, pa.float64())


def _counted(counts: pa.Array, form: TimeForm) -> pa.Array:
    known = ~_array(pc.is_null(counts, nan_is_null=True))
    numbers = _array(pc.fill_null(counts, 0))
    if form in _UNIT_US:
        us = _scaled(numbers, np.full(len(numbers), _UNIT_US[form]))
    else:
        sizes = np.abs(numbers.astype(np.float64))
        per = np.select([sizes < most for most, _ in _BY_LENGTH], [unit for _, unit in _BY_LENGTH], 0.0)
        us = _scaled(numbers, per)
    return _made(us, known & (us >= _FIRST_US) & (us <= _LAST_US))


def _scaled(numbers: npt.NDArray[np.generic], per: npt.NDArray[np.float64]) -> Ints:
    """Whole numbers stay whole: a float of today's microseconds has none left to spare."""
    if numbers.dtype.kind == "i":
        safe = np.abs(numbers.astype(np.float64)) * per < _NEVER
        whole = np.where(safe, numbers, 0).astype(np.int64)
        up = whole * np.maximum(per, 1).astype(np.int64)
        return np.where(safe, np.where(per < 1, whole // 1000, up), _NEVER)
    far = np.clip(np.nan_to_num(numbers.astype(np.float64) * per, nan=_NEVER), -_NEVER, _NEVER)
    return np.rint(far).astype(np.int64)


def _matched(texts: pa.Array, pattern: str, zone: str) -> pa.Array:
    parts = pc.extract_regex(texts, pattern)
    hit = ~_array(pc.is_null(parts))
    year, month, day, hour, minute, second = (_whole(pc.struct_field(parts, name)) for name in "ymdHMS")
    hour = _of_24(hour, pc.struct_field(parts, "before"), pc.struct_field(parts, "after"))
    months = np.where(hit, (year - 1970) * 12 + np.clip(month, 1, 12) - 1, 0).astype("M8[M]")
    days = months.astype("M8[D]") + np.clip(day - 1, 0, 30).astype("m8[D]")
    good = hit & (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (days.astype("M8[M]") == months)
    good &= (day <= 31) & (hour < 24) & (minute < 60) & (second < 60)
    seconds = ((days.astype(np.int64) * 24 + hour) * 60 + minute) * 60 + second
    us = np.where(good, seconds * 1_000_000 + _fraction(pc.struct_field(parts, "f")), 0)
    zones = pc.struct_field(parts, "z")
    local = _local(pa.array(us, pa.timestamp("us")), zone)
    said = _array(pc.not_equal(pc.fill_null(zones, ""), ""))
    if not said.any():
        return pc.if_else(pa.array(good), local, None)
    told = _made(us - _offset_us(zones), said)
    return pc.if_else(pa.array(good), pc.coalesce(told, local), None)


def _whole(digits: pa.Array) -> Ints:
    filled = pc.if_else(pc.equal(pc.fill_null(digits, ""), ""), "0", digits)
    return _array(pc.cast(filled, pa.int64()))


def _fraction(digits: pa.Array) -> Ints:
    """``5`` is half a second; what is finer than a microsecond is cut off."""
    return _whole(pc.utf8_rpad(pc.fill_null(digits, ""), 9, padding="0")) // 1000


def _of_24(hour: Ints, before: pa.Array, after: pa.Array) -> Ints:
    said = pc.binary_join_element_wise(pc.fill_null(before, ""), pc.fill_null(after, ""), "")
    late, early = (_array(pc.is_in(said, pa.array(words))) for words in (_AFTERNOON, _MORNING))
    return np.where(late & (hour < 12), hour + 12, np.where(early & (hour == 12), 0, hour))


def _offset_us(zones: pa.Array) -> Ints:
    parts = pc.extract_regex(pc.fill_null(zones, ""), r"^(?P<s>[+-])(?P<h>\d{2}):?(?P<m>\d{2})$")
    minutes = _whole(pc.struct_field(parts, "h")) * 60 + _whole(pc.struct_field(parts, "m"))
    west = _array(pc.equal(pc.fill_null(pc.struct_field(parts, "s"), ""), "-"))
    return np.where(west, -minutes, minutes) * 60_000_000


def _made(us: Ints, known: Mask) -> pa.Array:
    return pa.array(us, pa.int64(), mask=~known).cast(pa.timestamp("us")).cast(US)


def _array(column: pa.Array) -> npt.NDArray[Any]:
    return np.asarray(column.to_numpy(zero_copy_only=False))
