"""Each rule against series whose truth is known: made by hand, the real recordings, and doctored copies of these."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from zhulian.cli.demo.recording import Recording, machine_temperature, steel_energy
from zhulian.evidence.collectors.picking import Role, role_of
from zhulian.evidence.flags import (
    constant,
    copied,
    counter_power,
    deadline,
    office_hours,
    repeated,
    rules,
    shared_contact,
)
from zhulian.evidence.flags.known import HOURS, Body, Hint, Known, Line, Pair, Paper, Presence
from zhulian.telemetry.queries import Hour
from zhulian.vocabulary.readings import TimeUs

HOUR_US = 3_600_000_000
MONDAY_US = 1_789_315_200_000_000
"""2026-09-14 00:00 in Shanghai."""
UNTIL_US = TimeUs(MONDAY_US + HOURS * HOUR_US)
RNG = np.random.default_rng(20261125)


def hours(
    means: Sequence[float], spread: float = 0.1, rows: int = 60, keep: Callable[[int], bool] = lambda _: True
) -> list[Hour]:
    """One hour for each mean, with values ``spread`` around it; only those that ``keep`` leaves."""
    return [
        Hour(TimeUs(MONDAY_US + at * HOUR_US), rows, rows, float(mean), float(mean) - spread, float(mean) + spread)
        for at, mean in enumerate(means)
        if keep(at)
    ]


def line(
    found: Sequence[Hour],
    name: str = "有功功率",
    unit: str = "kW",
    *,
    enterprise: int = 1,
    machine: int = 1,
    point: int = 1,
) -> Line:
    return Line(enterprise, machine, f"{machine}# 设备", point, name, unit, role_of(name, unit), found)


def known(*lines: Line, **more: object) -> Known:
    return Known(UNTIL_US, lines, **more)  # type: ignore[arg-type]


def lively(size: int = HOURS) -> np.ndarray:
    """What a real power looks like: shifts, drift, noise."""
    t = np.arange(size)
    return 200 + 120 * ((t % 24 > 7) & (t % 24 < 20)) + 15 * np.sin(t / 37) + RNG.normal(0, 6, size)


def everything(given: Known) -> list[Hint]:
    return [hint for rule in rules().values() for hint in rule.find(given)]


def test_rules_are_found_by_their_folder() -> None:
    assert set(rules()) == {
        "constant", "copied", "counter_power", "deadline", "office_hours", "repeated", "shared_contact",
    }  # fmt: skip
    for rule in rules().values():
        assert rule.VERSION >= 1
        assert rule.TITLE.zh
        assert rule.MEANING.en


# --- real recordings ---


def hourly(recording: Recording, column: str, first_h: int) -> np.ndarray:
    """Means of ``HOURS`` hours of a recording, from its ``first_h``-th on."""
    a_hour = round(3600 / recording.step_s)
    values = recording.columns[column]
    piece = values[first_h * a_hour : (first_h + HOURS) * a_hour]
    return piece[: len(piece) // a_hour * a_hour].reshape(-1, a_hour)


def real(  # noqa: PLR0917 - called a line a column
    recording: Recording, column: str, first_h: int, name: str, unit: str, number: int
) -> Line:
    found = hourly(recording, column, first_h)
    made = [
        Hour(TimeUs(MONDAY_US + at * HOUR_US), 60, 60, float(each.mean()), float(each.min()), float(each.max()))
        for at, each in enumerate(found)
    ]
    return line(made, name, unit, machine=number // 10, point=number)


def windows(recording: Recording) -> range:
    return range(0, int(recording.length * recording.step_s / 3600) - HOURS, 10 * 24)


def test_no_flag_on_the_steel_works() -> None:
    steel = steel_energy()
    for first_h in windows(steel):
        lines = [
            real(steel, "usage_kwh", first_h, "有功功率", "kW", 10),
            real(steel, "lagging_kvarh", first_h, "无功功率", "kvar", 11),
            real(steel, "lagging_pf", first_h, "功率因数", "%", 12),
        ]
        assert everything(known(*lines)) == []


def test_no_flag_on_the_machine_s_temperature() -> None:
    heat = machine_temperature()
    for first_h in windows(heat):
        assert everything(known(real(heat, "temperature", first_h, "机体温度", "°C", 20))) == []


def test_no_flag_between_different_months_of_one_works() -> None:
    """Two machines that do the same kind of work, as two stretches of one recording far apart."""
    steel = steel_energy()
    starts = [first for first in windows(steel) if first % (30 * 24) == 0]
    lines = [
        real(steel, "usage_kwh", first, "有功功率", "kW", 10 * number) for number, first in enumerate(starts, start=1)
    ]
    assert everything(known(*lines)) == []


@pytest.mark.parametrize("factor", [1.0, 0.35, 7.0])
@pytest.mark.parametrize("lag_h", [0, 24, 168, 307])
def test_doctored_copies_of_the_recordings_are_found(factor: float, lag_h: int) -> None:
    """Scaled, shifted, with a little noise, at another enterprise: each of them, for several stretches."""
    for recording, column, unit in ((steel_energy(), "usage_kwh", "kW"), (machine_temperature(), "temperature", "°C")):
        for first_h in list(windows(recording))[:4]:
            genuine = real(recording, column, first_h, "信号", unit, 10)
            later = hourly(recording, column, first_h).mean(axis=1)[: HOURS - lag_h]
            noise = RNG.normal(0, 0.0005 * later.std(), len(later))
            copy = np.concatenate([RNG.normal(later.mean(), later.std(), lag_h), later + noise]) * factor
            hints = everything(known(genuine, line(hours(copy), "信号", unit, enterprise=2, machine=9, point=90)))
            assert [hint.enterprise for hint in hints] == [2, 1]
            assert hints[0].rows[0][2] == lag_h
            assert hints[0].others == (1,)
            assert "另一家企业" in hints[0].title.zh


def test_a_machine_that_replays_its_own_week_is_found() -> None:
    week = lively(168)
    hints = list(copied.find(known(line(hours(np.tile(week, 5)[:HOURS])))))
    assert len(hints) == 1
    assert "它自己" in hints[0].said.zh
    assert hints[0].rows[0][2] in {168, 336, 504}


def test_a_copied_week_within_real_use_is_found() -> None:
    own, other = lively(), lively()
    own[100:300] = other[400:600] * 2
    hints = list(copied.find(known(line(hours(other), point=1), line(hours(own), machine=2, point=2))))
    assert [(hint.machine, hint.rows[0][1:3]) for hint in hints] == [(2, [200, 300])]


@pytest.mark.parametrize(
    ("name", "unit"), [("有功功率", "kW"), ("运行", ""), ("正向有功电能", "kWh"), ("产量", "件"), ("功率因数", "")]
)
def test_two_honest_machines_on_one_shift_are_not_alike(name: str, unit: str) -> None:
    lines = [line(hours(lively()), name, unit, machine=number, point=number) for number in (1, 2, 3)]
    assert list(copied.find(known(*lines))) == []


def test_a_main_meter_may_show_what_the_only_machine_draws() -> None:
    power = lively()
    main = Line(1, 1, "总进线电表", 1, "有功功率", "kW", Role.POWER, hours(power))
    only = line(hours(power * 0.98), machine=2, point=2)
    assert list(copied.find(known(main, only))) == []
    assert list(copied.find(known(main, line(hours(power * 0.98), enterprise=2, machine=2, point=2))))


# --- constant ---


def flat(size: int, value: float = 42.0) -> list[Hour]:
    return hours([value] * size, spread=0.0)


def stuck(length: int, value: float = 42.0) -> list[Hour]:
    found = hours(lively())
    end = len(found) - 24
    held = hours([value] * HOURS, spread=0.0)
    return [*found[: end - length], *held[end - length : end], *found[end:]]


def test_a_stuck_signal_is_found_with_its_hours_and_value() -> None:
    hints = list(constant.find(known(line(stuck(100), "机体温度", "°C"))))
    assert len(hints) == 1
    assert "连续 100 小时都是 42 °C" in hints[0].said.zh
    assert hints[0].rows[0][2:] == [100, 6000, "42 °C"]


@pytest.mark.parametrize(
    ("found", "name", "unit"),
    [
        (stuck(71), "机体温度", "°C"),
        (stuck(200, value=0.0), "有功功率", "kW"),
        (stuck(200), "温度设定", "°C"),
        (stuck(200), "运行", ""),
        (stuck(200), "正向有功电能", "kWh"),
        (stuck(100)[:300] + hours(lively())[300:], "机体温度", "°C"),
    ],
    ids=["too short", "off", "set point", "state", "counter", "only long ago"],
)
def test_what_may_well_stay_the_same_is_left_alone(found: list[Hour], name: str, unit: str) -> None:
    assert list(constant.find(known(line(found, name, unit)))) == []


# --- office hours ---


def at_the_desk(at: int) -> bool:
    """Monday to Friday, 8 to 18; hour 0 is a Monday's."""
    return at // 24 % 7 < 5 and 8 <= at % 24 < 18


