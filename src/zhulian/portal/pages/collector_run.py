"""How a collector came to a value, from the fact's ``details``: method, interval, machines with points and counts.

The form of ``details`` stands in docs/explanation/evidence.md ("What a collector leaves behind"). Machines that rights
hide, or that were removed, are named without a link.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.errors import Text

MOST_SHOWN = 20
_KNOWN = {"collector", "method_zh", "method_en", "from", "to", "readings", "machines", "coverage", "is_sample"}


@dataclass(frozen=True, slots=True)
class Part:
    """What one machine contributed. ``points`` are (id, name)."""

    machine: int
    name: str
    points: tuple[tuple[int, str], ...]
    readings: int
    value: float | None
    is_linked: bool


MORE = {
    "due": Text("应收读数", "Readings due"),
    "received": Text("收到读数", "Readings received"),
    "good": Text("可用读数", "Good readings"),
    "counter_restarts": Text("计数器归零次数", "Restarts of counters"),
    "days": Text("合计天数", "Days added up"),
    "networked": Text("联网设备", "Networked machines"),
    "total": Text("全部设备", "Machines in all"),
    "online_h": Text("在线小时", "Hours online"),
    "due_h": Text("应在线小时", "Hours due"),
    "machines_timed": Text("计入的设备", "Machines counted"),
    "machines_left_out": Text("没有计入的设备", "Machines left out"),
}
"""What single collectors add to their run, as people read it."""


@dataclass(frozen=True, slots=True)
class Run:
    """One collector's run as the origin shows it."""

    method: Text
    start: str
    end: str
    readings: int | None
    coverage: float | None
    parts: tuple[Part, ...]
    count: int
    more: tuple[tuple[Text, object], ...]


def run_of(scope: Scope, details: Mapping[str, object]) -> Run | None:
    """The run that ``details`` tell of; ``None`` where they tell nothing. One statement."""
    if not details:
        return None
    given = [one for one in _list(details.get("machines")) if isinstance(one, Mapping)]
    wanted = [_number(one.get("machine")) for one in given[:MOST_SHOWN]]
    seen = set(scope.machines().filter(id__in=wanted).values_list("id", flat=True)) if wanted else set()
    readings, covered = details.get("readings"), details.get("coverage")
    return Run(
        method=Text(str(details.get("method_zh", "")), str(details.get("method_en", ""))),
        start=_moment(details.get("from")),
        end=_moment(details.get("to")),
        readings=readings if isinstance(readings, int) else None,
        coverage=covered * 100 if isinstance(covered, int | float) else None,
        parts=tuple(_part(one, seen) for one in given[:MOST_SHOWN]),
        count=len(given),
        more=tuple((MORE.get(name, Text(name, name)), value) for name, value in details.items() if name not in _KNOWN),
    )


def _part(given: Mapping[str, object], seen: set[int]) -> Part:
    machine, value = _number(given.get("machine")), given.get("value")
    points, names = _list(given.get("points")), _list(given.get("point_names"))
    return Part(
        machine=machine,
        name=str(given.get("name", machine)),
        points=tuple((_number(point), str(name)) for point, name in zip(points, names, strict=False)),
        readings=_number(given.get("readings")),
        value=value if isinstance(value, int | float) else None,
        is_linked=machine in seen,
    )


def _list(given: object) -> Sequence[object]:
    return given if isinstance(given, list) else ()


def _number(given: object) -> int:
    return given if isinstance(given, int) else 0


def _moment(given: object) -> str:
    return str(given or "").replace("T", " ").removesuffix("+08:00")
