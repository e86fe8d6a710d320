"""Gateways whose readings carry their own sequence number as value, so that afterwards each can be looked for."""

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa

from zhulian.cli.bench.chain.process import Telemetry
from zhulian.vocabulary.clock import system_clock
from zhulian.wire import lane
from zhulian.wire.batch import SCHEMA, encode

ROWS = 200
"""Readings in a batch."""
LONGEST_WAIT_S = 0.5
"""A gateway would wait as long as it is told; this one comes back sooner, so that a round does not take minutes."""
DAY_US = 86_400 * 10**6


@dataclass(frozen=True, slots=True)
class Traffic:
    """What each gateway sends. ``rows_per_s`` 0 is as fast as it is taken; a paced one sends readings as they occur."""

    rows: int = ROWS
    points: int = 2
    rows_per_s: float = 0.0
    apart_us: int = 1
    """Between the times of two readings, where they are sent as fast as possible."""
    days: int = 2
    """Batches go round over today and the days before; times of each begin at its midnight (UTC), unless paced."""
    sent_again: float = 0.2
    """How many batches are sent once more although they were acknowledged."""


class Promise(NamedTuple):
    """Readings that were acknowledged, and what their values add up to."""

    rows: int
    total: float


class NumberedGateway(threading.Thread):
    """Gateway ``number`` of enterprise ``number`` sends batch after batch, each until it hears 200."""

    def __init__(self, telemetry: Telemetry, number: int, traffic: Traffic) -> None:
        super().__init__(daemon=True)
        self.number = number
        self._traffic = traffic
        self.acknowledged = 0
        """All readings from 1 to this one were acknowledged."""
        self.refusals: Counter[int] = Counter()
        """Answers other than 200 by status; 0 counts refusals that did not say when to come back."""
        self.turns, self.is_cut = 0, False
        """How often the line was cut or mended, and whether it is cut now; nothing is heard over a cut line."""
        self.fault = ""
        """An answer that ends this gateway: the platform refused a batch for good."""
        self._port = telemetry.lane_port
        self._telemetry, self.token = telemetry, telemetry.token(number)
        self._is_renewed = False
        self._chance = random.Random(number)  # noqa: S311 - a repeatable run
        now_us = system_clock()
        self._started_us = now_us if traffic.rows_per_s else now_us - now_us % DAY_US
        self._line: http.client.HTTPConnection | None = None
        self._wanted, self._idle, self._is_over = threading.Event(), threading.Event(), False
        self._wanted.set()

    def run(self) -> None:
        """Until :meth:`end`, at work at once; nothing is sent between :meth:`pause` and :meth:`go_on`."""
        rows, began_s = self._traffic.rows, time.monotonic()
        while not self._is_over:
            again = self.acknowledged and self._chance.random() < self._traffic.sent_again
            first = self.acknowledged + 1 - (rows if again else 0)
            while not self._is_over and not self._take(first):
                pass
            if self.fault:
                break
            self.acknowledged = max(self.acknowledged, first + rows - 1)
            if self._traffic.rows_per_s:
                due_s = began_s + self.acknowledged / self._traffic.rows_per_s
                time.sleep(max(due_s - time.monotonic(), 0.0))
            if not self._wanted.is_set():
                self._idle.set()
                self._wanted.wait()
        self._idle.set()

    def go_on(self) -> None:
        """Send."""
        self._idle.clear()
        self._wanted.set()

    def pause(self, within_s: float) -> None:
        """Send nothing more; returns when the batch on its way is acknowledged. Raises TimeoutError."""
        self._wanted.clear()
        if not self._idle.wait(within_s):
            raise TimeoutError(f"gateway {self.number}: {self.fault or f'not acknowledged within {within_s} s'}")

    def end(self) -> None:
        """Let go; a batch that is never acknowledged does not hold up the end."""
        self._is_over = True
        self._wanted.set()

    @property
    def promised(self) -> Iterator[tuple[int, Promise]]:
        """What was acknowledged of each day (counted from 1970, UTC); not for a paced gateway."""
        rows, days = self._traffic.rows, self._traffic.days
        batches = np.arange(self.acknowledged // rows)
        totals = batches * rows**2 + rows * (rows + 1) / 2
        for late in range(days):
            mine = totals[late::days]
            yield self._started_us // DAY_US - late, Promise(rows * len(mine), float(mine.sum()))

    def _take(self, first: int) -> bool:
        """One attempt; True when it was acknowledged, or never will be."""
        turns = self.turns
        try:
            status, wait_s = self._post(first)
            if self.is_cut or turns != self.turns:
                raise ConnectionResetError("whatever was said, the line was dead")
        except (OSError, http.client.HTTPException):
            self._hang_up()
            time.sleep(0.02)
            return False
        if status == http.HTTPStatus.OK:
            self._is_renewed = False
            return True
        if status == http.HTTPStatus.UNAUTHORIZED and not self._is_renewed:  # tokens last for minutes only
            self.token, self._is_renewed = self._telemetry.token(self.number), True
            return False
        self.refusals[status] += 1
        if status not in {http.HTTPStatus.TOO_MANY_REQUESTS, http.HTTPStatus.SERVICE_UNAVAILABLE}:
            self.fault = f"{status} for readings from {first}"
            return True
        self.refusals[0] += wait_s is None
        time.sleep(min(wait_s or LONGEST_WAIT_S, LONGEST_WAIT_S))
        return False

    def _post(self, first: int) -> tuple[int, float | None]:
        if self._line is None:
            self._line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        numbers = {lane.H_FIRST: str(first), lane.H_LAST: str(first + self._traffic.rows - 1)}
        headers = {"Authorization": f"Bearer {self.token}", lane.H_EPOCH: "life", lane.H_SENT: str(system_clock())}
        self._line.request("POST", lane.BATCHES, self._body(first), headers | numbers)
        answer = self._line.getresponse()
        answer.read()
        told = answer.headers["Retry-After"]
        return answer.status, float(told) if told else None

    def _body(self, first: int) -> bytes:
        """Each number at a time of its own, over all points in turn."""
        traffic = self._traffic
        numbers = np.arange(first, first + traffic.rows)
        apart_us = 10**6 / traffic.rows_per_s if traffic.rows_per_s else traffic.apart_us
        late_us = first // traffic.rows % traffic.days * DAY_US
        times = self._started_us + (numbers * apart_us).astype(np.int64) - late_us
        columns = [1 + numbers % traffic.points, times, numbers, [None] * traffic.rows, np.zeros(traffic.rows)]
        arrays = [pa.array(column).cast(field.type) for column, field in zip(columns, SCHEMA, strict=True)]
        return encode(pa.RecordBatch.from_arrays(arrays, schema=SCHEMA))

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


class Gateways:
    """Some of them at once; entered and left as a whole."""

    def __init__(self, telemetry: Telemetry, count: int, traffic: Traffic | None = None) -> None:
        self.each = [NumberedGateway(telemetry, number, traffic or Traffic()) for number in range(1, count + 1)]

    def go_on(self) -> None:
        """All send."""
        for gateway in self.each:
            gateway.go_on()

    def lose_line(self) -> None:
        """Whatever is answered from here on is not heard, until :meth:`mend_line`."""
        self._turn(is_cut=True)

    def mend_line(self) -> None:
        """What is sent from here on is heard again."""
        self._turn(is_cut=False)

    def _turn(self, *, is_cut: bool) -> None:
        for gateway in self.each:
            gateway.is_cut = is_cut
            gateway.turns += 1

    def pause(self, within_s: float = 60.0) -> None:
        """None sends, and whatever was on its way is acknowledged. Raises TimeoutError, RuntimeError."""
        for gateway in self.each:
            gateway.pause(within_s)
            if gateway.fault:
                raise RuntimeError(f"gateway {gateway.number}: {gateway.fault}")

    @property
    def acknowledged(self) -> dict[int, int]:
        """Enterprise → how many readings it was promised."""
        return {gateway.number: gateway.acknowledged for gateway in self.each}

    @property
    def promised(self) -> dict[tuple[int, int], Promise]:
        """The same by enterprise and day."""
        return {(gateway.number, day): promise for gateway in self.each for day, promise in gateway.promised}

    @property
    def refusals(self) -> Counter[int]:
        """Of all together, by status."""
        return sum((gateway.refusals for gateway in self.each), Counter())

    def __enter__(self) -> Self:
        for gateway in self.each:
            gateway.start()
        return self

    def __exit__(self, *_: object) -> None:
        for gateway in self.each:
            gateway.end()
