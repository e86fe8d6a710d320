"""How single columns are read: codes, industries, places, sizes. Each returns the value, or why there is none."""

import re
from collections.abc import Callable, Mapping

from zhulian.imports.rules.fields import Value
from zhulian.organisations.industries import DIVISIONS
from zhulian.organisations.rules import RecordsError, checked_credit_code, checked_industry
from zhulian.spreadsheets import cells
from zhulian.spreadsheets.cells import Given
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.places import BY_CODE, REPORTING_AREAS

_INDUSTRY = re.compile(r"^([A-Ta-t]?\d{2,4}|[A-Ta-t])(?:\D|$)")
_DIVISION_OF = {name.zh: code for code, name in DIVISIONS.items()}


def text(most: int) -> Callable[[Given], Value | Text]:
    """A text of at most ``most`` signs; Chinese punctuation stays."""

    def read(given: Given) -> Value | Text:
        found = cells.name(given.text)
        return (
            found
            if len(found) <= most
            else Text(
                f"最多 {most} 个字，现有 {len(found)} 个", f"has at most {most} characters, this one {len(found)}"
            )
        )

    return read


def credit_code(given: Given) -> Value | Text:
    """A unified social credit code with a right check character, not damaged by Excel."""
    found = cells.code(given)
    if isinstance(found, Text):
        return found
    try:
        return checked_credit_code(found)
    except RecordsError as fault:
        if len(found) == 18 and found.isdigit() and found.endswith("000"):
            return Text(
                f"“{found}”末尾是三个 0，很可能被 Excel 截断过；请把这一列设为“文本”，从原件重新填写",
                f"“{found}” ends in three zeros: Excel probably cut it; enter it again in a column of text",
            )
        return Text(fault.what.zh.rstrip("。"), fault.what.en.rstrip("."))


def industry(given: Given) -> Value | Text:
    """A code of GB/T 4754, with or without its name behind it, or the name of a division."""
    found = cells.plain(given.text)
    coded = _INDUSTRY.match(found)
    named = _DIVISION_OF.get(found)
    try:
        return checked_industry(coded[1] if coded else (named[-2:] if named else found))
    except RecordsError as fault:
        return Text(
            f"{fault.what.zh.rstrip('。')}，例如 C3360 或“金属制品业”", f"{fault.what.en.rstrip('.')}; such as C3360"
        )


def _place_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for place in REPORTING_AREAS:
        for word in (place.code, place.name_zh, place.name_en.lower(), f"六安市{place.name_zh}", place.name_zh[:-1]):
            names.setdefault(word, place.code)
    return names


_PLACES = _place_names()
_KNOWN = "、".join(place.name_zh for place in REPORTING_AREAS)


def district(given: Given) -> Value | Text:
    """A district by name or code; a development zone is none."""
    found = area(given)
    if isinstance(found, str) and BY_CODE[found].within != found:
        within = BY_CODE[BY_CODE[found].within]
        return Text(
            f"“{BY_CODE[found].name_zh}”是统计归属，不是县区；所在县区应填{within.name_zh}",
            f"{BY_CODE[found].name_en} is a reporting area; its district is {within.name_en}",
        )
    return found


def area(given: Given) -> Value | Text:
    """A reporting area by name or code."""
    word = cells.plain(given.text)
    found = _PLACES.get(word) or _PLACES.get(word.lower())
    return found or Text(f"没有“{word[:20]}”这个地方，可填：{_KNOWN}", f"“{word[:20]}” is none of {_KNOWN}")


def choice(words: Mapping[str, str]) -> Callable[[Given], Value | Text]:
    """One of few answers; ``words`` maps what people write to the value."""

    def read(given: Given) -> Value | Text:
        word = cells.plain(given.text).lower()
        allowed = "、".join(dict.fromkeys(words))
        return words.get(word) or Text(f"“{word[:20]}”应为其中之一：{allowed}", f"“{word[:20]}” is none of {allowed}")

    return read


def yes_no(given: Given) -> Value | Text:
    """是 or 否."""
    return cells.yes_no(given.text)


def whole(most: int) -> Callable[[Given], Value | Text]:
    """A whole number up to ``most``."""

    def read(given: Given) -> Value | Text:
        found = cells.whole(re.sub(r"[人家台年]$", "", cells.plain(given.text)))
        if isinstance(found, int) and found > most:
            return Text(f"“{found}”太大，最多 {most}", f"“{found}” is too large, at most {most}")
        return found

    return read


def money(given: Given) -> Value | Text:
    """Money in fen, by the unit in the cell or in the header."""
    return cells.money_fen(given)


def day(given: Given) -> Value | Text:
    """A day as ISO text."""
    found = cells.day(given)
    return found if isinstance(found, Text) else found.value.isoformat()


def day_warning(given: Given) -> Text | None:
    """Where only a month or a year was given, its first day is taken, and that is said."""
    found = cells.day(given)
    if isinstance(found, Text) or not (found.is_whole_month or found.is_whole_year):
        return None
    return Text(f"没有写日，按 {found.value:%Y-%m-%d} 记", f"no day is given; kept as {found.value:%Y-%m-%d}")


def show_place(value: Value) -> Text:
    """The name of a place."""
    place = BY_CODE.get(str(value))
    return Text(place.name_zh, place.name_en) if place else Text(str(value or ""), str(value or ""))


def show_yes_no(value: Value) -> Text:
    """是 or 否; nothing for nothing."""
    return Text("", "") if value is None else Text("是", "yes") if value else Text("否", "no")


def show_money(value: Value) -> Text:
    """Fen as 万元 with every digit that is there."""
    if not isinstance(value, int):
        return Text("", "")
    shown = f"{value / 1_000_000:,.6f}".rstrip("0").rstrip(".")
    return Text(f"{shown} 万元", f"{shown} ×10⁴ yuan")


def show_choice(words: Mapping[str, Text]) -> Callable[[Value], Text]:
    """The word for a value."""
    return lambda value: words.get(str(value or ""), Text(str(value or ""), str(value or "")))
