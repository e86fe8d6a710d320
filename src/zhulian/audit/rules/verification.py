"""Whether an exported trail is whole and unchanged, from the file alone; and if not, where it breaks and how.

Called by ``zhulian audit verify`` and by the portal. It needs neither Django nor a database, and is meant to be read:
an auditor may write it again from ``docs/reference/audit-trail.md`` and compare.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn

from zhulian.audit.rules.canonical import HASHES, Entry, canonical
from zhulian.audit.rules.heads import CLOSING_PURPOSE, Head, HeadError, is_signed
from zhulian.audit.rules.trail_file import FORMAT, VERSION, Digest, digest_of
from zhulian.vocabulary.errors import Text


class Tampering(StrEnum):
    """What was done to a trail, as far as its traces tell."""

    CHANGED = "changed"
    DELETED = "deleted"
    REORDERED = "reordered"
    INSERTED = "inserted"
    TRUNCATED = "truncated"
    FORGED = "forged"


@dataclass(frozen=True, slots=True)
class Break:
    """The first place that does not fit. ``sequence`` is the entry, where it is one; lines count from 1."""

    line: int
    sequence: int | None
    kind: Tampering
    what: Text


@dataclass(frozen=True, slots=True)
class Report:
    """What a file turned out to be. ``fault`` is ``None`` for a whole and unchanged one."""

    entries: int
    first: int
    last: int
    hash: str
    anchors: int
    key: str
    is_key_known: bool
    """Whether the signing key was given from outside. The file's own key shows only that it agrees with itself."""
    fault: Break | None = None
    algorithms: tuple[str, ...] = ()


class _Broken(Exception):  # noqa: N818 - carries the break out of the loop; no error of the program
    def __init__(self, found: Break) -> None:
        super().__init__(found.kind)
        self.found = found


@dataclass(slots=True)
class _Reading:
    """Where the reader stands."""

    keys: frozenset[str]
    heads: Mapping[int, Head]
    number: int = 0
    first: int = 1
    sequence: int = 0
    hash: str = ""
    key: str = ""
    anchors: int = 0
    digest: Digest = field(default_factory=lambda: digest_of("sha256"))
    is_closed: bool = False
    algorithms: dict[str, None] = field(default_factory=dict)

    def stop(self, kind: Tampering, zh: str, en: str, sequence: int | None = None) -> NoReturn:
        raise _Broken(Break(self.number, sequence, kind, Text(zh, en)))


def verify(file: Iterable[bytes], *, keys: Sequence[str] = (), heads: Sequence[Head] = ()) -> Report:
    """Read ``file`` (lines with their line ends) once, from the front.

    ``keys`` are the public keys that may have signed it (base64); ``heads`` are ends of the chain kept elsewhere.
    """
    reading = _Reading(frozenset(keys), {head.sequence: head for head in heads})
    fault, rest = None, iter(file)
    try:
        for line in rest:
            reading.number += 1
            _take(reading, line)
        _end(reading)
    except _Broken as broken:
        fault = _explained(broken.found, rest)
    return Report(
        entries=reading.sequence - reading.first + 1,
        first=reading.first,
        last=reading.sequence,
        hash=reading.hash,
        anchors=reading.anchors,
        key=reading.key,
        is_key_known=bool(keys),
        fault=fault,
        algorithms=tuple(reading.algorithms),
    )


def _take(reading: _Reading, line: bytes) -> None:
    if reading.is_closed:
        reading.stop(Tampering.INSERTED, "结束行之后还有内容", "there is something after the closing line")
    members = _members(reading, line)
    kind = str(members.get("kind"))
    if (kind == "header") != (reading.number == 1) or kind not in _TAKERS:
        zh, en = "这一行不该在这里", "this line does not belong here"
        reading.stop(Tampering.INSERTED if reading.number > 1 else Tampering.DELETED, zh, en)
    try:
        _TAKERS[kind](reading, members)
    except (KeyError, TypeError, AttributeError):
        reading.stop(Tampering.CHANGED, "这一行缺少内容或类型不对", "this line lacks a member, or one has a wrong type")
    reading.digest.update(line)


def _members(reading: _Reading, line: bytes) -> dict[str, Any]:
    """The line's members, if the line is their canonical form and nothing else."""
    if not line.endswith(b"\n"):
        reading.stop(
            Tampering.TRUNCATED, "这一行不完整，文件在此中断", "this line is incomplete: the file ends within it"
        )
    try:
        members = json.loads(line, parse_float=_refused, parse_constant=_refused)
        is_canonical = isinstance(members, dict) and canonical(members) + b"\n" == line
    except (ValueError, TypeError, RecursionError):
        is_canonical = False
    if not is_canonical:
        reading.stop(
            Tampering.CHANGED, "这一行不是规范形式", "this line is not in canonical form", reading.sequence + 1
        )
    return members  # type: ignore[no-any-return]


def _refused(text: str) -> NoReturn:
    raise ValueError(text)


def _header(reading: _Reading, members: dict[str, Any]) -> None:
    if (members["format"], members["version"]) != (FORMAT, VERSION) or members["algorithm"] not in HASHES:
        reading.stop(Tampering.CHANGED, "文件头说的不是这种格式", "the header names another format")
    if len(members) != 7 or type(members["first"]) is not int or members["first"] < 1:
        reading.stop(Tampering.CHANGED, "文件头的内容不对", "the header's members are not right")
    reading.first, reading.sequence, reading.hash = members["first"], members["first"] - 1, str(members["previous"])
    reading.key, reading.digest = str(members["key"]), digest_of(members["algorithm"])
    if reading.keys and reading.key not in reading.keys:
        reading.stop(Tampering.FORGED, "签名公钥不是给定的那个", "it is signed with another key than the one given")
    early = [number for number in reading.heads if number < reading.sequence]
    if early:
        raise HeadError(
            "head_before_file",
            Text(
                f"链头是第 {early[0]} 条，文件从第 {reading.first} 条开始，无法比对。",
                f"The head is entry {early[0]} and the file begins with entry {reading.first}: nothing to compare.",
            ),
            Text("请导出包含那一条的范围。", "Export a range that holds that entry."),
        )
    _compare(reading)


