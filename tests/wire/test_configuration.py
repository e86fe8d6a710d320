"""The desired configuration: a round trip, and a message that names the place when something is wrong."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.wire.asks import Ask, Node, PointResult, Reply
from zhulian.wire.configuration import ConfigurationError, DeviceConfig, GatewayConfig, PointConfig, read_json
from zhulian.wire.status import DeviceStatus, GatewayStatus

WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
FAULTS = st.dictionaries(WORDS, WORDS, max_size=3)
POINTS = st.builds(
    PointConfig, id=st.integers(0, 2**32 - 1), name=WORDS, address=WORDS, scale=NUMBERS, low=st.none() | NUMBERS
)
DEVICES = st.builds(
    DeviceConfig,
    name=WORDS,
    protocol=WORDS,
    address=WORDS,
    options=st.dictionaries(WORDS, st.booleans() | st.integers(-9, 9) | WORDS, max_size=3),
    points=st.lists(POINTS, max_size=3).map(tuple),
)
MESSAGES = st.one_of(
    st.builds(GatewayConfig, version=st.integers(0, 9), devices=st.lists(DEVICES, max_size=3).map(tuple)),
    st.builds(Ask, kind=st.sampled_from(["ping", "try"]), id=WORDS, device=st.none() | DEVICES, node=WORDS),
    st.builds(
        Reply,
        id=WORDS,
        points=st.lists(st.builds(PointResult, name=WORDS, value=st.none() | NUMBERS), max_size=3).map(tuple),
        nodes=st.lists(st.builds(Node, address=WORDS, name=WORDS, is_folder=st.booleans()), max_size=3).map(tuple),
        fault=st.none() | FAULTS,
    ),
    st.builds(
        GatewayStatus,
        version=WORDS,
        devices=st.lists(
            st.builds(DeviceStatus, name=WORDS, state=st.sampled_from(["running", "paused"]), fault=st.none() | FAULTS),
            max_size=2,
        ).map(tuple),
    ),
)


@given(MESSAGES)
def test_every_message_comes_back_as_it_went(message: msgspec.Struct) -> None:
    assert read_json(msgspec.json.encode(message), type(message)) == message


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"devices":[{"name":"a","protocol":"p","address":"x","timeout_s":"soon"}]}', "$.devices[0].timeout_s"),
        (b'{"devices":[{"name":"a","protocol":"p","address":"x","adress":"y"}]}', "adress"),
        (b'{"devices":[{"protocol":"p","address":"x"}]}', "name"),
        (b'{"devices":[{"name":"a","protocol":"p","address":"x","points":[{"name":"b"}]}]}', "points[0]"),
        (b'{"version":', "configuration_unreadable"),
        (b'{"unknown":' + b"[" * 200_000, "configuration_unreadable"),
        (b'{"devices":[{"name":"\xff"}]}', "configuration_unreadable"),
    ],
)
def test_a_wrong_configuration_names_the_place(body: bytes, place: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_json(body, GatewayConfig)
    assert place in caught.value.what.zh + caught.value.what.en + caught.value.code


@given(st.binary(max_size=80))
def test_noise_is_a_configuration_error(noise: bytes) -> None:
    with pytest.raises(ConfigurationError):
        read_json(noise, DeviceConfig)
