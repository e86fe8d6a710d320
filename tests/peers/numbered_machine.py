"""A machine that numbers its readings at the source: a Modbus TCP server whose first two registers count the reads.

Each unit id has a counter of its own, an unsigned 32-bit integer in registers 0 and 1 (big endian). A read of them
first raises the counter, so no two reads ever see the same number. Every number served is kept, with the time.
Written from the Modbus Application Protocol V1.1b3 for the durability test; it shares no code with the driver.
"""

import socketserver
import struct
import threading
import time
from collections import defaultdict
from types import TracebackType
from typing import NamedTuple, Self


class Served(NamedTuple):
    """One number that left the machine, and when."""

    number: int
    monotonic_s: float


class NumberedMachine:
    """Serves on a free loopback port until left. ``served[unit]`` lists what each counter has given away."""

    def __init__(self) -> None:
        self.served: dict[int, list[Served]] = defaultdict(list)
        self.is_resting = False
        """Set to end the counting: every read is then answered "server device busy"."""
        self._lock = threading.Lock()
        machine = self

        class Conversation(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                while (head := _exactly(self.request, 7)) is not None:
                    transaction, _, length, unit = struct.unpack(">HHHB", head)
                    request = _exactly(self.request, length - 1)
                    if request is None:
                        return
                    answer = machine.answer(unit, request)
                    self.request.sendall(struct.pack(">HHHB", transaction, 0, len(answer) + 1, unit) + answer)

        self._server = _Server(("127.0.0.1", 0), Conversation)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> str:
        """``host:port`` as a gateway wants it."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def answer(self, unit: int, request: bytes) -> bytes:
        """Function 3 over registers 0..1 counts; everything else is an exception answer."""
        function, start, count = struct.unpack(">BHH", request[:5])
        if (function, start, count) != (3, 0, 2):
            return bytes([function | 0x80, 2 if function == 3 else 1])
        if self.is_resting:
            return bytes([function | 0x80, 6])
        with self._lock:
            numbers = self.served[unit]
            number = len(numbers) + 1
            numbers.append(Served(number, time.monotonic()))
        return struct.pack(">BBI", 3, 4, number)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def _exactly(connection: object, count: int) -> bytes | None:
    received = b""
    while len(received) < count:
        try:
            piece = connection.recv(count - len(received))  # type: ignore[attr-defined]
        except OSError:
            return None
        if not piece:
            return None
        received += piece
    return received
