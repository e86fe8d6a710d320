"""The small messages of the lane: a round trip each, and limits that fit together."""

import msgspec
import pytest

from zhulian.wire import asks, lane, status
from zhulian.wire.configuration import read_json

MESSAGES = [
    lane.Received(rows=3, duplicate=True, clock_offset_us=-5),
    lane.Enrolment(code="ABCD-EFGH", public_key="a2V5", name="东车间网关", version="0.1.0"),
    lane.Enrolled(gateway=1, enterprise="示例钢厂", ingest_url="http://127.0.0.1:8001"),
    lane.TokenRequest(assertion="a.b.c"),
    lane.TokenAnswer(token="a.b.c", lasts_s=600, ingest_url="http://127.0.0.1:8001"),
    asks.Ask(kind="ping"),
    asks.Reply(id="1", fault={"code": "unreachable"}),
    status.GatewayStatus(version="0.1.0", outbox_rows=7),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_every_message_comes_back_as_it_went(message: msgspec.Struct) -> None:
    assert read_json(msgspec.json.encode(message), type(message)) == message


def test_a_full_batch_fits_into_a_request() -> None:
    bytes_a_row = 4 + 8 + 8 + 1
    assert lane.LARGEST_BATCH_ROWS * bytes_a_row < lane.LARGEST_BATCH_BYTES


def test_no_two_addresses_collide() -> None:
    addresses = [lane.BATCHES, lane.STREAM, lane.REPLIES, status.STATUS]
    addresses += [lane.ENROL, lane.TOKEN, lane.CONFIGURATION, lane.DECLARE]
    assert len(set(addresses)) == len(addresses)


def test_a_ping_is_small_on_the_line() -> None:
    """It goes to every gateway every few seconds, over lines that may be paid for by the megabyte."""
    assert msgspec.json.encode(asks.Ask(kind="ping")) == b'{"kind":"ping"}'
