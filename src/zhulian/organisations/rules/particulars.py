"""Whether the particulars of an enterprise's file can be kept as they were given. Pure."""

from collections.abc import Mapping
from datetime import date

from zhulian.organisations.rules import checked_credit_code, checked_industry
from zhulian.organisations.rules.files import FIELDS, SIZES, State, Value, refused
from zhulian.organisations.towns import checked_town
from zhulian.vocabulary.places import BY_CODE

_LONGEST = {"kind": 60, "legal_representative": 60, "address": 200, "website": 200, "business_scope": 4_000}
_NUMBERS = ("employees", "registered_capital_fen", "revenue_fen", "revenue_year")
_MOST: Mapping[str, int] = {"employees": 10_000_000, "revenue_year": 9_999}


def checked(values: State, beside: State, today: date) -> dict[str, Value]:
    """``values`` in their one form; ``beside`` is what the file says otherwise (a township lies in its district)."""
    clean = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    _check_identity(clean)
    whole = {**beside, **clean}
    if {"district", "reporting_area"} & clean.keys():
        check_place(str(whole["district"]), str(whole["reporting_area"]))
    if {"district", "town"} & clean.keys():
        checked_town(str(whole.get("town") or ""), str(whole["district"]))
    _check_texts(clean)
    _check_numbers(clean, today)
    return clean


def _check_identity(clean: dict[str, Value]) -> None:
    if "name" in clean and not 0 < len(str(clean["name"])) <= 120:
        raise refused("enterprise_name_wrong", "企业名称应有 1 到 120 个字", "a name has 1 to 120 characters")
    if "credit_code" in clean:
        clean["credit_code"] = checked_credit_code(str(clean["credit_code"]))
    if "industry" in clean:
        clean["industry"] = checked_industry(str(clean["industry"]))


def check_place(district: str, area: str) -> None:
    """Raise unless ``district`` is one and ``area`` is reported in it."""
    for code in (district, area):
        if code not in BY_CODE:
            known = "、".join(f"{place.name_zh} {place.code}" for place in BY_CODE.values())
            raise refused("place_unknown", f"没有代码为“{code}”的地方，可用：{known}", f"“{code}” is none of {known}")
    if BY_CODE[district].within != district:
        raise refused(
            "district_wrong", f"{BY_CODE[district].name_zh}是统计归属，不是县区", f"{district} is no district"
        )
    if BY_CODE[area].within != district:
        raise refused("area_elsewhere", f"{BY_CODE[area].name_zh}不在所填县区内", f"{area} does not lie in {district}")


def _check_texts(clean: State) -> None:
    for name, most in _LONGEST.items():
        if len(str(clean.get(name) or "")) > most:
            label = FIELDS[name]
            raise refused("too_long", f"{label.zh}最多 {most} 个字", f"{label.en} has at most {most} characters")
    website = str(clean.get("website") or "")
    if website and not website.startswith(("https://", "http://")):
        raise refused("website_wrong", "网站应以 https:// 开头", "a website begins with https://")
    if (clean.get("size") or "micro") not in SIZES:
        raise refused("size_wrong", "企业规模应为大型、中型、小型或微型", "a size is large, medium, small or micro")


def _check_numbers(clean: State, today: date) -> None:
    established = clean.get("established_on")
    if established and date.fromisoformat(str(established)) > today:
        raise refused("established_in_future", "成立日期还没有到", "the day of establishment lies in the future")
    for name in _NUMBERS:
        number = clean.get(name)
        if isinstance(number, int) and not 0 <= number <= _MOST.get(name, 10**17):
            label = FIELDS[name]
            raise refused("number_wrong", f"{label.zh}的数值不合理", f"{label.en} is out of range")
