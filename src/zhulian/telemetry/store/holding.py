"""One process a store folder, said kindly: chDB's own refusal does not tell what is wrong or what to do."""

import fcntl
import os
from pathlib import Path

from zhulian.telemetry.store.errors import store_in_use, store_unopenable

LOCK_FILE = "in-use"


class Holding:
    """The folder is ours until :meth:`release` or the end of the process."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @classmethod
    def take(cls, folder: Path) -> "Holding":
        """Make ``folder`` if needed and hold it. Raises StoreError store_in_use."""
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as fault:
            raise store_unopenable(str(folder), str(fault)) from fault
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise store_in_use(str(folder)) from None
        return cls(handle)

    def release(self) -> None:
        """Let others in. Safe to call twice."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
