"""The one form for all figures: what was measured, beside a peer in the same run, and on what.

Every ``zhulian bench NAME`` returns a list of :class:`Figure`; people read the table, machines the JSON.
"""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """``value`` in ``unit``; ``ratio`` = value / peer_value. ``seconds``: how long it took."""

    figure: str
    value: float
    unit: str
    peer: str
    peer_value: float | None
    ratio: float | None
    seconds: float
    load_average: float
    versions: dict[str, str]


def measured(
    figure: str,
    value: float,
    unit: str,
    *,
    seconds: float,
    libraries: Iterable[str],
    peer: str = "",
    peer_value: float | None = None,
) -> Figure:
    """A figure with ratio, load average and versions filled in."""
    ratio = value / peer_value if peer_value else None
    return Figure(figure, value, unit, peer, peer_value, ratio, seconds, os.getloadavg()[0], versions(tuple(libraries)))


@cache
def versions(libraries: tuple[str, ...]) -> dict[str, str]:
    """What the figure was measured with: Python, the processor, and each library that is installed."""
    found = {"python": platform.python_version(), "cpu": f"{os.cpu_count()} x {_processor()}"}
    for library in ("zhulian", *libraries):
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found


def as_json(figures: Sequence[Figure]) -> str:
    """The list that the acceptance of every part is written against."""
    return json.dumps([asdict(figure) for figure in figures], ensure_ascii=False, indent=2)


def as_table(figures: Sequence[Figure]) -> str:
    """The same for a terminal."""
    rows = [("figure", "value", "unit", "peer", "peer value", "ratio", "s")]
    rows += [
        (f.figure, _short(f.value), f.unit, f.peer or "-", _short(f.peer_value), _short(f.ratio), f"{f.seconds:.1f}")
        for f in figures
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    if figures:
        lines.append(
            f"load {figures[0].load_average:.2f}; " + ", ".join(f"{k} {v}" for k, v in figures[0].versions.items())
        )
    return "\n".join(lines)


def _short(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
