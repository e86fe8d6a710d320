"""How the fields of an enterprise's file are written on pages and read from forms."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from zhulian.organisations.rules import industry_name
from zhulian.organisations.rules.files import (
    FIELDS,
    OWNERS_FIELDS,
    SIZES,
    STATUSES,
    State,
    Value,
    fen_from_wan,
    wan_from_fen,
)
from zhulian.organisations.towns import town_name, towns
from zhulian.portal.pages.edit_form import EditForm, Field, Options, choices
from zhulian.portal.templatetags.zhulian import area_name, said
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.places import DISTRICTS, REPORTING_AREAS

_MONEY = frozenset({"registered_capital_fen", "revenue_fen"})


def shown(name: str, value: Value) -> str:
    """One value of a file in words; empty for what is not known."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, int):
        return _number(name, value)
    return _NAMED[name](value) if name in _NAMED else value


def _number(name: str, value: int) -> str:
    if name in _MONEY:
        return _("%(amount)s 万元") % {"amount": f"{value / 1_000_000:,.2f}"}
    return _("%(count)s 人") % {"count": f"{value:,}"} if name == "employees" else str(value)


def _word(words: Mapping[str, Text]) -> Callable[[str], str]:
    return lambda key: said(words[key]) if key in words else key


_NAMED: Mapping[str, Callable[[str], str]] = {
    "size": _word(SIZES),
    "status": _word(STATUSES),
    "industry": lambda code: f"{code} {said(industry_name(code))}",
    "district": area_name,
    "reporting_area": area_name,
    "town": town_name,
}


def changes_in_words(changes: State, before: State) -> list[tuple[str, str, str]]:
    """(field, old, new) of an event, for the list."""
    names = [name for name in FIELDS if name in changes and name != "successor"]
    return [(said(FIELDS[name]), shown(name, before.get(name)), shown(name, changes[name])) for name in names]


def as_typed(values: State) -> dict[str, str]:
    """A file as its form shows it; money in 万元."""
    typed: dict[str, str] = {}
    for name, value in values.items():
        if name in _MONEY:
            typed[name] = wan_from_fen(value if isinstance(value, int) else None)
        else:
            typed[name] = "" if value is None else ("1" if value else "") if isinstance(value, bool) else str(value)
    return typed


def read(form: EditForm) -> dict[str, Value]:
    """The form's fields that belong to the file, as plain values."""
    found: dict[str, Value] = {}
    for one in form.fields:
        if one.name not in FIELDS:
            continue
        if one.name in _MONEY:
            found[one.name] = fen_from_wan(form.text(one.name))
        elif one.kind == "check":
            found[one.name] = form.is_checked(one.name)
        elif one.kind == "number":
            found[one.name] = form.whole(one.name)
        elif one.kind == "date":
            day = form.day(one.name)
            found[one.name] = day.isoformat() if day else None
        else:
            found[one.name] = form.text(one.name)
    return found


def file_fields(*, is_officer: bool) -> list[Field]:
    """The fields of a file's form: all of them for officers, the enterprise's own for its owner."""
    every = {one.name: one for one in _all_fields()}
    return [one for name, one in every.items() if is_officer or name in OWNERS_FIELDS]


def place_fields() -> list[Field]:
    """District, reporting area and township."""
    return [
        Field("district", FIELDS["district"], "select", districts(), required=True),
        Field("reporting_area", FIELDS["reporting_area"], "select", areas(), required=True, help=_AREA_HELP),
        Field("town", FIELDS["town"], "select", _towns()),
    ]


def districts(empty: str | None = None) -> Options:
    """Options of a district."""
    return choices({place.code: Text(place.name_zh, place.name_en) for place in DISTRICTS}, empty)


def areas(empty: str | None = None) -> Options:
    """Options of a reporting area."""
    return choices({place.code: Text(place.name_zh, place.name_en) for place in REPORTING_AREAS}, empty)


def _towns() -> Options:
    named = [(code, f"{area_name(code[:6])} · {name}") for code, name in towns().items()]
    return [("", _("未填")), *named]


_AREA_HELP = Text(
    "开发区单独统计时选开发区，否则与县区相同。", "A development zone that reports separately, else the district."
)
_SIZE_HELP = Text(
    "统计上大中小微型企业划分办法（2017）；工业企业填了人数和收入后，档案页会按办法核对。",
    "By the national rule of 2017; with people and revenue given, the file compares it for industry.",
)
_WAN = Text("单位：万元。", "In units of 10,000 yuan.")


def _all_fields() -> list[Field]:
    return [
        Field("name", FIELDS["name"], required=True, most=120),
        Field("credit_code", FIELDS["credit_code"], required=True, most=18),
        Field("industry", Text("行业代码（GB/T 4754）", "Industry code (GB/T 4754)"), required=True, most=8),
        Field("kind", FIELDS["kind"], most=60),
        *place_fields(),
        Field("address", FIELDS["address"], most=200, wide=True),
        Field("legal_representative", FIELDS["legal_representative"], most=60),
        Field("registered_capital_fen", FIELDS["registered_capital_fen"], "number", help=_WAN, most=24),
        Field("established_on", FIELDS["established_on"], "date"),
        Field("size", FIELDS["size"], "select", choices(SIZES, _("未填")), help=_SIZE_HELP),
        Field("above_scale", FIELDS["above_scale"], "check"),
        Field("employees", Text("从业人员（人）", "Employees"), "number", most=10),
        Field("revenue_fen", FIELDS["revenue_fen"], "number", help=_WAN, most=24),
        Field("revenue_year", FIELDS["revenue_year"], "number", most=4),
        Field("website", FIELDS["website"], most=200),
        Field("business_scope", FIELDS["business_scope"], "area", most=4_000),
    ]


CAUSE_FIELDS = (
    Field("on", Text("生效日期", "In effect from"), "date"),
    Field("document", Text("文号", "Document number"), most=80),
    Field("note", Text("说明", "Note"), most=400, wide=True),
)
"""When a change took effect, and on what paper."""
