"""How long machines ran: by a running signal where there is one, else inferred from power; neither is no figure."""

from collections.abc import Iterator

from zhulian.evidence.collectors.measured import HOUR_US, Finding, MachineDay, Measured, Part, PointDay, coverage
from zhulian.evidence.collectors.picking import IDLE_SHARE, Role, is_main_meter
from zhulian.vocabulary.errors import Text

VERSION = 1
_BY_SIGNAL = Text("按运行信号", "by the running signal")
_BY_POWER = Text(
    f"按功率：高于 30 天最高功率的 {IDLE_SHARE:.0%} 视为运行",
    f"by power: running above {IDLE_SHARE:.0%} of the highest power of 30 days",
)


def collect(measured: Measured) -> Iterator[Finding]:
    """machines.run_hours, and oee.run_h where it says the same."""
    timed = [(machine, point) for machine in measured.machines if (point := running_point(machine)) is not None]
    if not timed:
        return
    parts = tuple(Part(machine, [point], run_hours(point)) for machine, point in timed)
    hours = round(sum(part.value for part in parts), 3)
    found = coverage([point for _, point in timed])
    left_out = len(measured.networked) - len(timed)
    method = _method(timed, left_out)
    more = {"machines_timed": len(timed), "machines_left_out": left_out}
    yield Finding("machines.run_hours", hours, measured.day, measured.day, method, parts, found, more)
    whole_day = Text(
        method.zh + "平台没有该企业的班次日历，全天运行时间都计入；计划时间因此不给出。",
        f"{method.en} No shift calendar is known, so all run time of the day counts; planned time is left out for that"
        " reason.",
    )
    yield Finding("oee.run_h", hours, measured.day, measured.day, whole_day, parts, found, more)


def running_point(machine: MachineDay) -> PointDay | None:
    """The point that tells whether it runs; a meter of the whole site tells of no machine."""
    if is_main_meter(machine.name):
        return None
    signals, powers = machine.having(Role.STATE), machine.having(Role.POWER)
    return next((point for point in [*signals, *powers] if point.span is not None), None)


def run_hours(point: PointDay) -> float:
    """Hours above the mark on that day."""
    return point.span.above_us / HOUR_US if point.span else 0.0


def _method(timed: list[tuple[MachineDay, PointDay]], left_out: int) -> Text:
    signals = sum(point.role is Role.STATE for _, point in timed)
    powers = len(timed) - signals
    said = [
        (f"{signals} 台{_BY_SIGNAL.zh}", f"{signals} machines {_BY_SIGNAL.en}") if signals else None,
        (f"{powers} 台{_BY_POWER.zh}", f"{powers} machines {_BY_POWER.en}") if powers else None,
        (
            f"另有 {left_out} 台没有可判断的点位或只是总表，未计入",
            f"{left_out} machines have no such point or are the main meter, and are left out",
        )
        if left_out > 0
        else None,
    ]
    words = [each for each in said if each is not None]
    return Text("；".join(zh for zh, _ in words) + "。", "; ".join(en for _, en in words) + ".")
