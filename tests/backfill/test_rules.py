"""What titles mean, which point a name is, and what of a file was read before."""

import pytest

from zhulian.backfill.rules import BackfillRefused, PointName, guess, matched, not_yet_read
from zhulian.telemetry.backfill.layout import Layout

POINTS = [PointName(1, "1号炉", "温度", "40001"), PointName(2, "2号炉", "温度", "40002"), PointName(3, "2号炉", "电流")]


def test_titles_of_long_and_wide_files_are_told_apart() -> None:
    assert guess(["采集时间", "测点名称", "数值", "质量码"]) == {
        "shape": "long", "time": "采集时间", "name": "测点名称", "value": "数值", "quality": "质量码"
    }  # fmt: skip
    assert guess(["Timestamp", "TagName", "Value"])["shape"] == "long"
    assert guess(["date", "温度(℃)", "电流"]) == {"shape": "wide", "time": "date"}
    assert guess(["a", "b"]) == {"shape": "wide", "time": "a"}


def test_a_name_is_a_point_only_when_it_is_no_other() -> None:
    names = ["1号炉 / 温度", "1号炉.温度", "2号炉/温度", "电流(A)", "温度", "#3", "40001", "别的"]
    assert matched(names, POINTS) == {
        "1号炉 / 温度": 1, "1号炉.温度": 1, "2号炉/温度": 2, "电流(A)": 3, "#3": 3, "40001": 1
    }  # fmt: skip


def test_what_was_read_is_not_read_again_and_never_otherwise() -> None:
    layout = Layout(shape="wide", time="t", points={"a": 1, "b": 2})
    assert not_yet_read(layout, []) == {"a": 1, "b": 2}
    assert not_yet_read(layout, [Layout(shape="wide", time="t", points={"a": 1})]) == {"b": 2}
    with pytest.raises(BackfillRefused, match="另一种时间"):
        not_yet_read(layout, [Layout(shape="wide", time="t", zone="UTC", points={"c": 3})])
