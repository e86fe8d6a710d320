"""Work in the store beside the traffic, so that a strike falls into it: it is begun again and again, dead or alive."""

import contextlib
import http.client
import threading
from collections.abc import Callable
from typing import Self

from zhulian.cli.bench.chain.process import RefusedError

REST_S = 0.02


class Beside(threading.Thread):
    """Does ``work`` over and over while entered; leaving it waits for the piece that is under way.

    A process that is gone ends a piece, and so does one that refuses it because its disk is gone. What is wrong for
    good shows when the work is done once more with nothing beside it.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._ending = threading.Event()

    def run(self) -> None:
        """Until it is left."""
        while not self._ending.wait(REST_S):
            with contextlib.suppress(OSError, http.client.HTTPException, RefusedError):
                self._work()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self.join()
