"""How often a key may be used: one count for all web workers of this machine, in a file that they share.

The generic cell rate algorithm (ITU-T I.371): a key may be used ``per_minute`` times at once, and gains a call every
``60 / per_minute`` seconds. All that is kept of a key is one number, the time at which its account is even again.
"""

import fcntl
import os
import struct
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zhulian.vocabulary.clock import Clock

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
_TIME = struct.Struct("<q")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left after a call. ``retry_after_s`` is 0 when it is allowed; after ``even_after_s``, all is left."""

    per_minute: int
    left: int
    retry_after_s: int
    even_after_s: int

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-10 says it."""
        found = {
            "RateLimit-Policy": f'"key";q={self.per_minute};w=60',
            "RateLimit": f'"key";r={self.left};t={self.retry_after_s or self.even_after_s}',
        }
        return found | ({"Retry-After": str(self.retry_after_s)} if self.retry_after_s else {})


class Limits:
    """Counts calls by key. Any number of processes and threads may share one file."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._threads = threading.Lock()
        self._handle = -1

    def take(self, key: int, per_minute: int) -> Allowance:
        """Count one call, if it is allowed: a call that is refused costs nothing."""
        with self._threads:  # file locks are between processes only
            handle = self._open()
            fcntl.lockf(handle, fcntl.LOCK_EX, _TIME.size, key * _TIME.size)
            try:
                return self._take(handle, key * _TIME.size, per_minute)
            finally:
                fcntl.lockf(handle, fcntl.LOCK_UN, _TIME.size, key * _TIME.size)

    def _take(self, handle: int, place: int, per_minute: int) -> Allowance:
        now_us, step_us = self._clock(), MINUTE_US // per_minute
        kept = os.pread(handle, _TIME.size, place)
        even_us = max(now_us, _TIME.unpack(kept)[0] if len(kept) == _TIME.size else 0)
        if even_us > now_us + MINUTE_US + SECOND_US:  # a clock that was set back must not lock a key out
            even_us = now_us
        if (early_us := even_us + step_us - now_us - MINUTE_US) > 0:
            return Allowance(per_minute, 0, _seconds(early_us), _seconds(even_us - now_us))
        even_us += step_us
        os.pwrite(handle, _TIME.pack(even_us), place)
        left = (now_us + MINUTE_US - even_us) // step_us
        return Allowance(per_minute, left, 0, _seconds(even_us - now_us))

    def _open(self) -> int:
        """One descriptor for the life of the process: closing any would give up the locks of all."""
        if self._handle < 0:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._handle


def _seconds(time_us: int) -> int:
    return -(-time_us // SECOND_US)
