"""Each collector against days made by hand, whose truth is known without it."""

from datetime import date, timedelta

import pytest

from zhulian.evidence.collectors import collect_all, collectors, source_of
from zhulian.evidence.collectors.measured import Finding, MachineDay, Measured, PointDay, day_span
from zhulian.evidence.collectors.picking import Role, is_main_meter, role_of
from zhulian.telemetry.queries import Extent, Growth, Span
from zhulian.vocabulary.clock import SHANGHAI, to_datetime
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs

DAY = date(2026, 11, 24)
HOUR_US = 3_600_000_000
MINUTE_US = 60_000_000
DAY_US = 24 * HOUR_US


def point(
    number: int,
    name: str = "有功功率",
    unit: str = "kW",
    *,
    there_h: float = 24.0,
    above_h: float = 0.0,
    kwh: float = 0.0,
    growth: Growth | None = None,
    due_h: float = 24.0,
) -> PointDay:
    """A point that reports every minute and was there for ``there_h``; 0 is silence since long."""
    there_us = int(there_h * HOUR_US)
    rows = there_us // MINUTE_US
    span = Span(PointId(number), rows, rows, rows, there_us, int(above_h * HOUR_US), there_us, kwh * HOUR_US)
    month = Extent(PointId(number), rows, rows, 0.0, 1.0, TimeUs(0), TimeUs(1)) if rows else None
    due = int(due_h * HOUR_US)
    return PointDay(
        PointId(number), name, unit, role_of(name, unit), MINUTE_US, due, 0.5, span if rows else None, growth, month
    )


def machine(number: int, *points: PointDay, name: str = "机床") -> MachineDay:
    return MachineDay(number, f"{name}{number}", "", points)


def of(*machines: MachineDay, **more: object) -> dict[str, Finding]:
    measured = Measured(TenantId(1), DAY, is_sample=False, machines=machines, **more)  # type: ignore[arg-type]
    return {finding.key: finding for _, finding in collect_all(measured)}


def test_collectors_are_found_and_named() -> None:
    assert set(collectors()) == {"data", "energy", "machines", "pieces", "running"}
    assert source_of("machines") == "collector:machines.v1"


def test_a_day_runs_from_midnight_to_midnight_in_the_city() -> None:
    start, end = (to_datetime(moment).astimezone(SHANGHAI) for moment in day_span(DAY))
    assert (start.isoformat(), end.isoformat()) == ("2026-11-24T00:00:00+08:00", "2026-11-25T00:00:00+08:00")


@pytest.mark.parametrize(
    ("name", "unit", "role"),
    [
        ("有功功率", "kW", Role.POWER),
        ("无功功率", "kW", Role.OTHER),
        ("无功功率", "kvar", Role.OTHER),
        ("正向有功电能", "kWh", Role.ELECTRICITY),
        ("反向有功电能", "kWh", Role.OTHER),
        ("运行", "", Role.STATE),
        ("设备运行状态", "", Role.STATE),
        ("running", "", Role.STATE),
        ("运行方式", "", Role.OTHER),
        ("功率因数", "", Role.OTHER),
        ("产量", "件", Role.PIECES),
        ("不合格数", "件", Role.OTHER),
        ("机体温度", "°C", Role.OTHER),
    ],
)
def test_points_are_picked_by_unit_and_name(name: str, unit: str, role: Role) -> None:
    assert role_of(name, unit) is role


@pytest.mark.parametrize(
    ("name", "is_main"), [("总进线电表", True), ("Main meter", True), ("2# 轧机电表", False), ("remainder", False)]
)
def test_the_main_meter_is_told_by_its_name(name: str, *, is_main: bool) -> None:
    assert is_main_meter(name) is is_main


def test_nothing_measured_is_nothing_said() -> None:
    assert of() == {}
    silent = of(machine(1, point(1, there_h=0)))
    assert {key: finding.value for key, finding in silent.items()} == {"machines.networked": 0}


def test_machines_networked_and_their_share() -> None:
    machines = (machine(1, point(1)), machine(2, point(2)), machine(3, point(3, there_h=0)))
    assert of(*machines)["machines.networked"].value == 2
    assert "machines.networked_share" not in of(*machines)
    assert of(*machines, machines_total=8)["machines.networked_share"].value == 0.25
    assert "machines.networked_share" not in of(*machines, machines_total=1)


def test_online_share_adds_hours_up_and_never_averages() -> None:
    """24 of 24 hours and 3 of the 6 since it was connected: 27 of 30, not the mean of 100 % and 50 %."""
    found = of(machine(1, point(1)), machine(2, point(2, there_h=3, due_h=6)))["machines.online_share"]
    assert found.value == 0.9
    assert found.more == {"online_h": 27.0, "due_h": 30.0}


def test_a_machine_is_online_as_long_as_its_steadiest_point() -> None:
    found = of(machine(1, point(1, there_h=6), point(2, there_h=12)))["machines.online_share"]
    assert found.value == 0.5