def _entry(reading: _Reading, members: dict[str, Any]) -> None:
    entry = Entry(**{name: value for name, value in members.items() if name != "kind"})
    number, expected = entry.sequence, reading.sequence + 1
    if entry.algorithm not in HASHES or entry.computed_hash() != entry.hash:
        zh, en = (
            f"第 {expected} 条的内容与它的哈希不符",
            f"entry {expected} does not have the hash that its content gives",
        )
        reading.stop(Tampering.CHANGED, zh, en, expected)
    if type(number) is not int or number != expected:
        zh, en = f"应为第 {expected} 条，却是第 {number} 条", f"entry {expected} was due, here is entry {number}"
        reading.stop(Tampering.INSERTED if number < expected else Tampering.DELETED, zh, en, expected)
    if entry.previous != reading.hash:
        zh = f"第 {number} 条接不上前一条：第 {expected - 1} 条被改写并重算了哈希，或第 {number} 条是伪造的"
        en = f"entry {number} does not follow on: entry {expected - 1} was rewritten with a new hash, or {number} was"
        reading.stop(Tampering.FORGED, zh, en, expected)
    reading.sequence, reading.hash = number, entry.hash
    reading.algorithms[entry.algorithm] = None
    _compare(reading)


def _anchor(reading: _Reading, members: dict[str, Any]) -> None:
    anchor = Head(**{name: value for name, value in members.items() if name != "kind"})
    if (anchor.sequence, anchor.hash) != (reading.sequence, reading.hash):
        zh, en = "锚点与它前面的条目不符", "the anchor does not fit the entry before it"
        reading.stop(Tampering.FORGED, zh, en, reading.sequence)
    if not anchor.is_genuine() or (reading.keys and anchor.key not in reading.keys):
        reading.stop(Tampering.FORGED, "锚点的签名不对", "the anchor's signature is wrong", reading.sequence)
    reading.anchors += 1


def _closing(reading: _Reading, members: dict[str, Any]) -> None:
    last, count = members["last"], reading.sequence - reading.first + 1
    signed = {name: value for name, value in members.items() if name != "signature"}
    if not is_signed(CLOSING_PURPOSE, signed, str(members["key"]), str(members["signature"])):
        reading.stop(Tampering.FORGED, "结束行的签名不对", "the closing line's signature is wrong")
    if members["key"] != reading.key:
        reading.stop(Tampering.FORGED, "结束行用了另一把密钥", "the closing line is signed with another key")
    if type(last) is int and last > reading.sequence:
        zh = f"文件到第 {reading.sequence} 条为止，结束行说到第 {last} 条"
        en = f"the file ends with entry {reading.sequence}, the closing line says {last}"
        reading.stop(Tampering.TRUNCATED, zh, en, reading.sequence + 1)
    if (last, members["entries"], members["hash"]) != (reading.sequence, count, reading.hash):
        reading.stop(
            Tampering.FORGED, "结束行与条目不符", "the closing line does not fit the entries", reading.sequence
        )
    if members["digest"] != reading.digest.hexdigest():
        reading.stop(Tampering.CHANGED, "文件头或锚点行被改动过", "the header or the anchors were changed")
    reading.is_closed = True


_TAKERS = {"header": _header, "entry": _entry, "anchor": _anchor, "closing": _closing}


def _compare(reading: _Reading) -> None:
    """With the head that somebody kept, if it is this entry's."""
    kept = reading.heads.get(reading.sequence)
    if kept is not None and kept.hash != reading.hash:
        zh = f"第 {reading.sequence} 条与另处保存的链头不符：此前的内容被整体重写过"
        en = f"entry {reading.sequence} does not fit the head kept elsewhere: what comes before it was rewritten"
        reading.stop(Tampering.FORGED, zh, en, reading.sequence)


def _end(reading: _Reading) -> None:
    if not reading.is_closed:
        reading.stop(
            Tampering.TRUNCATED, "没有结束行，文件被截短", "the closing line is missing: the file was cut short"
        )
    beyond = [number for number in reading.heads if number > reading.sequence]
    if beyond:
        zh = f"另处保存的链头是第 {max(beyond)} 条，文件只到第 {reading.sequence} 条"
        en = f"the head kept elsewhere is entry {max(beyond)}, the file ends with entry {reading.sequence}"
        reading.stop(Tampering.TRUNCATED, zh, en, reading.sequence + 1)


def _explained(found: Break, rest: Iterator[bytes]) -> Break:
    """The same break, told apart by what comes later: an entry that is missing here may only have moved."""
    if found.kind is not Tampering.DELETED or found.sequence is None:
        return found
    if found.sequence not in set(_numbers(rest)):
        return found
    zh = f"第 {found.sequence} 条不在它的位置上，而在后面"
    return Break(
        found.line,
        found.sequence,
        Tampering.REORDERED,
        Text(zh, f"entry {found.sequence} comes later, out of its place"),
    )


def _numbers(lines: Iterable[bytes]) -> Iterator[int]:
    for line in lines:
        try:
            number = json.loads(line).get("sequence")
        except (ValueError, AttributeError, RecursionError):
            continue
        if isinstance(number, int):
            yield number
