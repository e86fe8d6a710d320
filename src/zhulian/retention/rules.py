"""What may be chosen, what holds for a point, what a demand has to say. Pure; workflows and pages call it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from zhulian.organisations.rules import RecordsError
from zhulian.telemetry.queries import Group, Keep, Plan
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.units import named

LEAST_RAW_DAYS = 35
"""For two weeks after a day its facts are still corrected by late readings; a month can be shown to whoever asks."""
LEAST_HOUR_DAYS = 400
"""A month beside the same month of the year before, to its end."""
MOST_DAYS = 36_500
NO_UNIT = "-"
"""The class of points that measure without a unit: states, counters, words."""
LONGEST_REASON = 400
LONGEST_SAID = 400
EPOCH = date(1970, 1, 1)
Key = tuple[int | None, str]
"""Whose points (None: everybody's) and which unit ("" for all): what a term is for."""


class RetentionError(RecordsError):
    """It cannot be so; nothing was changed and nothing is deleted."""


@dataclass(frozen=True, slots=True)
class Known:
    """A point as far as terms care."""

    id: int
    tenant: int
    unit: str


def checked(keep: Keep) -> Keep:
    """Terms that may hold. Raises RetentionError."""
    for days, least, zh, en in (
        (keep.raw_days, LEAST_RAW_DAYS, "原始读数", "raw readings"),
        (keep.hour_days, LEAST_HOUR_DAYS, "小时汇总", "hourly sums"),
    ):
        if days is not None and not least <= days <= MOST_DAYS:
            raise refused("term_short", f"{zh}保留 {least} 到 {MOST_DAYS} 天", f"{en} stay {least} to {MOST_DAYS} days")
    if keep.hour_days is not None and (keep.raw_days is None or keep.raw_days > keep.hour_days):
        raise refused("term_order", "原始读数不能比小时汇总留得更久", "raw readings must not outlast the hourly sums")
    return keep


def holding(terms: Mapping[Key, Keep], tenant: int, unit: str) -> tuple[Key, Keep]:
    """The term that holds for points of ``unit`` of an enterprise, and what it is for: the narrowest one.

    What was chosen for the enterprise goes before what was chosen for the city, and then its unit before all units.
    """
    for key in ((tenant, unit), (tenant, ""), (None, unit), (None, "")):
        if key in terms:
            return key, terms[key]
    return (None, ""), Keep()


def group_name(unit: str) -> Text:
    """What the points of a unit are called where they stand as a group: a bare “A” reads like a class of facts."""
    if not unit:
        return Text("全部点位", "All points")
    return Text("无单位", "No unit") if unit == NO_UNIT else named(unit)


def plan(terms: Mapping[Key, Keep], points: Iterable[Known]) -> Plan:
    """The same for every point at once, as telemetry wants it; ``points`` are those of the units that terms name."""
    everybody = terms.get((None, ""), Keep())
    tenants = {tenant: keep for (tenant, unit), keep in terms.items() if tenant is not None and not unit}
    groups: dict[tuple[int, Keep], list[int]] = {}
    for point in points:
        _, keep = holding(terms, point.tenant, point.unit or NO_UNIT)
        if keep != tenants.get(point.tenant, everybody):
            groups.setdefault((point.tenant, keep), []).append(point.id)
    found = (Group(tenant, tuple(sorted(ids)), keep) for (tenant, keep), ids in groups.items())
    return Plan(everybody, tenants, tuple(sorted(found, key=lambda group: (group.tenant, group.points))))


def checked_reason(given: str) -> str:
    """Why something is to be deleted, in one line."""
    reason = " ".join(given.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise refused(
            "reason_missing", f"请用 1 到 {LONGEST_REASON} 个字写明原因", f"say why in 1 to {LONGEST_REASON} characters"
        )
    return reason


def checked_days(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """Whole days of the city that are over."""
    if first is None or last is None or first > last:
        raise refused("days_wrong", "请写明从哪天到哪天", "say from which day to which")
    if last >= today:
        raise refused("days_not_over", "只能删除已经过完的日子", "only days that are over can go")
    return max(first, EPOCH + timedelta(days=1)), last


def checked_name(typed: str, name: str) -> None:
    """The enterprise's name typed to the letter: nobody deletes readings by a slip."""
    if " ".join(typed.split()) != " ".join(name.split()):
        raise refused("name_differs", "键入的企业名称不一致", "the name typed is not that of the enterprise")


def said(names: Sequence[str]) -> str:
    """Points by name, as many as there is room for."""
    text = "、".join(names)
    return text if len(text) <= LONGEST_SAID else f"{text[: LONGEST_SAID - 1]}…"


def number_of(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH).days


def refused(code: str, zh: str, en: str) -> RetentionError:
    """Why not."""
    return RetentionError(
        code,
        Text(f"没有执行：{zh}。", f"Not done: {en}."),
        Text("填的内容都在，请改好后再试。", "What you typed is still here; change it and try again."),
    )