def test_office_hours_are_found() -> None:
    hints = list(office_hours.find(known(line(hours(lively(), keep=at_the_desk)))))
    assert len(hints) == 1
    assert "100.0%" in hints[0].said.zh
    assert sum(row[2] for row in hints[0].rows) == 0  # type: ignore[misc]


@pytest.mark.parametrize(
    "keep",
    [
        lambda _: True,
        lambda at: 6 <= at % 24 < 22,
        lambda at: 8 <= at % 24 < 18,
        lambda at: at_the_desk(at) and at < 200,
        lambda at: at_the_desk(at) or at % 24 == 2,
    ],
    ids=["always", "two shifts", "seven days", "a few days", "a nightly report"],
)
def test_shifts_are_not_office_hours(keep: Callable[[int], bool]) -> None:
    assert list(office_hours.find(known(line(hours(lively(), keep=keep))))) == []


# --- deadline ---

TODAY = known().today


def presence(before: int, recent: int, since: int = 300) -> Known:
    days = {TODAY - 31 - 3 * number for number in range(before)} | {TODAY - 1 - number for number in range(recent)}
    return known(presences=[Presence(1, TODAY - since, frozenset(days))])


def test_life_only_before_a_deadline_is_found() -> None:
    hints = list(deadline.find(presence(before=2, recent=27)))
    assert len(hints) == 1
    assert "90 天里只有 2 天有，最近 30 天里有 27 天" in hints[0].said.zh
    assert sum(row[1] for row in hints[0].rows) == 29  # type: ignore[misc]


