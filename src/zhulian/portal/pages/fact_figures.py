"""A fact as a page shows it: value with unit, class of evidence, period, validity, dispute, and the way to its origin.

Every later page uses these: :func:`shown_settled` makes the value, ``{% fact_figure %}`` draws it large and
``{% fact_value %}`` in a line. A page never formats a fact itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from zhulian.evidence.catalogue import CLASS_NAMES, FactKey, option_name, unit_name
from zhulian.evidence.rules import EvidenceClass, FactRow, Settled, Value
from zhulian.portal.templatetags.zhulian import doer, quantity
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text

SOON_DAYS = 30
_WAN, _MILLION, _YI = 10_000_00, 1_000_000_00, 100_000_000_00
"""Fen in 万元, in a million yuan, in 亿元."""


@dataclass(frozen=True, slots=True)
class ShownFact:
    """One fact, ready to be drawn. ``text`` "" is a dash with ``reason``."""

    key: str
    label: Text
    text: str
    unit: str
    evidence_class: EvidenceClass | None
    origin: str
    period: str = ""
    valid_until: date | None = None
    days_left: int | None = None
    captured_at: datetime | None = None
    source: str = ""
    conflicts: int = 0
    rivals: tuple["ShownFact", ...] = ()
    is_sample: bool = False
    reason: str = ""

    @property
    def is_stale(self) -> bool:
        """Shown grey: no longer valid on the day asked for."""
        return self.days_left is not None and self.days_left < 0

    @property
    def is_ending(self) -> bool:
        """Ends soon, and somebody has to renew it; what machines measure is renewed by the next night."""
        return self.evidence_class is not EvidenceClass.A and self.days_left is not None and self.days_left <= SOON_DAYS

    @property
    def class_words(self) -> Text:
        """What the badge says on hover."""
        return CLASS_NAMES[self.evidence_class] if self.evidence_class else Text("", "")


def shown_settled(
    key: FactKey, settled: Settled | None, on: date, *, is_sample: bool = False, source: str = ""
) -> ShownFact:
    """What holds for ``key``, with what other sources say; a dash with its reason where nothing does."""
    if settled is None:
        return ShownFact(key.key, key.name, "", "", None, "", is_sample=is_sample, reason=_("没有有效的依据"))
    shown = shown_fact(key, settled.fact, on, is_sample=is_sample, source=source)
    rivals = tuple(shown_fact(key, row, on, is_sample=is_sample) for row in settled.conflicts)
    return replace(shown, conflicts=len(rivals), rivals=rivals)


def shown_fact(key: FactKey | None, row: FactRow, on: date, *, is_sample: bool = False, source: str = "") -> ShownFact:
    """One fact, whether it holds or not."""
    text, unit = value_words(key, row.value, row.unit)
    return ShownFact(
        key=row.key,
        label=key.name if key else Text(row.key, row.key),
        text=text,
        unit=unit,
        evidence_class=row.evidence_class,
        origin=reverse("origin_fact", args=[row.id]),
        period=period_words(key, row),
        valid_until=row.valid_until,
        days_left=None if row.valid_until is None else (row.valid_until - on).days,
        captured_at=row.captured_at,
        source=source or source_words(row),
        is_sample=is_sample,
        reason=_("已撤回") if row.is_withdrawal else "",
    )


def shown_all(
    keys: Mapping[str, FactKey], holding: Mapping[str, Settled], wanted: Iterable[str], on: date, *, is_sample: bool
) -> list[ShownFact]:
    """Some keys of one subject, in the order of ``wanted``."""
    return [shown_settled(keys[key], holding.get(key), on, is_sample=is_sample) for key in wanted if key in keys]


def value_words(  # noqa: PLR0911 - one line a kind of value
    key: FactKey | None, value: Value, unit: str
) -> tuple[str, str]:
    """A value as people read it, and its unit: 1,280.00 万元, 86.5 %, AA 级."""
    if value is None:
        return "", ""
    if isinstance(value, bool):
        return (_("是") if value else _("否")), ""
    if isinstance(value, tuple):
        return _("、").join(_say(option_name(one)) for one in value) or _("没有"), ""
    if isinstance(value, str):
        return (_say(option_name(value)) if key is not None and key.options else value), ""
    if unit == "fen":
        return money_words(int(value))
    if unit == "ratio":
        return f"{value * 100:,.1f}", "%"
    return quantity(value), _say(unit_name(unit))


def money_words(fen: int) -> tuple[str, str]:
    """Fen in the unit that keeps it readable in the language of the page, two decimals."""
    size = abs(fen)
    if (get_language() or "").startswith("en"):
        return (f"{fen / _MILLION:,.2f}", "million yuan") if size >= _MILLION else (f"{fen / 100:,.2f}", "yuan")
    if size >= _YI:
        return f"{fen / _YI:,.2f}", _("亿元")
    if size >= _WAN:
        return f"{fen / _WAN:,.2f}", _("万元")
    return f"{fen / 100:,.2f}", _("元")


def period_words(key: FactKey | None, row: FactRow) -> str:
    """What the fact speaks of: 2025 年, 2026 年 10 月, a day, or a span."""
    period = key.period if key else "state"
    year, month = row.period_end.year, row.period_end.month
    if period == "year":
        return _("%(year)s 年") % {"year": year}
    if period == "quarter":
        return _("%(year)s 年第 %(quarter)s 季") % {"year": year, "quarter": (month + 2) // 3}
    if period == "month":
        return _("%(year)s 年 %(month)s 月") % {"year": year, "month": month}
    if row.period_start == row.period_end:
        return row.period_end.isoformat()
    return _("%(start)s 至 %(end)s") % {"start": row.period_start.isoformat(), "end": row.period_end.isoformat()}


def source_words(row: FactRow) -> str:
    """Where it comes from, in a word or two."""
    kind, _colon, name = row.source.partition(":")
    if kind == "statement":
        who = {"enterprise": _("企业申报"), "bureau": _("市经信局登记"), "county": _("县区登记")}.get(name, name)
        return f"{who} · {doer(row.captured_by_name)}" if row.captured_by_name else who
    words = {
        "collector": _("平台采集"),
        "document": _("证明文件"),
        "import": _("批量导入"),
        "computed": _("平台计算"),
    }
    return words.get(kind, row.source)


def validity_words(shown: ShownFact) -> str:
    """How long it still holds."""
    if shown.days_left is None:
        return _("长期有效")
    if shown.days_left < 0:
        return ngettext("已过期 %(n)s 天", "已过期 %(n)s 天", -shown.days_left) % {"n": -shown.days_left}
    return ngettext("还有 %(n)s 天到期", "还有 %(n)s 天到期", shown.days_left) % {"n": shown.days_left}


def today_of(now: datetime) -> date:
    """The city's day."""
    return now.astimezone(SHANGHAI).date()


def _say(text: Text) -> str:
    return text.in_language(get_language() or "zh-hans")
