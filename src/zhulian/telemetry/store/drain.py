"""A file that is only written, and emptied in between: what Arrow's writers write comes out piece by piece."""

import io


class Drain(io.RawIOBase):
    """Keeps what is written until it is taken; stays readable to :meth:`take` after close."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | memoryview) -> int:  # type: ignore[override]  # only ever bytes-like here
        self._pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """What was written since the last time."""
        taken, self._pieces = b"".join(self._pieces), []
        return taken