@pytest.mark.parametrize(
    "given",
    [presence(before=6, recent=30), presence(0, 30, since=29), presence(0, 14), presence(25, 3)],
    ids=["used before", "new", "hardly used", "given up"],
)
def test_use_and_beginnings_are_left_alone(given: Known) -> None:
    assert list(deadline.find(given)) == []


# --- counter against electricity ---


def counting(made: np.ndarray, drawn: np.ndarray, meter: int = 1) -> Known:
    """A counter that rises by ``made`` within each hour beside a power."""
    totals = np.concatenate([[0.0], np.cumsum(made)])
    pieces = [
        Hour(TimeUs(MONDAY_US + at * HOUR_US), 60, 60, float(totals[at]), float(totals[at]), float(totals[at + 1]))
        for at in range(len(made))
    ]
    return known(line(pieces, "产量", "件", point=1), line(hours(drawn), machine=meter, point=2))


SHIFT = np.array([8 <= at % 24 < 20 for at in range(HOURS)])


def test_pieces_without_electricity_are_found() -> None:
    made = np.where(SHIFT, 100.0, 50.0)
    for meter in (1, 7):
        hints = list(counter_power.find(counting(made, np.where(SHIFT, 80.0, 0.5), meter)))
        assert len(hints) == 1
        assert "33%" in hints[0].title.zh
        assert "没有用电" in hints[0].said.zh


