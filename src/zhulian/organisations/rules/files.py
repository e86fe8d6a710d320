"""What an enterprise's file says, and how dated events make it say so. Pure.

A *state* maps the names in :data:`FIELDS` to plain values (text, whole numbers, ISO dates, ids). The state on a day is
what all valid events up to that day leave, applied in the order of (day, number). So an event that is entered late
still takes its place in time, and what happened before the file was opened never overrules what the opening said.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from zhulian.organisations.rules import RecordsError
from zhulian.vocabulary.errors import Text

Value = str | int | bool | None
State = Mapping[str, Value]

FIELDS: Mapping[str, Text] = {
    "name": Text("企业名称", "Name"),
    "credit_code": Text("统一社会信用代码", "Credit code"),
    "industry": Text("行业", "Industry"),
    "district": Text("所在县区", "District"),
    "reporting_area": Text("统计归属", "Reporting area"),
    "town": Text("乡镇街道", "Township"),
    "address": Text("注册地址", "Registered address"),
    "size": Text("企业规模", "Size class"),
    "above_scale": Text("规上企业", "Above scale"),
    "kind": Text("企业类型", "Legal form"),
    "legal_representative": Text("法定代表人", "Legal representative"),
    "registered_capital_fen": Text("注册资本", "Registered capital"),
    "established_on": Text("成立日期", "Established on"),
    "employees": Text("从业人员", "Employees"),
    "revenue_fen": Text("营业收入", "Revenue"),
    "revenue_year": Text("收入年度", "Year of the revenue"),
    "business_scope": Text("经营范围", "Business scope"),
    "website": Text("网站", "Website"),
    "status": Text("状态", "Status"),
    "successor": Text("并入企业", "Merged into"),
}
"""Everything that events may change, with the words for it. All of it can be reproduced for any day."""
OWNERS_FIELDS = frozenset({"employees", "revenue_fen", "revenue_year", "business_scope", "website"})
"""What the enterprise keeps up itself; the rest stands in official registers and is the officers' to change."""
SIZES = {
    "large": Text("大型", "Large"),
    "medium": Text("中型", "Medium"),
    "small": Text("小型", "Small"),
    "micro": Text("微型", "Micro"),
}
STATUSES = {
    "active": Text("存续", "Active"),
    "merged": Text("已并入其他企业", "Merged"),
    "closed": Text("已注销", "Closed"),
}


class EventKind(StrEnum):
    """What can happen to an enterprise."""

    REGISTERED = "registered"
    CHANGED = "changed"
    RENAMED = "renamed"
    MOVED = "moved"
    SCALED_UP = "scaled_up"
    SCALED_DOWN = "scaled_down"
    MERGED = "merged"
    ABSORBED = "absorbed"
    SPLIT = "split"
    CLOSED = "closed"
    REOPENED = "reopened"


EVENT_NAMES = {
    EventKind.REGISTERED: Text("建档", "File opened"),
    EventKind.CHANGED: Text("资料变更", "Particulars changed"),
    EventKind.RENAMED: Text("更名", "Renamed"),
    EventKind.MOVED: Text("迁移", "Moved"),
    EventKind.SCALED_UP: Text("升规", "Rose above scale"),
    EventKind.SCALED_DOWN: Text("退规", "Fell below scale"),
    EventKind.MERGED: Text("被合并", "Merged into another"),
    EventKind.ABSORBED: Text("吸收合并", "Absorbed another"),
    EventKind.SPLIT: Text("分立", "Split"),
    EventKind.CLOSED: Text("注销", "Closed"),
    EventKind.REOPENED: Text("恢复", "Reopened"),
}
ENTERED = (
    EventKind.RENAMED,
    EventKind.MOVED,
    EventKind.SCALED_UP,
    EventKind.SCALED_DOWN,
    EventKind.MERGED,
    EventKind.SPLIT,
    EventKind.CLOSED,
    EventKind.REOPENED,
)
"""What an officer enters by hand; the others follow from something else."""
_LASTING = frozenset({EventKind.REGISTERED, EventKind.MERGED, EventKind.ABSORBED, EventKind.SPLIT})
"""Cannot be withdrawn alone: they open files and join two of them."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as far as the state is concerned. ``number`` orders those of one day."""

    number: int
    on: date
    kind: EventKind
    changes: State
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class FileState:
    """What a file says on a day. Before it was opened only single fields may be known, from events entered later."""

    on: date
    values: State
    is_open: bool
    """Whether the file had been opened by then."""


