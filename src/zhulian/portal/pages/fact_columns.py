"""Rows of the ledger: as they are drawn in lists, and as they go out in files."""

from collections.abc import Iterable, Mapping
from datetime import date

from zhulian.evidence.catalogue import GROUP_NAMES, FactKey
from zhulian.evidence.queries import FactLine
from zhulian.portal.exports import Column, local
from zhulian.portal.pages.fact_figures import ShownFact, shown_fact
from zhulian.portal.templatetags.zhulian import doer
from zhulian.vocabulary.errors import Text


def shown_line(keys: Mapping[str, FactKey], line: FactLine, today: date) -> ShownFact:
    """A row of the ledger as it is drawn."""
    return shown_fact(keys.get(line.fact.key), line.fact, today, is_sample=line.is_sample)


def grouped(keys: Iterable[FactKey]) -> list[tuple[Text, list[FactKey]]]:
    """Keys by subject, for a list to choose from."""
    found: dict[str, list[FactKey]] = {}
    for key in keys:
        found.setdefault(key.group, []).append(key)
    return [(GROUP_NAMES[group], rows) for group, rows in found.items()]


def columns(keys: Mapping[str, FactKey], today: date) -> tuple[Column[FactLine], ...]:
    """Every column of a file of facts."""

    def shown(line: FactLine) -> ShownFact:
        return shown_line(keys, line, today)

    return (
        Column(Text("企业", "Enterprise"), lambda line: line.enterprise_name, 36),
        Column(Text("代码", "Key"), lambda line: line.fact.key, 26),
        Column(Text("事实", "Fact"), lambda line: shown(line).label, 24),
        Column(Text("值", "Value"), _raw, 16),
        Column(Text("显示为", "Shown as"), lambda line: f"{shown(line).text} {shown(line).unit}".strip(), 20),
        Column(Text("等级", "Class"), lambda line: line.fact.evidence_class.value, 8),
        Column(Text("期间起", "From"), lambda line: line.fact.period_start.isoformat(), 12),
        Column(Text("期间止", "Until"), lambda line: line.fact.period_end.isoformat(), 12),
        Column(Text("有效至", "Valid until"), _until, 12),
        Column(Text("来源", "Source"), lambda line: shown(line).source, 24),
        Column(Text("记录时间", "Captured at"), lambda line: local(line.fact.captured_at), 20),
        Column(Text("记录人", "By"), lambda line: doer(line.fact.captured_by_name), 14),
        Column(Text("状态", "State"), _state, 12),
        Column(Text("编号", "Number"), lambda line: line.fact.id, 10),
    )


def _raw(line: FactLine) -> str | float | int | None:
    value = line.fact.value
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(value) if isinstance(value, tuple) else value


def _until(line: FactLine) -> str | Text:
    until = line.fact.valid_until
    return until.isoformat() if until else Text("长期", "open")


def _state(line: FactLine) -> Text:
    if line.fact.is_withdrawal:
        return Text("撤回记录", "withdrawal")
    if line.is_withdrawn:
        return Text("已撤回", "withdrawn")
    return Text("已被取代", "superseded") if line.superseded_by else Text("在用", "standing")
