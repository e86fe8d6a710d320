"""A measured value that does not move at all for days: a line that hangs, or numbers that nobody measured."""

import re
from collections.abc import Iterator, Sequence

from zhulian.evidence.flags.grids import is_analogue
from zhulian.evidence.flags.known import HOUR_US, Hint, Known, Line, curve_of
from zhulian.telemetry.queries import Hour
from zhulian.vocabulary.errors import Text

VERSION = 1
TITLE = Text("数值长时间不变", "A value that does not move")
MEANING = Text(
    "模拟量连续 72 小时以上一个数都不变（零值除外）：可能是信号卡住，也可能是填报的数。",
    "An analogue value that stays the same, zero apart, for 72 hours or more: a stuck signal, or a typed number.",
)
LEAST_HOURS = 72
LEAST_READINGS = 200
RECENT_HOURS = 7 * 24
"""Only what still went on within the last week."""
_SET = re.compile(r"设定|设置|给定|额定|目标|上限|下限|\bset\b|setpoint|target|rated|limit", re.IGNORECASE)


def find(known: Known) -> Iterator[Hint]:
    """One hint a point."""
    for line in known.lines:
        if is_analogue(line) and not _SET.search(line.point_name):
            run = _longest_run(line.hours)
            if _is_strange(run, known):
                yield _hint(line, run)


def _longest_run(hours: Sequence[Hour]) -> list[Hour]:
    best: list[Hour] = []
    run: list[Hour] = []
    for hour in hours:
        goes_on = run and hour.low == hour.high == run[-1].low and hour.time_us - run[-1].time_us <= 2 * HOUR_US
        run = [*run, hour] if goes_on else ([hour] if hour.low is not None and hour.low == hour.high else [])
        best = run if len(run) > len(best) else best
    return best


def _is_strange(run: list[Hour], known: Known) -> bool:
    return (
        len(run) >= LEAST_HOURS
        and run[0].low != 0
        and sum(hour.count for hour in run) >= LEAST_READINGS
        and known.until_us - run[-1].time_us <= RECENT_HOURS * HOUR_US
    )


def _hint(line: Line, run: list[Hour]) -> Hint:
    readings = sum(hour.count for hour in run)
    value = f"{run[0].low:g} {line.unit}"
    said = Text(
        f"“{line.words}”连续 {len(run)} 小时都是 {value}，其间收到 {readings} 条读数，没有一条不同。"
        "真实的测量总有微小起伏。请核对传感器、接线或数据来源。",
        f"“{line.words}” was {value} for {len(run)} hours on end: {readings} readings, not one of them different."
        " Real measurements always move a little. Check sensor, wiring, or where the numbers come from.",
    )
    columns = (
        Text("开始", "from"),
        Text("结束", "to"),
        Text("小时", "hours"),
        Text("读数", "readings"),
        Text("值", "value"),
    )
    rows = [[{"us": run[0].time_us}, {"us": run[-1].time_us + HOUR_US}, len(run), readings, value]]
    title = Text(f"“{line.words}”{len(run)} 小时不变", f"“{line.words}” has not moved for {len(run)} hours")
    return Hint(f"{line.point}", line.enterprise, title, said, line.machine, columns, rows, [curve_of(line)])
