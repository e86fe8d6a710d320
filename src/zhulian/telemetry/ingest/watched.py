"""A small JSON file that the portal writes and the lane looks at again every two seconds: revoked gateways, quotas."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.readings import TimeUs

LOOK_AGAIN_US = 2_000_000
T = TypeVar("T")
log = logging.getLogger(__name__)


class Watched(Generic[T]):
    """The file's value by ``read``; ``empty`` without a file, and the last good one while it cannot be read."""

    def __init__(self, path: Path, clock: Clock, empty: T, read: Callable[[bytes], T]) -> None:
        self._path = path
        self._clock = clock
        self._empty = self._value = empty
        self._read = read
        self._looked_us = TimeUs(0)
        self._seen: tuple[int, int] | None = None

    def value(self) -> T:
        """What the file says, at most two seconds ago."""
        now_us = self._clock()
        if abs(now_us - self._looked_us) >= LOOK_AGAIN_US:
            self._looked_us = now_us
            self._look()
        return self._value

    def _look(self) -> None:
        try:
            stat = self._path.stat()
            found = (stat.st_mtime_ns, stat.st_size)
            if found == self._seen:
                return
            content = self._path.read_bytes()
        except FileNotFoundError:
            self._seen, self._value = None, self._empty
            return
        except OSError as fault:  # for the moment: it is tried again
            log.error("%s 读不出，沿用上一份 / not to be had, keeping the last one: %s", self._path, fault)
            return
        try:
            self._value = self._read(content)
        except (ValueError, TypeError) as fault:
            log.error("%s 读不懂，沿用上一份 / unreadable, keeping the last one: %s", self._path, fault)
        self._seen = found
