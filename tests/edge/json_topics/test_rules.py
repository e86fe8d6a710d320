"""Messages of every usual shape become readings by a rule; whatever else comes is named and never raises otherwise."""

import json
import re
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.edge.json_topics.rules import Rule, Said, StrangeError, TopicRule
from zhulian.vocabulary.readings import Quality

AT = 1_709_190_245_000_000


def read(rule: TopicRule, topic: str, message: object) -> list[Said]:
    ready = Rule(rule)
    names = ready.match(topic)
    assert names is not None
    return ready.read(names, json.dumps(message).encode())


def test_a_topic_that_names_the_point_and_a_bare_value() -> None:
    rule = TopicRule(topic="factory/{machine}/{point}")
    assert Rule(rule).filter == "factory/+/+"
    assert read(rule, "factory/炉1/温度", 21.5) == [Said("炉1", "温度", 21.5, Quality.GOOD, None, None)]
    assert read(rule, "factory/炉1/状态", "运行")[0].text == "运行"
    assert read(rule, "factory/炉1/开", True)[0].value == 1.0
    assert Rule(rule).match("factory/炉1") is None
    assert Rule(rule).match("other/炉1/温度") is None


def test_a_value_with_time_and_quality_at_their_paths() -> None:
    rule = TopicRule(topic="f/{machine}/{point}", value="d.v", time="d.ts", quality="q")
    (said,) = read(rule, "f/m/p", {"d": {"v": 3, "ts": AT // 1000}, "q": 64})
    assert (said.value, said.time_us, said.quality) == (3.0, AT, Quality.UNCERTAIN)


def test_a_flat_object_is_a_point_for_each_member() -> None:
    rule = TopicRule(topic="{machine}/telemetry", time="ts")
    found = read(
        rule, "press/telemetry", {"ts": "2024-02-29T15:04:05", "a": 1, "b": {"c": 2.5}, "none": None, "l": [1]}
    )
    assert [(said.point, said.value, said.time_us) for said in found] == [("a", 1.0, AT), ("b.c", 2.5, AT)]


def test_machine_and_point_may_stand_in_the_message_and_messages_in_a_list() -> None:
    rule = TopicRule(topic="up/#", machine="dev.id", point="tag", value="val", time="t", quality="ok")
    message = [
        {"dev": {"id": "m1"}, "tag": "p", "val": 1, "t": AT / 1e6, "ok": True},
        {"dev": {"id": 2}, "tag": "p", "val": 2, "t": AT, "ok": False},
    ]
    found = read(rule, "up/data/x", message)
    assert [(one.machine, one.value, one.quality, one.time_us) for one in found] == [
        ("m1", 1.0, Quality.GOOD, AT), ("2", 2.0, Quality.BAD, AT)
    ]  # fmt: skip


def test_a_fixed_name_and_an_object_further_down() -> None:
    rule = TopicRule(topic="energy/meter", name="总表", value="values", time="time")
    found = read(rule, "energy/meter", {"time": AT * 1000, "values": {"P": 1, "time": 5}})
    assert [(one.machine, one.point, one.time_us) for one in found] == [("总表", "P", AT), ("总表", "time", AT)]


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-29T15:04:05",
        "2024-02-29 15:04:05+08:00",
        "2024-02-29T07:04:05Z",
        "1709190245",
        1709190245,
        1709190245000,
    ],
)
def test_times_in_every_usual_form(text: object) -> None:
    (said,) = read(TopicRule(topic="{machine}/{point}", value="v", time="t"), "m/p", {"v": 1, "t": text})
    assert said.time_us == AT == datetime(2024, 2, 29, 7, 4, 5, tzinfo=UTC).timestamp() * 1e6


@pytest.mark.parametrize("topic", ["", "a/b", "a/{machine}x", "a/+b/{machine}", "#/{machine}", "{other}/{machine}"])
def test_what_is_no_rule(topic: str) -> None:
    with pytest.raises(ValueError, match=re.escape(topic) or "^$"):
        Rule(TopicRule(topic=topic))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"null",
        b"[[]]",
        b"[" * 5000,
        b'{"v":[1],"t":1}',
        b'{"v":1}',
        b'{"v":1,"t":"soon"}',
        b'{"v":1,"t":true}',
        b'{"v":1,"t":1e30}',
        b'{"v":1e309,"t":1}',
    ],
)
def test_what_is_no_reading_is_strange_and_nothing_else(body: bytes) -> None:
    rule = Rule(TopicRule(topic="{machine}/{point}", value="v", time="t"))
    with pytest.raises(StrangeError):
        rule.read(("m", "p"), body)


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
messages = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
paths = st.sampled_from(["", ".", "a", "a.b", "v"])


@given(message=messages, point=paths, value=paths, time=paths, quality=paths)
def test_no_message_breaks_a_rule(message: object, point: str, value: str, time: str, quality: str) -> None:
    rule = Rule(TopicRule(topic="{machine}/x", point=point, value=value, time=time, quality=quality))
    with suppress(StrangeError):
        found = rule.read(("m", ""), json.dumps(message).encode())
        assert all(said.machine == "m" and said.point for said in found)


@given(body=st.binary(max_size=60))
def test_no_bytes_break_a_rule(body: bytes) -> None:
    rule = Rule(TopicRule(topic="{machine}/{point}"))
    with suppress(StrangeError):
        assert len(rule.read(("m", "p"), body)) == 1
