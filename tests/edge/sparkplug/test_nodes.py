"""What nodes say, in order and out of it; statements of the specification are named by their chapter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.edge.sparkplug.nodes import SILENCE_US, Heard, Nodes
from zhulian.edge.sparkplug.payload import BOOLEAN, DOUBLE, INT64, UINT64, Metric, Payload
from zhulian.edge.sparkplug.topics import Topic, command, parse
from zhulian.vocabulary.readings import Quality, TimeUs

NOW = TimeUs(1_764_000_000_000_000)
NODE = Topic("六安", "NBIRTH", "line1")


def born(sequence: int = 0, bd_seq: int = 0, *more: Metric) -> Payload:
    session = Metric("bdSeq", None, NOW, INT64, bd_seq)
    return Payload(NOW, sequence, (session, Metric("Node Control/Rebirth", None, NOW, BOOLEAN, False), *more))


def value(raw: float | None, name: str = "", alias: int | None = 0, **more: object) -> Metric:
    return Metric(name, alias, NOW, DOUBLE if name else 0, raw, **more)  # type: ignore[arg-type]


def said(kind: str, device: str = "") -> Topic:
    return NODE._replace(kind=kind, device=device)


@pytest.fixture
def nodes() -> Nodes:
    """One node with one device that has a temperature, both born."""
    nodes = Nodes()
    nodes.take(NODE, born(), NOW)
    nodes.take(said("DBIRTH", "press"), Payload(NOW, 1, (value(20.0, "温度", 0, unit="°C"),)), NOW)
    return nodes


def data(sequence: int, *metrics: Metric) -> Payload:
    return Payload(NOW, sequence, metrics)


def test_a_birth_makes_a_machine_with_its_points(nodes: Nodes) -> None:
    assert [(device.name, device.address) for device in nodes.devices] == [("line1/press", "六安/line1/press")]
    point = nodes.devices[0].points[0]
    assert (point.name, point.unit) == ("温度", "°C")


def test_data_is_known_by_its_alias(nodes: Nodes) -> None:
    heard = nodes.take(said("DDATA", "press"), data(2, value(21.5)), NOW)
    (sample,) = heard.samples
    assert (sample.point, sample.value, sample.time_us) == ("line1/press\n温度", 21.5, NOW)
    assert not heard.wants_birth


def test_a_gap_keeps_the_value_and_asks_for_a_birth(nodes: Nodes) -> None:
    heard = nodes.take(said("DDATA", "press"), data(4, value(21.5)), NOW)
    assert heard.wants_birth
    assert len(heard.samples) == 1
    assert not nodes.take(said("DDATA", "press"), data(5, value(22.0)), NOW).wants_birth


def test_an_unknown_alias_or_an_unborn_device_asks_for_a_birth(nodes: Nodes) -> None:
    assert nodes.take(said("DDATA", "press"), data(2, value(1.0, alias=77)), NOW) == Heard(wants_birth=True)
    assert nodes.take(said("DDATA", "unborn"), data(3, value(1.0)), NOW) == Heard(wants_birth=True)
    assert Nodes().take(said("NDATA"), data(9, value(1.0)), NOW) == Heard(wants_birth=True)


def test_a_new_birth_of_the_node_takes_its_devices_away_until_they_are_born(nodes: Nodes) -> None:
    nodes.take(NODE, born(7, 1), NOW)
    assert nodes.stations["六安/line1/press"].status().state == "unreachable"
    assert nodes.take(said("DDATA", "press"), data(8, value(1.0)), NOW).wants_birth


@pytest.mark.parametrize(("bd_seq", "state"), [(0, "unreachable"), (200, "running")])
def test_only_the_will_of_this_session_is_a_death(nodes: Nodes, bd_seq: int, state: str) -> None:
    will = Payload(NOW, None, (Metric("bdSeq", None, NOW, UINT64, bd_seq),))
    nodes.take(said("NDEATH"), will, NOW)
    assert nodes.stations["六安/line1/press"].status().state == state


def test_a_device_dies_alone(nodes: Nodes) -> None:
    nodes.take(said("DDEATH", "press"), data(2), NOW)
    assert nodes.stations["六安/line1/press"].status().state == "unreachable"
    assert nodes.stations["六安/line1"].status().state == "running"


def test_what_is_said_of_the_past_keeps_its_time_and_is_not_the_newest(nodes: Nodes) -> None:
    past = TimeUs(NOW - 86_400_000_000)
    metric = value(5.0)._replace(time_us=past, is_historical=True)
    (sample,) = nodes.take(said("DDATA", "press"), data(2, metric), NOW).samples
    assert sample.time_us == past
    assert [one.value for one in nodes.again(TimeUs(NOW + SILENCE_US))] == [20.0]


def test_an_unchanged_value_is_said_again_only_while_somebody_is_there(nodes: Nodes) -> None:
    assert nodes.again(TimeUs(NOW + SILENCE_US - 1)) == []
    assert [one.value for one in nodes.again(TimeUs(NOW + SILENCE_US))] == [20.0]
    assert nodes.lose() == [("六安", "line1")]
    assert nodes.again(TimeUs(NOW + 10 * SILENCE_US)) == []


def test_a_clock_that_runs_ahead_is_not_believed(nodes: Nodes) -> None:
    ahead = value(5.0)._replace(time_us=TimeUs(NOW + 3_600_000_000))
    assert nodes.take(said("DDATA", "press"), data(2, ahead), NOW).samples[0].time_us == NOW


def test_null_is_no_reading_and_bad_quality_is_kept_as_such(nodes: Nodes) -> None:
    heard = nodes.take(said("DDATA", "press"), data(2, value(None), value(3.0, quality=Quality.BAD)), NOW)
    assert [(one.value, one.quality) for one in heard.samples] == [(3.0, Quality.BAD)]


def test_points_of_an_earlier_birth_stay_known(nodes: Nodes) -> None:
    heard = nodes.take(said("DBIRTH", "press"), data(2, value(1.0, "压力", 3)), NOW)
    assert heard.is_news
    assert [point.name for point in nodes.devices[0].points] == ["温度", "压力"]
    assert Nodes(nodes.devices).devices == nodes.devices, "and across a restart"


def test_metrics_that_are_no_readings_are_counted(nodes: Nodes) -> None:
    odd = (Metric("图", 5, NOW, 16, 1), Metric("名" * 90, 6, NOW, DOUBLE, 1.0), value(2.0, "压力", 7))
    nodes.take(said("DBIRTH", "press"), data(2, *odd), NOW)
    assert nodes.stations["六安/line1/press"].unknown_metrics == 2


@given(st.lists(st.integers(0, 255), max_size=40))
def test_a_birth_is_asked_for_exactly_when_a_number_is_missing(numbers: list[int]) -> None:
    nodes, expected = Nodes(), 1
    nodes.take(NODE, born(0, 0, value(1.0, "转速", 1)), NOW)
    for number in numbers:
        heard = nodes.take(said("NDATA"), data(number, value(2.0, alias=1)), NOW)
        assert heard.wants_birth == (number != expected)
        assert len(heard.samples) == 1
        expected = (number + 1) % 256


def test_topics_of_others_are_nobodys() -> None:
    assert parse("spBv1.0/六安/DDATA/line1/press") == Topic("六安", "DDATA", "line1", "press")
    for text in ("spBv1.0/六安/NCMD/line1", "spBv1.0/STATE/zhulian", "spBv1.0/六安/NDATA/line1/press", "other/x"):
        assert parse(text) is None
    assert command("六安", "line1") == "spBv1.0/六安/NCMD/line1"
