"""A Modbus device with moods, for what a well-behaved server never does: holes, limits, exceptions, odd frames."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class StrangeDevice:
    """Register i holds i. ``asked`` lists (function, start, count) of every request."""

    holes: set[int] = field(default_factory=set)
    largest: int = 125
    exception: int = 0
    """Answer everything with this exception code."""
    answers_as: int | None = None
    """Call itself this unit, whoever was asked."""
    raw: bytes | None = None
    """Send these bytes in place of an answer."""
    hangs_up_after: int = 0
    """Close the connection after so many answers."""
    asked: list[tuple[int, int, int]] = field(default_factory=list)
    connections: int = 0

    def answer(self, transaction: int, unit: int, function: int, start: int, count: int) -> bytes:
        """The whole frame."""
        if self.raw is not None:
            return self.raw
        code = self.exception or self._refusal(start, count)
        if code:
            pdu = struct.pack(">BB", function | 0x80, code)
        elif function < 3:
            bits = sum((index % 2) << place for place, index in enumerate(range(start, start + count)))
            size = (count + 7) // 8
            pdu = struct.pack(">BB", function, size) + bits.to_bytes(size, "little")
        else:
            pdu = struct.pack(f">BB{count}H", function, 2 * count, *range(start, start + count))
        own = unit if self.answers_as is None else self.answers_as
        return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, own) + pdu

    def _refusal(self, start: int, count: int) -> int:
        if self.holes & set(range(start, start + count)):
            return 2
        return 3 if count > self.largest else 0

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        answered = 0
        try:
            while not self.hangs_up_after or answered < self.hangs_up_after:
                transaction, _, _, unit, function, start, count = struct.unpack(
                    ">HHHBBHH", await reader.readexactly(12)
                )
                self.asked.append((function, start, count))
                writer.write(self.answer(transaction, unit, function, start, count))
                await writer.drain()
                answered += 1
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(device: StrangeDevice) -> AsyncIterator[int]:
    """The port of ``device``."""
    tasks: set[asyncio.Task[None]] = set()

    async def treat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await device.converse(reader, writer)

    server = await asyncio.start_server(treat, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
