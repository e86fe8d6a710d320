"""Bodies squeezed and unsqueezed as the client asks: lz4 and zstd frames, gzip, through Arrow's own codecs."""

import io
from collections.abc import Iterator

import pyarrow as pa

from zhulian.telemetry.store.drain import Drain

CODECS = {"lz4": "lz4", "zstd": "zstd", "gzip": "gzip", "br": "brotli"}
"""HTTP's names → Arrow's."""
PIECE_BYTES = 1024 * 1024
_PREFERRED = ("lz4", "zstd", "gzip")


def chosen(accepted: str) -> str | None:
    """What to answer with, out of an Accept-Encoding header: the cheapest that the client reads."""
    names = {part.partition(";")[0].strip().lower() for part in accepted.split(",")}
    return next((name for name in _PREFERRED if name in names), None)


def packed(chunks: Iterator[bytes], coding: str) -> Iterator[bytes]:
    """``chunks`` in content coding ``coding``, one piece out for each piece in."""
    sink = Drain()
    with pa.CompressedOutputStream(pa.PythonFile(sink, "w"), CODECS[coding]) as stream:
        for chunk in chunks:
            stream.write(chunk)
            stream.flush()
            yield sink.take()
    yield sink.take()


def unpacked(chunks: Iterator[bytes], coding: str) -> Iterator[bytes]:
    """The inverse; frames may follow each other. Raises OSError when the bytes are not of ``coding``."""
    with pa.CompressedInputStream(pa.PythonFile(_Source(chunks), "r"), CODECS[coding]) as stream:
        while piece := stream.read(PIECE_BYTES):
            yield piece


class _Source(io.RawIOBase):
    """Chunks as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._rest = chunk
        size = len(self._rest) if size < 0 else size
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece
