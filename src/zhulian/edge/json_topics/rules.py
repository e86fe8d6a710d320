"""How a message becomes readings: pure, from a topic and its bytes to machine, point, time, value, quality.

A rule's topic is a filter in which ``{machine}`` and ``{point}`` stand for a level. What the topic does not say, the
message has to: ``machine``, ``point``, ``value``, ``time`` and ``quality`` are paths such as ``data.temp`` (``.`` is
the message itself). Without a point, every number, truth value and text of an object is one.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.readings import Quality

LARGEST_BYTES = 1024 * 1024
MOST_READINGS = 5_000
"""Of one message."""
DEEPEST = 4
LONGEST_NAME = 80
_LEVEL = re.compile(r"[^+#{}\0]*|\+|\{machine\}|\{point\}")
_GOOD, _UNCERTAIN, _BAD = {"good", "ok", "好"}, {"uncertain", "可疑"}, {"bad", "坏"}
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class TopicRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[mqtt.topic]]`` of a gateway's file."""

    topic: str
    name: str = ""
    """The machine, for a topic and messages that do not say it."""
    machine: str = ""
    point: str = ""
    value: str = ""
    """The value of ``point``; without a point the object whose members are points ("" is the message itself)."""
    time: str = ""
    """ISO 8601 (Asia/Shanghai where it names no zone), or a count since 1970 in s, ms, us or ns by its length."""
    quality: str = ""
    """192, 64, 0 as OPC has it, true or false, or good, uncertain, bad."""


class Said(NamedTuple):
    """One reading of a message; ``time_us`` is None where the message says none."""

    machine: str
    point: str
    value: float
    quality: Quality
    text: str | None
    time_us: int | None


class StrangeError(Exception):
    """A message that is no reading; why, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.zh, self.en = zh, en


class Rule:
    """One rule, ready for messages. Raises ValueError when its topic is none."""

    def __init__(self, told: TopicRule) -> None:
        self.told = told
        levels = told.topic.split("/")
        last = levels[-1] == "#"
        kept = levels[:-1] if last else levels
        if not told.topic or not all(_LEVEL.fullmatch(level) for level in kept):
            raise ValueError(told.topic)
        if not (told.name or told.machine or "{machine}" in kept):
            raise ValueError(told.topic)
        self.filter = "/".join("+" if level.startswith("{") else level for level in levels)
        self._pattern = re.compile("/".join(map(_pattern, kept)) + ("(?:/.*)?" if last else ""), re.DOTALL)

    def match(self, topic: str) -> tuple[str, str] | None:
        """Machine and point as the topic says them ("" where it does not); None when it is another topic."""
        found = self._pattern.fullmatch(topic)
        if found is None:
            return None
        groups = found.groupdict()
        return groups.get("machine") or "", groups.get("point") or ""

    def read(self, names: tuple[str, str], body: bytes) -> list[Said]:
        """The readings in ``body``, which came on a topic that says ``names``. Raises StrangeError."""
        message = _decoded(body)
        parts = message if isinstance(message, list) else [message]
        found = [said for part in parts for said in self._of_one(names, part)]
        if len(found) > MOST_READINGS:
            raise StrangeError(f"超过 {MOST_READINGS} 条读数", f"it holds more than {MOST_READINGS} readings")
        return found

    def _of_one(self, names: tuple[str, str], part: Json) -> Iterator[Said]:
        told = self.told
        machine = _name(names[0] or _at(part, told.machine) if told.machine or names[0] else told.name)
        time_us = _time(_at(part, told.time)) if told.time else None
        quality = _quality(_at(part, told.quality)) if told.quality else Quality.GOOD
        if names[1] or told.point:
            point = _name(names[1] or _at(part, told.point))
            yield _said(machine, point, _at(part, told.value), quality, time_us)
            return
        members = _at(part, told.value)
        if not isinstance(members, dict):
            raise StrangeError("应为对象，却不是", "an object is wanted")
        besides = {told.machine, told.time, told.quality} - {""} if told.value in {"", "."} else set()
        for point, value in _members(members, "", 1):
            if value is not None and point not in besides:
                yield _said(machine, _name(point), value, quality, time_us)


def _pattern(level: str) -> str:
    if level in {"{machine}", "{point}"}:
        return f"(?P<{level[1:-1]}>[^/]+)"
    return "[^/]*" if level == "+" else re.escape(level)


def _decoded(body: bytes) -> Json:
    if len(body) > LARGEST_BYTES:
        raise StrangeError(f"超过 {LARGEST_BYTES} 字节", f"it is larger than {LARGEST_BYTES} bytes")
    try:
        return msgspec.json.decode(body)  # type: ignore[no-any-return]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise StrangeError("不是 JSON", f"it is no JSON ({fault})") from fault


def _at(part: Json, path: str) -> Json:
    """What stands at ``path``; names with dots in them are found as they are first."""
    if path in {"", "."}:
        return part
    if isinstance(part, dict):
        if path in part:
            return part[path]
        first, _, rest = path.partition(".")
        if rest and first in part:
            return _at(part[first], rest)
    raise StrangeError(f"没有“{path}”", f"there is no “{path}”")


def _members(members: dict[str, Json], before: str, depth: int) -> Iterator[tuple[str, Json]]:
    for name, value in members.items():
        if isinstance(value, dict) and depth < DEEPEST:
            yield from _members(value, f"{before}{name}.", depth + 1)
        elif not isinstance(value, dict | list):
            yield f"{before}{name}", value


def _name(found: Json) -> str:
    name = " ".join(str(found).split()) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    if not 0 < len(name) <= LONGEST_NAME:
        raise StrangeError("没有可用的设备或点位名称", "there is no usable name of a machine or point")
    return name


def _said(machine: str, point: str, value: Json, quality: Quality, time_us: int | None) -> Said:
    if isinstance(value, str):
        return Said(machine, point, 0.0, quality, value, time_us)
    if isinstance(value, bool | int | float) and abs(value) < 1e308:
        return Said(machine, point, float(value), quality, None, time_us)
    raise StrangeError(f"“{point}”不是数也不是文字", f"“{point}” is neither number nor text")


def _quality(found: Json) -> Quality:
    if isinstance(found, bool):
        return Quality.GOOD if found else Quality.BAD
    if isinstance(found, int | float):
        return Quality.GOOD if found >= 192 else Quality.UNCERTAIN if found >= 64 else Quality.BAD
    word = found.strip().lower() if isinstance(found, str) else ""
    for words, quality in ((_GOOD, Quality.GOOD), (_UNCERTAIN, Quality.UNCERTAIN), (_BAD, Quality.BAD)):
        if word in words:
            return quality
    raise StrangeError(f"读不懂的质量“{found}”", f"the quality “{found}” cannot be read")


def _time(found: Json) -> int:
    if isinstance(found, str) and not found.strip().isdigit():
        try:
            at = datetime.fromisoformat(found.strip())
        except ValueError:
            raise StrangeError(f"读不懂的时间“{found}”", f"the time “{found}” cannot be read") from None
        at = at if at.tzinfo else at.replace(tzinfo=SHANGHAI)
        passed = at - datetime(1970, 1, 1, tzinfo=UTC)
        return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds
    count = int(found) if isinstance(found, str) else found
    if isinstance(count, bool) or not isinstance(count, int | float) or not 0 < count < 1e20:
        raise StrangeError(f"读不懂的时间“{found}”", f"the time “{found}” cannot be read")
    for most, per_us in ((1e11, 1_000_000), (1e14, 1_000), (1e17, 1)):
        if count < most:
            return round(count * per_us)
    return int(count) // 1000
