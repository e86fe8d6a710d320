"""Hours folded from outside of the process while it is killed, and each of them compared with its rows afterwards.

The process itself folds ten minutes after it started, which no round lasts; the same code does it here through the
store's port.
"""

import math
from collections.abc import Iterator

from zhulian.cli.bench.chain.counting import Ask
from zhulian.cli.bench.chain.process import Telemetry
from zhulian.telemetry.folding import LATENESS_US, Folding
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.readings import TimeUs

DAY_S = 86_400
MINUTES = slice(4, None)
_OVER = "{0} < toDateTime({1}, 'UTC')"
# Written down once more, and differently: a reading stands until the next one of its hour.
_ROWS = (
    "SELECT tenant, point, hour, length(r), r[1].1, r[-1].1,"  # noqa: S608
    " arraySum((one, next) -> one.2 * (next.1 - one.1), arrayPopBack(r), arrayPopFront(r)), length(r), arraySum(r.2)"
    " FROM (SELECT tenant, point, toUnixTimestamp(toStartOfHour(ts)) AS hour,"
    " arraySort(groupArray((toUnixTimestamp64Micro(ts), value))) AS r"
    f" FROM readings WHERE {_OVER} GROUP BY tenant, point, hour)"
)
_FOLDS = (
    "SELECT tenant, point, toUnixTimestamp(hour), seen, first_us, last_us, area, arraySum(minutes.2),"  # noqa: S608
    f" arraySum(minutes.4) FROM folded FINAL WHERE {_OVER}"
)
Told = dict[tuple[str, ...], list[float]]


def fold(telemetry: Telemetry) -> None:
    """Everything of the days before today; that a day is given an hour for what comes late is left out."""
    Folding(telemetry, lambda: TimeUs(system_clock() + LATENESS_US)).fold_all()


def differing(ask: Ask) -> Iterator[str]:
    """The hours of days before today that are not folded, or not as their rows say."""
    today_s = system_clock() // 10**6 // DAY_S * DAY_S
    rows, folds = (_told(ask(sql.format(time, today_s))) for sql, time in ((_ROWS, "ts"), (_FOLDS, "hour")))
    for hour in sorted(rows.keys() | folds.keys()):
        if not _same(rows.get(hour, []), folds.get(hour, [])):
            yield f"folded {' '.join(hour)}: {folds.get(hour)} and not {rows.get(hour)}"


def _same(rows: list[float], fold: list[float]) -> bool:
    if fold and not fold[MINUTES.start]:  # an hour of few readings keeps no minutes
        rows, fold = rows[: MINUTES.start], fold[: MINUTES.start]
    return len(rows) == len(fold) and all(map(_equal, rows, fold))


def _equal(one: float, other: float) -> bool:
    """But for the order in which they were added up."""
    return math.isclose(one, other, rel_tol=1e-9)


def _told(rows: list[list[str]]) -> Told:
    return {tuple(cells[:3]): [float(cell) for cell in cells[3:]] for cells in rows}