@pytest.mark.parametrize(
    ("made", "drawn"),
    [
        (np.where(SHIFT, 100.0, 0.0), np.where(SHIFT, 80.0, 0.5)),
        (np.where(SHIFT, 100.0, 2.0), np.where(SHIFT, 80.0, 0.5)),
        (np.full(HOURS, 100.0), np.full(HOURS, 80.0)),
        (np.zeros(HOURS), np.zeros(HOURS)),
    ],
    ids=["together", "a few", "round the clock", "nothing"],
)
def test_pieces_with_electricity_are_left_alone(made: np.ndarray, drawn: np.ndarray) -> None:
    assert list(counter_power.find(counting(made, drawn))) == []


def test_without_a_meter_nothing_is_said() -> None:
    assert list(counter_power.find(known(line(hours(lively()), "产量", "件")))) == []


# --- who shares what ---


def body(name: str, enterprise: int | None, provider: int | None = None, **shared: str) -> Body:
    return Body(name, enterprise, provider, **{kind: frozenset([value]) for kind, value in shared.items()})


def test_a_provider_and_its_client_with_one_telephone_and_door() -> None:
    bodies = [
        body("甲服务", None, 5, phones="13800001234", addresses="金安区某路8号3室"),
        body("乙厂", 1, phones="13800001234", addresses="金安区某路8号3室"),
        body("丙厂", 2, phones="13900001234"),
    ]
    hints = list(shared_contact.find(known(bodies=bodies)))
    assert [(hint.key, hint.enterprise) for hint in hints] == [("5-1", 1)]
    assert hints[0].title.zh == "与服务商“甲服务”电话、地址相同"
    assert hints[0].rows[0][1] == "138****1234"


def test_the_same_firm_two_factories_and_an_agency_are_left_alone() -> None:
    own = [body("甲服务", 1, 5, phones="13800001234"), body("甲", 1, phones="13800001234")]
    factories = [body("乙厂", 2, emails="a@b.example"), body("丙厂", 3, emails="a@b.example")]
    agency = [
        body("丁服务", None, 6, phones="05641234567"),
        *(body(str(n), n, phones="05641234567") for n in range(9, 16)),
    ]
    assert list(shared_contact.find(known(bodies=[*own, *factories, *agency]))) == []


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [("+86 138-0000-1234", "13800001234"), ("１３８００００１２３４", "13800001234"),
     ("0086 13800001234", "13800001234"), ("0564-123 4567", "05641234567"), ("110", ""), ("", "")],
)  # fmt: skip
def test_telephones_are_compared_by_their_digits(spelled: str, meant: str) -> None:
    assert shared_contact.phone(spelled) == meant


def test_an_address_has_to_name_a_door() -> None:
    assert shared_contact.address("六安市 经开区（东区） 某路 8 号") == "六安市经开区东区某路8号"
    assert shared_contact.address("六安市经济技术开发区工业园") == ""


# --- documents ---


def paper(number: int, enterprise: int) -> Paper:
    moment = datetime(2026, 11, number, 8, tzinfo=UTC)
    return Paper(number, enterprise, f"发票{number}.pdf", "24342000000012345678", 1_280_000, None, moment, "王敏")


def test_one_invoice_twice_tells_each_side_its_own_only() -> None:
    hints = list(repeated.find(known(pairs=[Pair(paper(9, 2), paper(3, 1), "invoice")])))
    assert [hint.enterprise for hint in hints] == [2, 1]
    for hint, own, other in ((hints[0], "发票9.pdf", "发票3.pdf"), (hints[1], "发票3.pdf", "发票9.pdf")):
        assert own in str(hint.rows)
        assert other not in str(hint)
    within = list(repeated.find(known(pairs=[Pair(paper(9, 1), paper(3, 1), "photo", 4)])))
    assert len(within) == 1
    assert "发票3.pdf" in str(within[0].rows)
    assert "4 位不同" in within[0].said.zh
