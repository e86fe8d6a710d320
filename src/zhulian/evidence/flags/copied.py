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
from zhulian.evidence.flags.known import Hint, Known, Line, curve_of
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
    """``b`` at ``lag`` hours later is ``factor`` × ``a`` + ``offset``, over ``hours`` hours."""

    a: int
    b: int
    lag: int
    hours: int
    factor: float
    offset: float
    residue: float


def find(known: Known) -> Iterator[Hint]:
    """One hint for each enterprise that a pair concerns."""
    lines = [line for line in known.lines if is_analogue(line)]
    grids = [means(line, known.from_us) for line in lines]
    for match in matches(grids, lambda a, b, lag: _is_expected(lines[a], lines[b], lag)):
        a, b = lines[match.a], lines[match.b]
        yield _hint(match, b, a)
        if a.enterprise != b.enterprise:
            yield _hint(match, a, b)


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
    return Match(*pair, lag, len(hours), float(factor), float(offset), residue)


def _is_expected(a: Line, b: Line, lag: int) -> bool:
    """Points of one machine measure one thing in several ways; a main meter measures what others measure."""
    if lag or a.enterprise != b.enterprise:
        return False
    meters = a.role is b.role is Role.POWER and (is_main_meter(a.machine_name) or is_main_meter(b.machine_name))
    return a.machine == b.machine or meters


def _hint(match: Match, own: Line, other: Line) -> Hint:
    lag = match.lag if own.point != other.point else abs(match.lag)
    is_elsewhere = own.enterprise != other.enterprise
    where = Text("另一家企业的一台设备", "a machine of another enterprise") if is_elsewhere else _named(own, other)
    shift = _shift(lag)
    scaled = (
        Text("", "")
        if abs(match.factor - 1) < 0.01
        else Text(f"、乘 {match.factor:.3g}", f", times {match.factor:.3g}")
    )
    said = Text(
        f"“{own.words}”有 {match.hours} 小时与{where.zh}{shift.zh}{scaled.zh}逐小时吻合，"
        f"偏离只有自身起伏的 {match.residue:.2%}。两台真实的设备不会这样。请核对数据从哪里来。",
        f"“{own.words}” agrees with {where.en}{shift.en}{scaled.en} hour by hour for {match.hours} hours; the"
        f" difference is {match.residue:.2%} of its own spread. Two real machines are never so alike. Check where the"
        " data come from.",
    )
    columns = (
        Text("吻合小时", "hours"),
        Text("时间差（小时）", "shift (hours)"),
        Text("倍数", "factor"),
        Text("偏移", "offset"),
        Text("偏离", "residue"),
    )
    rows = [[match.hours, abs(match.lag), round(match.factor, 4), round(match.offset, 3), f"{match.residue:.2%}"]]
    title = Text(f"“{own.words}”与{where.zh}数据相同", f"“{own.words}” has the data of {where.en}")
    curves = [curve_of(own)] if own.point == other.point else [curve_of(own), curve_of(other)]
    key = "-".join(str(point) for point in sorted({own.point, other.point}))
    others = (other.enterprise,) if is_elsewhere else ()
    return Hint(key, own.enterprise, title, said, own.machine, columns, rows, curves, others)


def _named(own: Line, other: Line) -> Text:
    if own.point == other.point:
        return Text("它自己", "itself")
    return Text(f"“{other.words}”", f"“{other.words}”")


def _shift(lag: int) -> Text:
    if not lag:
        return Text("（同一时间）", " (at the same time)")
    days, hours = divmod(abs(lag), 24)
    zh = f"{days} 天" * bool(days) + f"{hours} 小时" * bool(hours)
    en = " ".join(each for each in (f"{days} days" * bool(days), f"{hours} hours" * bool(hours)) if each)
    return Text(f"（相隔 {zh}）", f" ({en} apart)")
