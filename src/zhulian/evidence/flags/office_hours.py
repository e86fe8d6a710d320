"""Machines that report only while the office is open: numbers that somebody sends from a desk."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

from zhulian.evidence.flags.known import Hint, Known, Line
from zhulian.vocabulary.clock import SHANGHAI, to_datetime
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.readings import TimeUs

VERSION = 1
TITLE = Text("只在上班时间有数据", "Data in office hours only")
MEANING = Text(
    "四周里读数几乎都落在周一至周五 8–18 时：可能由人上传，也可能是单班生产并断电。",
    "Over four weeks nearly all readings fall on Monday to Friday between 8 and 18: sent by a person, or one shift with"
    " the power cut afterwards.",
)
OPENS, CLOSES = 8, 18
LEAST_DAYS, LEAST_READINGS, LEAST_SHARE = 12, 500, 0.995
_WEEKDAYS = 5


def find(known: Known) -> Iterator[Hint]:
    """One hint a machine."""
    machines: dict[int, list[Line]] = defaultdict(list)
    for line in known.lines:
        machines[line.machine].append(line)
    for lines in machines.values():
        readings, days = _counted(lines)
        total = sum(readings.values())
        inside = sum(count for (weekday, hour), count in readings.items() if _is_open(weekday, hour))
        if total >= LEAST_READINGS and len(days) >= LEAST_DAYS and inside >= LEAST_SHARE * total:
            yield _hint(lines[0], readings, total, inside, len(days))


def _counted(lines: list[Line]) -> tuple[Counter[tuple[int, int]], set[int]]:
    """Readings by weekday (0 is Monday) and hour of the city, and the days that had any."""
    readings: Counter[tuple[int, int]] = Counter()
    days = set()
    for line in lines:
        for hour in line.hours:
            local = _local(hour.time_us)
            readings[local.weekday(), local.hour] += hour.rows
            days.add(local.toordinal())
    return readings, days


def _local(time_us: TimeUs) -> datetime:
    return to_datetime(time_us).astimezone(SHANGHAI)


def _is_open(weekday: int, hour: int) -> bool:
    return weekday < _WEEKDAYS and OPENS <= hour < CLOSES


def _hint(line: Line, readings: Counter[tuple[int, int]], total: int, inside: int, days: int) -> Hint:
    share = inside / total
    said = Text(
        f"“{line.machine_name}”在 {days} 天里有 {total} 条读数，{share:.1%} 落在周一至周五 {OPENS}–{CLOSES} 时，"
        "夜间和周末几乎没有。若不是单班生产并断电，请核对数据由谁、怎样上传。",
        f"“{line.machine_name}” sent {total} readings on {days} days, {share:.1%} of them on Monday to Friday between"
        f" {OPENS} and {CLOSES}, hardly any at night or at weekends. Unless it works one shift and is switched off,"
        " check who sends the data, and how.",
    )
    columns = (Text("时段", "hours"), Text("周一至周五", "Monday to Friday"), Text("周末", "weekend"))
    rows = [
        [
            f"{start:02}–{start + 2:02}",
            sum(count for (day, hour), count in readings.items() if start <= hour < start + 2 and day < _WEEKDAYS),
            sum(count for (day, hour), count in readings.items() if start <= hour < start + 2 and day >= _WEEKDAYS),
        ]
        for start in range(0, 24, 2)
    ]
    title = Text(f"“{line.machine_name}”只在上班时间有数据", f"“{line.machine_name}” reports in office hours only")
    return Hint(str(line.machine), line.enterprise, title, said, line.machine, columns, rows)
