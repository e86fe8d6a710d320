"""One series that is another one: the same values at another time, at another machine, or multiplied.

Day-long pieces of each series, freed of height and scale, are looked up among all others. Where many pieces meet at one
distance in time, the two are compared hour by hour: only an almost exact straight line between them counts. Machines
that work to the same shift resemble each other, but never so.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from zhulian.evidence.collectors.picking import Role, is_main_meter
from zhulian.evidence.flags.grids import Array, is_analogue, means
from zhulian.evidence.flags.known import HOUR_US, Hint, Known, Line, curve_of
from zhulian.vocabulary.errors import Text

VERSION = 1
TITLE = Text("数据像是复制的", "Data that look copied")
MEANING = Text(
    "两段数据逐小时成严格的直线关系：同样的数值平移了时间、换了设备或乘了倍数，至少七天。",
    "Two stretches lie on one straight line hour by hour, for seven days or more: the same values at another time, at"
    " another machine, or multiplied.",
)
WINDOW = 24
LEAST_MEETINGS = 24
LEAST_HOURS = 168
LEAST_DISTINCT = 24
MOST_RESIDUE = 0.005
"""Root mean square of what the straight line leaves over, as a part of the series' own spread."""
COMMONPLACE = 40
"""A day's shape that so many series share tells nothing."""
_STEPS = 5.0
"""Pieces are compared in fifths of their standard deviation."""


Expected = Callable[[int, int, int], bool]
"""Whether two series at a distance are alike for a good reason: (a, b, lag) → yes."""


@dataclass(frozen=True, slots=True)
class Match:
    """``b`` at ``lag`` hours later is ``factor`` × ``a`` + ``offset``, over ``hours`` hours from a's ``first`` on."""

    a: int
    b: int
    lag: int
    first: int
    last: int
    hours: int
    factor: float
    offset: float
    residue: float


def find(known: Known) -> Iterator[Hint]:
    """One hint for each pair of machines, and for each enterprise that it concerns."""
    lines = [line for line in known.lines if is_analogue(line)]
    grids = [means(line, known.from_us) for line in lines]
    pairs: dict[tuple[int, int], list[_Found]] = defaultdict(list)
    for match in matches(grids, lambda a, b, lag: _is_expected(lines[a], lines[b], lag)):
        a, b = lines[match.a], lines[match.b]
        pairs[a.machine, b.machine].append(_Found(match, b, a, _stretches(match, known.from_us)))
    for found in pairs.values():
        yield _hint(found)
        if found[0].own.enterprise != found[0].other.enterprise:
            yield _hint([each.turned for each in found])


def matches(grids: Sequence[Array], is_expected: Expected) -> Iterator[Match]:
    """Every pair of series that are one for a week or more, at the distance at which they meet most."""
    for (a, b), lags in sorted(_meetings(grids).items()):
        for lag, starts in sorted(lags.items(), key=lambda each: -len(each[1]))[:3]:
            if len(starts) < LEAST_MEETINGS or is_expected(a, b, lag):
                continue
            found = _compared((a, b), lag, starts, grids)
            if found is not None:
                yield found
                break


