"""Times in cells: every usual writing, checked against Python's own calendar; what is no time is null."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.telemetry.backfill.times import parse

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2024, 2, 29, 15, 4, 5, tzinfo=SHANGHAI)
moments = st.datetimes(datetime.fromisoformat("1992-01-01"), datetime.fromisoformat("2099-01-01")).map(
    lambda at: at.replace(microsecond=0)
)


def us(*texts: str | None, form: str = "auto", zone: str = "Asia/Shanghai") -> list[int | None]:
    found = parse(pa.array(texts, pa.utf8()), form, zone)  # type: ignore[arg-type]
    return [None if value is None else int(value) for value in found.cast(pa.int64()).to_pylist()]


def stamp(at: datetime) -> int:
    return round((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-29 15:04:05",
        "2024-02-29T15:04:05",
        " 2024/2/29 15:4:5 ",
        "2024.02.29 15:04:05",
        "2024年2月29日 15时4分5秒",
        "2024年02月29日15:04:05",
        "2024/2/29 下午 3:04:05",
        "2024/2/29 3:04:05 PM",
        "20240229150405",
        "2024-02-29T07:04:05Z",
        "2024-02-29 08:04:05+01:00",
        "2024-02-29 01:34:05.000-0530",
        "1709190245",
        "1709190245.0",
        "1709190245000",
        "1709190245000000",
        "1709190245000000000",
    ],
)
def test_a_moment_in_every_usual_writing(text: str) -> None:
    assert us(text, "nothing") == [stamp(AT), None]


def test_shorter_writings_are_whole_minutes_hours_and_days() -> None:
    texts = ("2024-02-29 15:04", "2024年2月29日15时", "2024-02-29", "20240229", "2024/2/29 上午 12:30")
    hours = [(15, 4), (15, 0), (0, 0), (0, 0), (0, 30)]
    wanted = [stamp(AT.replace(hour=hour, minute=minute, second=0)) for hour, minute in hours]
    assert us(*texts, "x") == [*wanted, None]


def test_month_or_day_first_only_when_it_is_said() -> None:
    assert us("3/4/2024 1:00") == [None]
    april, march = (stamp(datetime(2024, month, day, 1, tzinfo=SHANGHAI)) for month, day in ((4, 3), (3, 4)))
    assert us("3/4/2024 1:00", form="dmy") == [april]
    assert us("3/4/2024 1:00", form="mdy") == [march]


@pytest.mark.parametrize(
    "text", ["2024-02-30", "2023-02-29 1:00", "2024-13-01", "2024-1-1 24:00", "2024-1-1 1:60", "", None]
)
def test_what_no_calendar_has_is_no_time(text: str | None) -> None:
    assert us(text, "2024/1/1") == [None, stamp(datetime(2024, 1, 1, tzinfo=SHANGHAI))]


def test_fractions_are_kept_to_the_microsecond() -> None:
    assert us("2024-01-01 00:00:00.5", "2024/1/1 0:00:00.123456789", zone="UTC") == [
        stamp(datetime(2024, 1, 1, tzinfo=UTC)) + fraction for fraction in (500_000, 123_456)
    ]
    assert us("1709190245.25", form="s") == [1_709_190_245_250_000]
    assert us("1709190245123457", form="us") == [1_709_190_245_123_457]


@given(st.lists(moments, min_size=1, max_size=20), st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S"]))
def test_any_moment_comes_back(moments: list[datetime], writing: str) -> None:
    texts = [at.strftime(writing) for at in moments]
    assert us(*texts, zone="UTC") == [stamp(at.replace(tzinfo=UTC)) for at in moments]


def test_a_zone_with_summer_time_takes_the_first_of_two_hours() -> None:
    berlin = us("2024-10-27 02:30:00", "2024-07-01 12:00:00", zone="Europe/Berlin")
    assert berlin == [
        stamp(datetime(2024, 10, 27, 0, 30, tzinfo=UTC)),
        stamp(datetime(2024, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))),
    ]


def test_times_of_parquet_keep_their_zone_or_get_one() -> None:
    naive = pa.array([AT.replace(tzinfo=None)], pa.timestamp("ns"))
    zoned = pa.array([AT], pa.timestamp("ms", tz="Asia/Shanghai"))
    days = pa.array([date(2024, 2, 29)], pa.date32())
    for column in (naive, zoned):
        assert parse(column, "auto", "Asia/Shanghai").cast(pa.int64()).to_pylist() == [stamp(AT)]
    midnight = stamp(AT.replace(hour=0, minute=0, second=0))
    assert parse(days, "auto", "Asia/Shanghai").cast(pa.int64()).to_pylist() == [midnight]
    assert parse(pa.array([stamp(AT), None, -1]), "auto", "UTC").cast(pa.int64()).to_pylist()[:2] == [stamp(AT), None]
