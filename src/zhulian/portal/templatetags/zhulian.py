"""The components as template tags: ``{% load zhulian %}``. How to use each stands in docs/reference/interface.md.

A page never formats a number, an age or an error itself; a change of look is a change here and in templates/components.
"""

import json
import time
from collections.abc import Sequence
from functools import cache
from typing import Any

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from zhulian.organisations.tenancy import SYSTEM
from zhulian.portal.pages.figures import Figure, MachineState, PointValue, Words
from zhulian.portal.pages.words import TOPICS
from zhulian.portal.trail_words import PLATFORM
from zhulian.retention.rules import group_name
from zhulian.vocabulary.clock import SHANGHAI, to_datetime
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.freshness import Freshness, freshness
from zhulian.vocabulary.masking import MASKS
from zhulian.vocabulary.pages import Page
from zhulian.vocabulary.places import BY_CODE
from zhulian.vocabulary.readings import TimeUs
from zhulian.vocabulary.roles import ROLE_NAMES, Role

register = template.Library()
FRESHNESS_WORDS = {Freshness.LIVE: "live", Freshness.LATE: "late", Freshness.SILENT: "silent", Freshness.NEVER: "never"}


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """One of the signs in static/icons.svg; decoration only, so hidden from screen readers."""
    return format_html(
        '<svg class="z-icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("icons.svg"), name
    )


@register.filter
def quantity(value: float | int | str | None, decimals: int | None = None) -> str:
    """A measured value with steady digits; the same rule as frontend/source/numbers.js."""
    if value is None or isinstance(value, str):  # a template's word for "there is none" is ""
        return "—"
    places = (0 if isinstance(value, int) else _decimals(value)) if decimals is None else decimals
    return f"{value:z,.{places}f}"


def _decimals(value: float) -> int:
    size = abs(value)
    if size >= 1000:
        return 1
    if size >= 1 or size == 0:
        return 2
    return 3 if size >= 0.01 else 5


@register.filter
def said(text: Text | ZhulianError | Words) -> str:
    """Words of the vocabulary in the language of the page."""
    language = get_language() or "zh-hans"
    return text.in_language(language) if isinstance(text, Text | ZhulianError) else str(text)


@register.filter
def doer(name: str) -> str:
    """Who did something, by the name in the records; what the platform did itself stands there under its own."""
    return said(PLATFORM) if name == SYSTEM.name else name


@register.filter
def topic(word: str) -> str:
    """Where a task or message comes from, in the language of the page; what nobody has translated stays as it is."""
    return said(TOPICS.get(word, Text(word, word)))


@register.filter
def masked(text: str, kind: str) -> str:
    """A personal number as everybody may see it; ``kind`` is phone, email or id_number."""
    return MASKS[kind](text)


@register.filter
def as_error(body: dict[str, str]) -> ZhulianError:
    """An error as it crossed the wire."""
    return ZhulianError.from_json(body)


@register.filter
def area_name(code: str) -> str:
    """The name of a district or reporting area; the code where nobody knows it."""
    place = BY_CODE.get(code)
    return said(Text(place.name_zh, place.name_en)) if place else code


@register.filter
def point_group(unit: str) -> str:
    """The points of a unit as a group, by what they measure; "" is all of them."""
    return said(group_name(unit))


@register.filter
def role_name(role: Role) -> str:
    """A role in the language of the page."""
    return said(ROLE_NAMES[role])


@register.filter
def at(faults: dict[str, list[str]], name: str) -> list[str]:
    """What was said about one field of a form."""
    return faults.get(name, [])


@register.filter
def cell(text: str) -> str:
    """A text as one cell of a pasted table."""
    return " ".join(text.split()).replace("\\", "\\\\")


@register.filter
def node_values(address: str) -> str:
    """``hx-vals`` that asks for what lies below a node."""
    return json.dumps({"node": address}, ensure_ascii=False)


@register.filter
def as_json(value: object) -> str:
    """A value for a script, to stand in an attribute."""
    return json.dumps(value, ensure_ascii=False)


@register.filter
def moment(time_us: int | None) -> str:
    """A time to the second, in Shanghai."""
    return to_datetime(TimeUs(time_us)).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if time_us else "—"


@register.filter
def since(time_us: int | None) -> str:
    """How long ago, in words; the words that live.js counts on with."""
    return age_words(time.time() - time_us / 1e6) if time_us else "—"


def age_words(seconds: float) -> str:
    """An age in the largest unit that keeps it exact enough."""
    now, *scales = age_patterns()
    if seconds < 2:
        return now
    for pattern, below, unit in zip(scales, (120, 7_200, 172_800, float("inf")), (1, 60, 3_600, 86_400), strict=True):
        if seconds < below:
            return pattern.replace("%s", str(round(seconds / unit)))
    return now


def age_patterns() -> list[str]:
    """ "“Just now” and the patterns for seconds, minutes, hours, days; pages hand them to live.js."""
    return [gettext("刚刚"), gettext("%s 秒前"), gettext("%s 分钟前"), gettext("%s 小时前"), gettext("%s 天前")]


@register.filter
def unlocalized(number: float) -> str:
    """A number for a machine: attributes that scripts read."""
    return str(number)


@register.filter
def message_kind(level: str) -> str:
    """Django's message levels as kinds of :func:`message`."""
    return {"success": "done", "warning": "warn", "error": "fault"}.get(level, "info")


@register.inclusion_tag("components/figure.html")
def figure(shown: Figure) -> dict[str, object]:
    """The figure component."""
    judged = freshness(shown.last_us, _now(), shown.every_s) if shown.last_us else None
    return {"figure": shown, "freshness": judged, "is_stale": judged in {Freshness.SILENT, Freshness.NEVER}}


