"""The conversation on the wire: requests out, answers in, matched by transaction number.

Our own, because it costs a fraction of a general library's CPU and a gateway does nothing else all day (Modbus
Messaging on TCP/IP V1.0b; reads only, functions 1 to 4). An answer that comes after its time is told by its
transaction number and dropped, so it can never be taken for the next one.
"""

import asyncio
import struct
from typing import cast

from zhulian.edge.protocols.modbus_tcp.planner import Request

_HEADER = struct.Struct(">HHHB")
_REQUEST = struct.Struct(">HHHBBHH")
_LONGEST = 254
"""Unit number and the 253 bytes that a serial line could carry (Modbus Messaging V1.0b, 4.1)."""
_ANY_UNIT = frozenset({0, 255})
"""Asks the device at this address itself; what it then calls itself is its own affair."""


class ExceptionAnswer(Exception):  # noqa: N818 - the protocol's own word for it
    """The device answered, and said no. ``code`` is the exception code (Modbus V1.1b3, chapter 7)."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class GarbledAnswer(Exception):  # noqa: N818
    """What came back is no Modbus; the connection cannot be used any further."""


class WrongUnit(Exception):  # noqa: N818
    """Another unit answered: a serial gateway mixed up its devices, or a device insists on a number of its own."""

    def __init__(self, unit: int) -> None:
        super().__init__(unit)
        self.unit = unit


class Conversation(asyncio.Protocol):
    """One TCP connection with one request in flight."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._transaction = self._unit = 0
        self._waiting: asyncio.Future[bytes] | None = None

    @property
    def is_open(self) -> bool:
        """Whether a request can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    async def ask(self, unit: int, request: Request, timeout_s: float) -> bytes:
        """The bytes that ``request`` reads. Raises TimeoutError, ConnectionError, or one of the answers above."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError
        self._transaction, self._unit = self._transaction % 0xFFFF + 1, unit
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        self._transport.write(_REQUEST.pack(self._transaction, 0, 6, unit, request.table, request.start, request.count))
        timer = loop.call_later(timeout_s, self._fail, TimeoutError())
        try:
            return _checked(await self._waiting, request)
        finally:
            timer.cancel()

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        self._received += data
        while len(self._received) >= _HEADER.size:
            transaction, protocol, length, unit = _HEADER.unpack_from(self._received)
            if protocol != 0 or not 2 < length <= _LONGEST:
                self._fail(GarbledAnswer())
                self.close()
                return
            end = length + 6
            if len(self._received) < end:
                return
            answer = bytes(self._received[_HEADER.size : end])
            del self._received[:end]
            if transaction != self._transaction:
                continue  # an answer that comes after its time
            if unit != self._unit and self._unit not in _ANY_UNIT:
                self._fail(WrongUnit(unit))
            elif self._waiting is not None and not self._waiting.done():
                self._waiting.set_result(answer)

    def _fail(self, fault: Exception) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(fault)


def _checked(answer: bytes, request: Request) -> bytes:
    """The data of ``answer``, when it fits ``request``."""
    if answer[0] == request.table | 0x80:
        raise ExceptionAnswer(answer[1])
    bytes_wanted = (request.count + 7) // 8 if request.table.holds_bits else 2 * request.count
    if answer[0] != request.table or answer[1] != bytes_wanted or len(answer) != bytes_wanted + 2:
        raise GarbledAnswer
    return answer[2:]
