"""Machines out of plain messages: known once, remembered, bounded; late values at their time, strange ones counted."""

import pytest

from zhulian.edge.json_topics import heard as module
from zhulian.edge.json_topics.heard import Machines
from zhulian.edge.json_topics.rules import TopicRule
from zhulian.vocabulary.readings import Quality, TimeUs

NOW = TimeUs(1_790_000_000_000_000)
RULES = [TopicRule(topic="a/{machine}", time="t"), TopicRule(topic="b/{machine}/{point}")]


def test_machines_and_points_become_known_once() -> None:
    machines = Machines.of(RULES)
    first = machines.take("a/press", b'{"t": 1790000000, "x": 1, "y": 2}', NOW)
    assert first.is_news
    assert [(sample.point, sample.value, sample.time_us) for sample in first.samples] == [
        ("press\nx", 1.0, NOW), ("press\ny", 2.0, NOW)
    ]  # fmt: skip
    assert not machines.take("a/press", b'{"t": 1790000001, "x": 1}', NOW).is_news
    (device,) = machines.devices
    assert (device.name, device.protocol, [point.name for point in device.points]) == ("press", "mqtt_json", ["x", "y"])
    again = Machines.of(RULES, machines.devices)
    assert not again.take("a/press", b'{"t": 1790000001, "y": 1}', NOW).is_news


def test_late_values_keep_their_time_and_do_not_become_the_newest() -> None:
    machines = Machines.of(RULES)
    machines.take("a/m", b'{"t": 1790000000, "x": 1}', NOW)
    (late,) = machines.take("a/m", b'{"t": 1780000000, "x": 9}', NOW).samples
    assert late.time_us == 1_780_000_000_000_000
    last = machines.stations["m"].metrics["x"].last
    assert last is not None
    assert last.value == 1
    (ahead,) = machines.take("a/m", b'{"t": 1890000000, "x": 2}', NOW).samples
    assert ahead.time_us == NOW


def test_retained_values_count_only_with_their_time() -> None:
    machines = Machines.of(RULES)
    assert not machines.take("b/m/p", b"1", NOW, is_retained=True).samples
    assert machines.take("a/m", b'{"t": 1790000000, "x": 1}', NOW, is_retained=True).samples


def test_strange_messages_are_counted_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    machines = Machines.of(RULES)
    assert not machines.take("b/m/p", b"rubbish", NOW).samples
    assert not machines.take("elsewhere", b"rubbish", NOW).samples, "another's topic is no fault"
    assert (machines.strange.count, machines.strange.topic) == (1, "b/m/p")
    assert machines.take("b/m/p", b"5", NOW).samples[0].quality is Quality.GOOD
    monkeypatch.setattr(module, "MOST_POINTS", 1)
    assert not machines.take("b/m/q", b"5", NOW).samples
    assert machines.strange.count == 2


def test_who_is_there() -> None:
    machines = Machines.of(RULES)
    machines.take("b/m/p", b"5", NOW)
    assert machines.stations["m"].status().state == "running"
    machines.lose()
    assert machines.stations["m"].status().state == "unreachable"