def _meetings(grids: Sequence[Array]) -> Mapping[tuple[int, int], Mapping[int, list[int]]]:
    """Where pieces of two series meet: by pair and distance in hours (second minus first), the hours of the first."""
    places: dict[bytes, list[tuple[int, int]]] = defaultdict(list)
    for number, grid in enumerate(grids):
        for at, piece in _pieces(grid):
            places[piece].append((number, at))
    met: dict[tuple[int, int], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for found in places.values():
        if len(found) > COMMONPLACE:
            continue
        for index, (a, at_a) in enumerate(found):
            for b, at_b in found[index + 1 :]:
                met[a, b][at_b - at_a].append(at_a)
    return met


def _pieces(grid: Array) -> Iterator[tuple[int, bytes]]:
    windows = sliding_window_view(grid, WINDOW)
    with np.errstate(invalid="ignore"):
        spread = windows.std(axis=1)
        usable = np.isfinite(spread) & (spread > 1e-3 * np.abs(windows).mean(axis=1)) & (spread > 0)
    for at in np.flatnonzero(usable):
        piece = (windows[at] - windows[at].mean()) / spread[at]
        yield int(at), np.round(piece * _STEPS).astype(np.int8).tobytes()


def _compared(pair: tuple[int, int], lag: int, starts: list[int], grids: Sequence[Array]) -> Match | None:
    """The two where their pieces meet, hour by hour."""
    hours = np.unique(np.add.outer(np.array(starts), np.arange(WINDOW)))
    one, other = grids[pair[0]][hours], grids[pair[1]][hours + lag]
    if len(hours) < LEAST_HOURS or len(np.unique(np.round(one, 6))) < LEAST_DISTINCT:
        return None
    factor, offset = np.polyfit(one, other, 1)
    residue = float(np.sqrt(np.mean((other - factor * one - offset) ** 2)) / other.std())
    if residue > MOST_RESIDUE or factor <= 0:
        return None
    return Match(*pair, lag, int(hours[0]), int(hours[-1]), len(hours), float(factor), float(offset), residue)


def _is_expected(a: Line, b: Line, lag: int) -> bool:
    """Points of one machine measure one thing in several ways; a main meter measures what others measure."""
    if lag or a.enterprise != b.enterprise:
        return False
    meters = a.role is b.role is Role.POWER and (is_main_meter(a.machine_name) or is_main_meter(b.machine_name))
    return a.machine == b.machine or meters


@dataclass(frozen=True, slots=True)
class _Found:
    """A match from the side of ``own``, whose enterprise is told; ``stretches``: own's from and to, the other's."""

    match: Match
    own: Line
    other: Line
    stretches: tuple[tuple[int, int], tuple[int, int]]

    @property
    def turned(self) -> "_Found":
        """The same from the other's side."""
        return _Found(self.match, self.other, self.own, self.stretches[::-1])


def _stretches(match: Match, from_us: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where the two lie in time: that of b, which is told first, and that of a."""
    a = (from_us + match.first * HOUR_US, from_us + match.last * HOUR_US)
    return (a[0] + match.lag * HOUR_US, a[1] + match.lag * HOUR_US), a


def _hint(found: list[_Found]) -> Hint:
    """One hint for all points of a pair of machines."""
    match, own, other = found[0].match, found[0].own, found[0].other
    is_elsewhere = own.enterprise != other.enterprise
    where = _where(own, other)
    shift, factor = _shift(match.lag), f"{match.factor:.3g}"
    scaled = Text("", "") if abs(match.factor - 1) < 0.01 else Text(f"、乘 {factor}", f", times {factor}")
    said = Text(
        f"“{own.words}”有 {match.hours} 小时与{where.zh}{shift.zh}{scaled.zh}逐小时吻合，"
        f"偏离只有自身起伏的 {match.residue:.2%}。两台真实的设备不会这样。请核对数据从哪里来。",
        f"“{own.words}” agrees with {where.en}{shift.en}{scaled.en} hour by hour for {match.hours} hours; the"
        f" difference is {match.residue:.2%} of its own spread. Two real machines are never so alike. Check where the"
        " data come from.",
    )
    columns = (
        Text("点位", "point"),
        Text("吻合小时", "hours"),
        Text("时间差（小时）", "shift (hours)"),
        Text("倍数", "factor"),
        Text("偏移", "offset"),
        Text("偏离", "residue"),
    )
    rows = [_row(each.own, each.match) for each in found]
    title = Text(f"“{own.machine_name}”与{where.zh}数据相同", f"“{own.machine_name}” has the data of {where.en}")
    curves = [curve_of(line, *span) for line, span in zip((own, other), found[0].stretches, strict=True)]
    key = "-".join(str(machine) for machine in sorted({own.machine, other.machine}))
    others = (other.enterprise,) if is_elsewhere else ()
    return Hint(key, own.enterprise, title, said, own.machine, columns, rows, curves, others)


def _row(own: Line, match: Match) -> list[object]:
    offset = round(match.offset, 3) + 0.0  # no minus in front of zero
    return [own.point_name, match.hours, abs(match.lag), round(match.factor, 4), offset, f"{match.residue:.2%}"]


def _where(own: Line, other: Line) -> Text:
    if own.enterprise != other.enterprise:
        return Text("另一家企业的一台设备", "a machine of another enterprise")
    if own.point == other.point:
        return Text("它自己", "itself")
    return Text(f"“{other.machine_name}”", f"“{other.machine_name}”")


def _shift(lag: int) -> Text:
    if not lag:
        return Text("（同一时间）", " (at the same time)")
    days, hours = divmod(abs(lag), 24)
    zh = f"{days} 天" * bool(days) + f"{hours} 小时" * bool(hours)
    en = " ".join(each for each in (f"{days} days" * bool(days), f"{hours} hours" * bool(hours)) if each)
    return Text(f"（相隔 {zh}）", f" ({en} apart)")
