"""What may be kept: names, addresses of the explorer, marks. Pure; workflows and pages call it."""

import re
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from zhulian.organisations.rules import RecordsError
from zhulian.vocabulary.errors import Text

MARK_KINDS = {
    "event": Text("事件", "Event"),
    "maintenance": Text("检修", "Maintenance"),
    "changeover": Text("换产", "Changeover"),
    "alarm": Text("报警", "Alarm"),
    "note": Text("备注", "Note"),
}
"""What a mark tells of → words."""
LONGEST_NAME, LONGEST_TEXT, LONGEST_QUERY = 60, 200, 2_000
LONGEST_MARK = timedelta(days=366)
_PARTS = {
    "p": r"\d{1,11}(,\d{1,11}){0,19}",
    "r": r"\d{1,3}[a-z]",
    "from": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
    "to": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
    "m": r"overlay|stack",
    "c": r"\d{1,9}d?",
    "hide": r"\d{1,11}(,\d{1,11}){0,19}",
    "l": r"[\d:,.eE+-]{1,800}",
}
"""Part of an address of the explorer → what it may hold."""


class KeptError(RecordsError):
    """It cannot be kept as it was given; nothing was changed."""


def refused(code: str, zh: str, en: str) -> KeptError:
    """Why it cannot be kept."""
    return KeptError(
        code,
        Text(f"没有保存：{zh}。", f"Not saved: {en}."),
        Text("填的内容都在，请改好后再保存。", "What you typed is still here; change it and save again."),
    )


def checked_name(given: str) -> str:
    """A name in one line."""
    name = " ".join(given.split())
    if not name:
        raise refused("name_missing", "请写一个名称", "it needs a name")
    if len(name) > LONGEST_NAME:
        raise refused("name_long", f"名称最多 {LONGEST_NAME} 个字", f"a name has at most {LONGEST_NAME} characters")
    return name


def checked_query(given: str) -> str:
    """The part of the explorer's address after the question mark: known parts only, at least one point."""
    parts = parse_qsl(given.removeprefix("?"), keep_blank_values=True)
    names = [name for name, _value in parts]
    is_known = all(re.fullmatch(_PARTS.get(name, "(?!)"), value, re.ASCII) for name, value in parts)
    if len(given) > LONGEST_QUERY or not is_known or len(names) != len(set(names)):
        raise refused("view_wrong", "视图的地址不完整", "the address of the view is damaged")
    if "p" not in names:
        raise refused("view_empty", "请先选择点位", "choose points first")
    return "&".join(f"{name}={value}" for name, value in parts)


def points_of(query: str) -> list[int]:
    """The points that an address names."""
    listed = dict(parse_qsl(query)).get("p", "")
    return [int(part) for part in listed.split(",") if part]


def checked_mark(kind: str, text: str, start: datetime | None, end: datetime | None) -> tuple[str, datetime]:
    """The text of a mark in one line, and when it begins; an error where kind, text or times are wrong."""
    if kind not in MARK_KINDS:
        raise refused("mark_kind_wrong", "请选择类别", "choose what kind of mark it is")
    words = " ".join(text.split())
    if not words or len(words) > LONGEST_TEXT:
        raise refused(
            "mark_text_wrong",
            f"说明写 1 到 {LONGEST_TEXT} 个字",
            f"the text has 1 to {LONGEST_TEXT} characters",
        )
    if start is None:
        raise refused("mark_start_missing", "请填开始时间", "it needs a time")
    if end is not None and not timedelta(0) < end - start <= LONGEST_MARK:
        raise refused("mark_end_wrong", "结束应晚于开始，最长一年", "it has to end after it starts, within a year")
    return words, start