def test_days_online_need_half_of_the_machines() -> None:
    last = (DAY - date(1970, 1, 1)).days
    days = {1: frozenset({last, last - 1, last - 89, last - 90}), 2: frozenset({last - 5})}
    machines = [machine(number, point(number)) for number in (1, 2)]
    assert of(*machines, online_days=days)["machines.online_days_90"].value == 4
    machines.append(machine(3, point(3)))
    assert of(*machines, online_days=days)["machines.online_days_90"].value == 0
    assert of(*machines, online_days={**days, 3: days[1]})["machines.online_days_90"].value == 3


def test_run_hours_by_signal_before_power_and_never_of_the_main_meter() -> None:
    found = of(
        machine(1, point(1, "运行", "", above_h=8), point(2, above_h=20)),
        machine(2, point(3, above_h=5)),
        machine(3, point(4, above_h=24), name="总进线电表"),
        machine(4, point(5, "温度", "°C")),
    )
    assert found["machines.run_hours"].value == 13.0
    assert [part.value for part in found["machines.run_hours"].parts] == [8.0, 5.0]
    assert found["machines.run_hours"].more == {"machines_timed": 2, "machines_left_out": 2}
    assert "1 台按运行信号；1 台按功率" in found["machines.run_hours"].method.zh
    assert "没有该企业的班次日历" in found["oee.run_h"].method.zh
    assert "oee.planned_h" not in found


def test_no_signal_and_no_power_is_no_figure() -> None:
    assert "machines.run_hours" not in of(machine(1, point(1, "温度", "°C")))


def counter(number: int, amount: float, resets: int = 0) -> PointDay:
    grown = Growth(PointId(number), amount, resets, 1440)
    return point(number, "正向有功电能", "kWh", growth=grown)


def test_electricity_is_the_main_meter_s_where_there_is_one() -> None:
    found = of(
        machine(1, counter(1, 500.0), point(2), name="总进线电表"),
        machine(2, counter(3, 200.0), name="轧机电表"),
    )["energy.electricity_day_kwh"]
    assert found.value == 500.0
    assert found.method.zh.startswith("总表；1 处按电能读数之差")


def test_without_a_main_meter_the_meters_are_added_up() -> None:
    found = of(machine(1, counter(1, 120.5)), machine(2, counter(2, 80.25, resets=1)))["energy.electricity_day_kwh"]
    assert found.value == 200.75
    assert "没有总表" in found.method.zh
    assert "归零 1 次" in found.method.zh


def test_power_stands_in_for_a_counter_when_most_of_the_day_is_known() -> None:
    found = of(machine(1, point(1, kwh=96.0)))["energy.electricity_day_kwh"]
    assert found.value == 96.0
    assert "按功率对时间积分" in found.method.zh
    assert "energy.electricity_day_kwh" not in of(machine(1, point(1, there_h=10, kwh=40.0)))


def test_a_month_counts_when_each_of_its_days_does() -> None:
    days = {date(2026, 11, number): 10.0 for number in range(1, 31)}
    measured = Measured(TenantId(1), date(2026, 11, 30), False, (machine(1, counter(1, 30.0)),), energy_of_month=days)
    months = [finding for _, finding in collect_all(measured) if finding.key == "energy.electricity_kwh"]
    assert [(found.value, found.period_start.day, found.period_end.day) for found in months] == [(320.0, 1, 30)]
    del days[date(2026, 11, 7)]
    assert not [finding for _, finding in collect_all(measured) if finding.key == "energy.electricity_kwh"]


def test_pieces_are_counted_and_rejects_are_not() -> None:
    made = point(1, "产量", "件", growth=Growth(PointId(1), 1200.0, 0, 1440))
    rejects = point(2, "不合格数", "件", growth=Growth(PointId(2), 30.0, 0, 1440))
    assert of(machine(1, made, rejects))["oee.total_pieces"].value == 1200
    assert "oee.total_pieces" not in of(machine(1, rejects))


def test_completeness_counts_intervals_and_validity_readings() -> None:
    found = of(machine(1, point(1), point(2, there_h=12)), machine(2, point(3, there_h=0)))
    assert found["data.completeness"].value == 0.75
    assert found["data.completeness"].more == {"due": 2880, "received": 2160}
    assert found["data.valid_share"].value == 1.0
    assert found["data.points"].value == 2


def test_parts_lead_to_machine_and_point() -> None:
    part = of(machine(7, point(70)))["machines.online_share"].parts[0].as_json()
    assert part == {
        "machine": 7,
        "name": "机床7",
        "points": [70],
        "point_names": ["有功功率"],
        "readings": 1440,
        "value": 24.0,
    }


def test_every_finding_is_of_the_catalogue_and_its_period() -> None:
    from zhulian.evidence.catalogue import catalogue

    days = {date(2026, 11, number): 10.0 for number in range(1, 31)}
    made = point(3, "产量", "件", growth=Growth(PointId(3), 5.0, 0, 10))
    measured = Measured(
        TenantId(1),
        date(2026, 11, 30),
        False,
        (machine(1, counter(1, 30.0), point(2, above_h=3), made),),
        machines_total=3,
        energy_of_month=days,
    )
    for _, finding in collect_all(measured):
        key = catalogue()[finding.key]
        assert "A" in key.classes
        assert finding.period_end - finding.period_start == timedelta(days=29 if key.period == "month" else 0)
