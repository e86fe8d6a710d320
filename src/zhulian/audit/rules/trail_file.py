"""The exported file, line by line: a header, entries with anchors between them, and a signed closing line.

The same range with the same anchors gives the same bytes: nothing in the file says when it was written.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from zhulian.audit.rules.canonical import Entry, canonical
from zhulian.audit.rules.heads import CLOSING_PURPOSE, Head, sign
from zhulian.wire.credentials import public_text

FORMAT: Final = "zhulian-audit"
VERSION: Final = 1


class Digest(Protocol):
    """A hash that grows with the file."""

    def update(self, data: bytes) -> None:
        """More of the file."""

    def hexdigest(self) -> str:
        """The hash of everything so far."""


class _Sm3:
    def __init__(self) -> None:
        self._hash = hashes.Hash(hashes.SM3())

    def update(self, data: bytes) -> None:
        self._hash.update(data)

    def hexdigest(self) -> str:
        return self._hash.copy().finalize().hex()


def digest_of(algorithm: str) -> Digest:
    """An empty digest; ``algorithm`` is one of ``canonical.HASHES``."""
    return _Sm3() if algorithm == "sm3" else hashlib.sha256()


def lines(
    entries: Iterable[Entry], anchors: Iterable[Head], *, first: int, previous: str, key: Ed25519PrivateKey,
    algorithm: str = "sha256",
) -> Iterator[bytes]:  # fmt: skip
    """The file for the unbroken ``entries`` from number ``first`` on, whose predecessor has the hash ``previous``.

    ``anchors`` come in the order of their numbers; each is written after the entry that it signs.
    """
    digest, last, hash_so_far = digest_of(algorithm), first - 1, previous
    head = {"kind": "header", "format": FORMAT, "version": VERSION, "algorithm": algorithm}
    header = head | {"first": first, "previous": previous, "key": public_text(key)}
    for line in _body(header, entries, anchors):
        digest.update(line[0])
        if line[1] is not None:
            last, hash_so_far = line[1].sequence, line[1].hash
        yield line[0]
    closing: dict[str, object] = {"kind": "closing", "entries": last - first + 1, "last": last, "hash": hash_so_far}
    closing |= {"digest": digest.hexdigest(), "key": public_text(key)}
    yield canonical(closing | {"signature": sign(key, CLOSING_PURPOSE, closing)}) + b"\n"


def _body(
    header: Mapping[str, object], entries: Iterable[Entry], anchors: Iterable[Head]
) -> Iterator[tuple[bytes, Entry | None]]:
    yield canonical(header) + b"\n", None
    waiting = iter(anchors)
    anchor = next(waiting, None)
    for entry in entries:
        yield entry.line(), entry
        while anchor is not None and anchor.sequence <= entry.sequence:
            if anchor.sequence == entry.sequence:
                yield anchor.line(), None
            anchor = next(waiting, None)
