"""A line to a machine that a test can hold: what the machine says is kept back until it is released."""

import asyncio
import contextlib
from types import TracebackType
from typing import Self


class SlowLine:
    """Relays a free loopback port to ``target_port`` in the test's own loop."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.port = 0
        self._flows = asyncio.Event()
        self._flows.set()
        self._relays: set[asyncio.Task[None]] = set()

    def hold(self) -> None:
        """Keep back whatever the machine answers from now on."""
        self._flows.clear()

    def release(self) -> None:
        """Let it through, late as it is."""
        self._flows.set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for relay in self._relays:
            relay.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._relays.add(task)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
        up = asyncio.ensure_future(self._pump(reader, far_writer, is_answer=False))
        try:
            await self._pump(far_reader, writer, is_answer=True)
        finally:
            up.cancel()
            far_writer.transport.abort()
            writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if is_answer:
                    await self._flows.wait()
                writer.write(data)
        writer.close()
