"""Whoever writes while ``zhulian bench query`` asks, in a process of its own."""

import http.client
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from typing import TypeVar

from zhulian.cli.bench.recording import recording
from zhulian.vocabulary.clock import system_clock
from zhulian.wire import lane
from zhulian.wire.batch import encode

WRITER = 9_999
"""The gateway and enterprise that writes."""
BATCH_ROWS = 10_000
BATCHES_PER_S = 5
T = TypeVar("T")
Address = tuple[tuple[int, str], int]
"""The lane's port and a token; from when on the readings are."""
_spawned = multiprocessing.get_context("spawn")


@contextmanager
def writing(write: Callable[[T, Event], None], where: T) -> Iterator[None]:
    """While inside, ``write(where, stop)`` runs in a process of its own."""
    stop = _spawned.Event()
    process = _spawned.Process(target=write, args=(where, stop), daemon=True)
    process.start()
    time.sleep(2)
    try:
        yield
    finally:
        stop.set()
        process.join(20)


def write_platform(address: Address, stop: Event) -> None:
    """Batches to the gateway lane, :data:`BATCHES_PER_S` a second."""
    (port, token), start_us = address
    source = recording()
    headers = {"Authorization": f"Bearer {token}", lane.H_EPOCH: f"bench-query-{system_clock()}"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    first, next_s = 0, time.monotonic()
    while not stop.wait(max(0.0, next_s - time.monotonic())):
        next_s += 1 / BATCHES_PER_S
        numbers = {lane.H_FIRST: str(first + 1), lane.H_LAST: str(first + BATCH_ROWS), lane.H_SENT: str(system_clock())}
        body = encode(source.batch(first, BATCH_ROWS, WRITER, start_us))
        connection.request("POST", lane.BATCHES, body, headers | numbers)
        connection.getresponse().read()
        first += BATCH_ROWS
