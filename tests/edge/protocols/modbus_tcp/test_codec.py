"""The conversation on the wire, byte by byte, without any network."""

import asyncio
import contextlib
import struct
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.edge.protocols.modbus_tcp.addresses import Table
from zhulian.edge.protocols.modbus_tcp.codec import Conversation, ExceptionAnswer, GarbledAnswer, WrongUnit
from zhulian.edge.protocols.modbus_tcp.planner import Request

TWO = Request(Table.HOLDING, 5, 2, ())
ODD_HEADERS = ("0001 0001 0006 01", "0001 0000 0001 01", "0001 0000 00FF 01")
"""Another protocol number; a length too short for any answer; one too long."""
GOOD = bytes.fromhex("03 04 00 01 00 02")


class Wire:
    """The transport's side: keeps what was written."""

    def __init__(self) -> None:
        self.written = b""
        self.is_closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def abort(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed


def connected() -> tuple[Conversation, Wire]:
    conversation, wire = Conversation(), Wire()
    conversation.connection_made(cast(asyncio.Transport, wire))
    return conversation, wire


def frame(transaction: int, pdu: bytes, unit: int = 1, protocol: int = 0) -> bytes:
    return struct.pack(">HHHB", transaction, protocol, len(pdu) + 1, unit) + pdu


async def asked(conversation: Conversation, unit: int = 1, timeout_s: float = 5.0) -> asyncio.Task[bytes]:
    task = asyncio.ensure_future(conversation.ask(unit, TWO, timeout_s))
    await asyncio.sleep(0)
    return task


async def test_a_request_is_what_the_standard_says() -> None:
    conversation, wire = connected()
    task = await asked(conversation, unit=17)
    assert wire.written == bytes.fromhex("0001 0000 0006 11 03 0005 0002")
    conversation.data_received(frame(1, GOOD, unit=17))
    assert await task == bytes.fromhex("00010002")


@given(st.lists(st.integers(1, 12), min_size=1))
def test_an_answer_may_come_in_any_pieces(sizes: list[int]) -> None:
    async def scenario() -> bytes:
        conversation, _ = connected()
        task = await asked(conversation)
        rest = frame(1, GOOD)
        for size in [*sizes, len(rest)]:
            conversation.data_received(rest[:size])
            rest = rest[size:]
        return await task

    assert asyncio.run(scenario()) == bytes.fromhex("00010002")


async def test_a_late_answer_is_dropped_even_glued_to_the_right_one() -> None:
    conversation, _ = connected()
    with pytest.raises(TimeoutError):
        await (await asked(conversation, timeout_s=0.01))
    task = await asked(conversation)
    conversation.data_received(frame(1, bytes.fromhex("03 04 FFFF FFFF")) + frame(2, GOOD))
    assert await task == bytes.fromhex("00010002")


async def test_an_answer_nobody_asked_for_is_dropped() -> None:
    conversation, _ = connected()
    conversation.data_received(frame(0, GOOD) + frame(7, GOOD))
    task = await asked(conversation)
    conversation.data_received(frame(1, GOOD))
    assert await task == bytes.fromhex("00010002")


@pytest.mark.parametrize("pdu", ["83 02", "03 02 0001", "03 04 0001", "03 06 000100020003", "04 04 00010002", "90 01"])
async def test_what_does_not_fit_the_request_is_never_a_value(pdu: str) -> None:
    conversation, _ = connected()
    task = await asked(conversation)
    conversation.data_received(frame(1, bytes.fromhex(pdu)))
    with pytest.raises((ExceptionAnswer, GarbledAnswer)):
        await task


@pytest.mark.parametrize("start", [b"HTTP/1.1 400 Bad", *map(bytes.fromhex, ODD_HEADERS)])
async def test_what_is_no_modbus_ends_the_conversation(start: bytes) -> None:
    conversation, wire = connected()
    task = await asked(conversation)
    conversation.data_received(start)
    with pytest.raises(GarbledAnswer):
        await task
    assert wire.is_closed
    assert not conversation.is_open


async def test_another_unit_is_not_believed() -> None:
    conversation, _ = connected()
    task = await asked(conversation, unit=3)
    conversation.data_received(frame(1, GOOD, unit=4))
    with pytest.raises(WrongUnit) as caught:
        await task
    assert caught.value.unit == 4


@pytest.mark.parametrize("unit", [0, 255])
async def test_the_device_itself_may_call_itself_anything(unit: int) -> None:
    conversation, _ = connected()
    task = await asked(conversation, unit=unit)
    conversation.data_received(frame(1, GOOD, unit=1))
    assert await task == bytes.fromhex("00010002")


async def test_a_lost_connection_ends_the_wait_at_once() -> None:
    conversation, _ = connected()
    task = await asked(conversation)
    conversation.connection_lost(None)
    with pytest.raises(ConnectionResetError):
        await task


async def test_transaction_numbers_go_round_without_zero() -> None:
    conversation, wire = connected()
    conversation._transaction = 0xFFFF
    task = await asked(conversation)
    assert wire.written[:2] == b"\x00\x01"
    conversation.data_received(frame(1, GOOD))
    await task


@given(st.lists(st.binary(max_size=40), max_size=10))
def test_any_bytes_at_all_are_an_answer_or_a_named_fault(pieces: list[bytes]) -> None:
    async def scenario() -> None:
        conversation, wire = connected()
        task = await asked(conversation, timeout_s=0.001)
        for piece in pieces:
            if wire.is_closed:
                break
            conversation.data_received(piece)
        with contextlib.suppress(TimeoutError, ExceptionAnswer, GarbledAnswer, WrongUnit):
            assert len(await task) == 4

    asyncio.run(scenario())
