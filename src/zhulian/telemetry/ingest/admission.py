"""Who may come in, and how much at once: tokens, revoked gateways, limits. Decided before a body is read."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from zhulian.telemetry.ingest import errors
from zhulian.telemetry.ingest.quotas import Quotas
from zhulian.telemetry.ingest.watched import Watched
from zhulian.vocabulary.clock import Clock
from zhulian.wire.credentials import GatewayToken, verify_token

AT_ONCE_PER_GATEWAY = 4
BYTES_AT_ONCE = 256 * 1024 * 1024
REMEMBERED_TOKENS = 10_000


class RevokedList:
    """Ids of revoked gateways, written by the portal as a JSON list. A broken list keeps the last good one."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._file: Watched[frozenset[int]] = Watched(path, clock, frozenset(), _ids)

    def __contains__(self, gateway: int) -> bool:
        return gateway in self._file.value()


def _ids(content: bytes) -> frozenset[int]:
    return frozenset(int(gateway) for gateway in json.loads(content))


class Admission:
    """Checks every request of the lane."""

    def __init__(self, platform_key: Ed25519PublicKey, revoked: RevokedList, quotas: Quotas, clock: Clock) -> None:
        self._key = platform_key
        self.revoked = revoked
        self.quotas = quotas
        self._clock = clock
        self._verified: dict[str, GatewayToken] = {}
        self._at_once: Counter[int] = Counter()
        self._bytes = 0

    def identify(self, authorization: str | None) -> GatewayToken:
        """The gateway behind an ``Authorization`` header. Raises CredentialError or IngestError (both 401)."""
        kind, _, token = (authorization or "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise errors.no_token()
        found = self._verify(token)
        if found.gateway in self.revoked:
            raise errors.revoked()
        return found

    def _verify(self, token: str) -> GatewayToken:
        """A signature is checked once a token; a remembered token still expires."""
        now_us = self._clock()
        known = self._verified.get(token)
        if known is not None and now_us < known.expires_us:
            return known
        self._verified.pop(token, None)
        found = verify_token(token, self._key, now_us)
        if len(self._verified) >= REMEMBERED_TOKENS:
            self._verified.clear()
        self._verified[token] = found
        return found

    @contextmanager
    def at_once(self, gateway: int, size_bytes: int) -> Iterator[None]:
        """Hold a place for one batch. Raises IngestError 429 (this gateway's places are taken) or 503 (all are)."""
        if self._at_once[gateway] >= AT_ONCE_PER_GATEWAY:
            raise errors.too_busy(AT_ONCE_PER_GATEWAY)
        if self._bytes and self._bytes + size_bytes > BYTES_AT_ONCE:
            raise errors.crowded()
        self._at_once[gateway] += 1
        self._bytes += size_bytes
        try:
            yield
        finally:
            self._bytes -= size_bytes
            self._at_once[gateway] -= 1
            if not self._at_once[gateway]:
                del self._at_once[gateway]