@register.inclusion_tag("components/value.html")
def value(shown: PointValue) -> dict[str, object]:
    """One point's newest value, live on pages with a stream, opening its origin."""
    return {"shown": shown}


@register.inclusion_tag("components/freshness.html", name="freshness", takes_context=True)
def freshness_chip(context: Context, last_us: int | None, every_s: float = 60.0) -> dict[str, object]:
    """How old a value is: shape, words, and grey when it is silent. Nobody knows while telemetry is away."""
    judged = freshness(TimeUs(last_us) if last_us else None, _now(), every_s)
    kind = "unknown" if not last_us and context.get("outage") else FRESHNESS_WORDS[judged]
    return {"kind": kind, "last_us": last_us, "every_s": every_s}


@register.inclusion_tag("components/state.html")
def state(shown: MachineState) -> dict[str, object]:
    """A machine's state: shape, word, colour."""
    return {"shown": shown}


@register.inclusion_tag("components/sample.html")
def sample_mark(is_sample: bool = True) -> dict[str, object]:
    """演示数据. No setting removes it."""
    return {"is_sample": is_sample}


@register.inclusion_tag("components/message.html")
def message(kind: str, what: Words | ZhulianError, next_step: Words = "") -> dict[str, object]:
    """Words to a person; ``kind``: info, done, warn, fault. An error brings its own next step."""
    if isinstance(what, ZhulianError):
        language = get_language() or "zh-hans"
        return {
            "kind": kind,
            "what": what.what.in_language(language),
            "next_step": what.next_step.in_language(language),
        }
    return {"kind": kind, "what": what, "next_step": next_step}


@register.inclusion_tag("components/empty.html")
def empty(title: Words, words: Words, href: str = "", act: Words = "") -> dict[str, object]:
    """What will be here, and the first step towards it."""
    return {"title": title, "words": words, "href": href, "act": act}


@register.inclusion_tag("components/chart.html")
def chart(  # noqa: PLR0917 - called from templates by position
    address: str,
    name: str,
    unit: str = "",
    excel: str = "",
    origin: str = "",
    is_map: bool = False,
    heading: str = "h3",
) -> dict[str, object]:
    """A chart that reads its figures from ``address``; table, picture and Excel stand beside it."""
    found = {"address": address, "name": name, "unit": unit, "excel": excel, "origin": origin, "is_map": is_map}
    return found | {"heading": heading}


@register.inclusion_tag("components/picker.html")
def picker(  # noqa: PLR0917 - called from templates
    id: str,  # noqa: A002
    name: str,
    kinds: str,
    hint: Words,
    value: int | str | None = None,
    words: str = "",
) -> dict[str, object]:
    """A field that finds a record while somebody types and sends its id as ``name``. ``kinds``: comma-separated."""
    return {"id": id, "name": name, "kinds": kinds, "hint": hint, "value": value, "words": words}


@register.inclusion_tag("components/edit_form.html")
def edit_form(form: object, prefix: str = "e") -> dict[str, object]:
    """The fields of a form that edits one record, with what somebody else changed meanwhile.

    ``prefix`` tells the fields of two forms on one page apart.
    """
    return {"form": form, "prefix": prefix}


@register.inclusion_tag("components/progress.html")
def progress(done: int, total: int, words: Words) -> dict[str, object]:
    """Long work with real counts."""
    return {"done": done, "total": total, "words": words}


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changed: object) -> str:
    """This page's query with some parts changed; None takes a part away. Keeps every list shareable as a link."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    for name, value in changed.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.inclusion_tag("components/export_links.html", takes_context=True)
def export_links(context: Context) -> dict[str, object]:
    """The list as a file: all rows that the filters on screen leave, as Excel or csv."""
    return {"excel": with_query(context, form="xlsx"), "csv": with_query(context, form="csv")}


@register.inclusion_tag("components/sort_head.html", takes_context=True)
def sort_head(context: Context, column: str, words: Words, numeric: bool = False) -> dict[str, object]:
    """A column head that sorts by link: once up, once more down."""
    now = context["request"].GET.get("order", "")
    target = f"-{column}" if now == column else column
    direction = {column: "ascending", f"-{column}": "descending"}.get(now, "")
    return {"href": with_query(context, order=target), "words": words, "direction": direction, "numeric": numeric}


@register.inclusion_tag("components/beyond_rights.html", takes_context=True)
def beyond_rights(context: Context) -> dict[str, object]:
    """At the foot of a list of enterprises' data: how many enterprises of the city the person's rights hide."""
    return {"hidden": context["request"].rights.hidden_enterprises()}


@register.inclusion_tag("components/pages.html", takes_context=True)
def page_links(context: Context, page: Page[Any], count_words: str = "") -> dict[str, object]:
    """How many rows there are, and the way through them."""
    numbers = _near(page.number, page.pages)
    links = [(number, with_query(context, page=number) if number else "") for number in numbers]
    return {"page": page, "links": links, "count_words": count_words or rows_words(page.total)}


def rows_words(total: int) -> str:
    """ "“40 rows”, as the language wants it."""
    return ngettext("共 %(total)s 条", "共 %(total)s 条", total) % {"total": quantity(total)}


def _near(number: int, pages: int) -> Sequence[int]:
    """First, last and the neighbours; 0 stands for what is left out."""
    wanted = sorted({1, pages, *(one for one in range(number - 2, number + 3) if 1 <= one <= pages)})
    found: list[int] = []
    for one in wanted:
        if found and one - found[-1] > 1:
            found.append(0)
        found.append(one)
    return found


def _now() -> TimeUs:
    return TimeUs(time.time_ns() // 1000)