def state_on(events: Iterable[Happening], day: date) -> FileState:
    """The state at the end of ``day``."""
    past = sorted((event for event in events if not event.is_withdrawn and event.on <= day), key=_in_time)
    values: dict[str, Value] = {}
    for event in past:
        values |= event.changes
    return FileState(day, values, any(event.kind is EventKind.REGISTERED for event in past))


def _in_time(event: Happening) -> tuple[date, bool, int]:
    """By day; on one day the opening comes first, then the order of entry."""
    return event.on, event.kind is not EventKind.REGISTERED, event.number


def differences(before: State, after: State) -> dict[str, tuple[Value, Value]]:
    """Field → (old, new) for what ``after`` says otherwise."""
    return {name: (before.get(name), value) for name, value in after.items() if before.get(name) != value}


def check_event(kind: EventKind, on: date, today: date, known: FileState, changes: State) -> None:
    """Raise :class:`RecordsError` unless ``kind`` may happen on ``on``, given what the file says on that day."""
    if on > today:
        raise refused("event_in_future", "生效日期还没有到", "the day lies in the future")
    status = known.values.get("status", "active")
    if kind is EventKind.REOPENED and status == "active":
        raise refused("event_not_closed", "企业仍在存续，不用恢复", "the enterprise is active and needs no reopening")
    if kind not in {EventKind.REOPENED, EventKind.CHANGED} and status != "active":
        raise refused("event_after_end", f"{on} 时企业已不再存续", f"on {on} the enterprise no longer existed")
    if kind not in {EventKind.SPLIT, EventKind.ABSORBED} and not differences(known.values, changes):
        raise refused("event_changes_nothing", "填写的内容与当日档案相同", "the file says the same on that day already")


def check_withdrawal(kind: EventKind) -> None:
    """Raise unless an event of ``kind`` may be withdrawn."""
    if kind in _LASTING:
        raise refused(
            "event_lasting",
            "建档、合并、分立不能单独撤销；合并记错时请用“恢复”并写明原因",
            "openings, mergers and splits are not withdrawn alone; reopen a file that was merged in error",
        )


def size_by_rule(industry: str, employees: int | None, revenue_fen: int | None) -> str:
    """Size class of an industrial enterprise; empty where the rule does not apply or a figure is missing.

    统计上大中小微型企业划分办法（2017）, industry (sections B, C, D): people ≥ 1,000 / 300 / 20 *and* revenue
    ≥ 40,000 / 2,000 / 300 万元 for large / medium / small; who misses either falls into the next class.
    """
    if industry[:1] not in {"B", "C", "D"} or employees is None or revenue_fen is None:
        return ""
    for name, people, wan in (("large", 1_000, 40_000), ("medium", 300, 2_000), ("small", 20, 300)):
        if employees >= people and revenue_fen >= wan * 1_000_000:
            return name
    return "micro"


def fen_from_wan(text: str) -> int | None:
    """An amount typed in 万元 as whole fen; empty is ``None``; finer than one fen is refused rather than rounded."""
    plain = re.sub(r"[\s,，]|万元?$", "", text.strip())
    if not plain:
        return None
    try:
        fen = Decimal(plain) * 1_000_000
    except InvalidOperation as fault:
        raise refused("amount_wrong", f"“{text}”不是金额", f"“{text}” is no amount") from fault
    if not fen.is_finite() or fen != fen.to_integral_value() or not 0 <= fen < 10**17:
        raise refused("amount_wrong", f"“{text}”不是可用的金额", f"“{text}” is no usable amount")
    return int(fen)


def wan_from_fen(fen: int | None) -> str:
    """The inverse of :func:`fen_from_wan`, without needless zeros."""
    return "" if fen is None else f"{(Decimal(fen) / 1_000_000).normalize():f}"


def longest_prefix(code: str, prefixes: Sequence[tuple[str, int]]) -> int | None:
    """The number that belongs to the longest of ``prefixes`` with which ``code`` begins."""
    fitting = [(len(prefix), number) for prefix, number in prefixes if code.startswith(prefix)]
    return max(fitting)[1] if fitting else None


def refused(code: str, zh: str, en: str) -> RecordsError:
    """Nothing was saved, and why."""
    return RecordsError(
        code,
        Text(f"没有保存：{zh}。", f"Nothing was saved: {en}."),
        Text("请改正后重试；您填的内容还在。", "Correct it and try again; what you typed is still here."),
    )
