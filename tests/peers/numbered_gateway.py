"""Gateways whose readings carry their own sequence number as value, so that afterwards each can be looked for."""

import http.client
import random
import threading
import time
from collections.abc import Sequence

from peers.telemetry_process import Sender, TelemetryProcess
from zhulian.telemetry.store.rollups import OF_POINTS
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.readings import PointId, Reading, TimeUs
from zhulian.wire.batch import encode, from_readings

ROWS = 50
"""Readings in a batch."""


def body_of(first: int, started_us: int, rows: int = ROWS) -> bytes:
    """Numbered readings over two points and, now and then, two days."""
    day_us = 86_400 * 10**6 * (first // ROWS % 2)
    readings = [
        Reading(PointId(1 + n % 2), TimeUs(started_us - day_us + n), float(n)) for n in range(first, first + rows)
    ]
    return encode(from_readings(readings))


class NumberedGateway(threading.Thread):
    """Sends batch after batch, each until it hears 200, and some of them again afterwards."""

    def __init__(self, telemetry: TelemetryProcess, gateway: int) -> None:
        super().__init__(daemon=True)
        self._sender = Sender(telemetry, gateway, tenant=gateway)
        self._chance = random.Random(gateway)
        self._started_us = system_clock()
        self.acknowledged = 0
        self.duplicates = 0
        self.is_wanted = True

    def run(self) -> None:
        while self.is_wanted:
            first = self.acknowledged + 1
            if self.acknowledged and self._chance.random() < 0.2:
                first -= ROWS
            self._send_until_taken(first)
            self.acknowledged = max(self.acknowledged, first + ROWS - 1)

    def _send_until_taken(self, first: int) -> None:
        body = body_of(first, self._started_us)
        while True:
            try:
                status, answer = self._sender.send(first, first + ROWS - 1, body)
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
                continue
            if status == 200:
                self.duplicates += answer["duplicate"]
                return
            assert status == 503, answer


def assert_exactly_once(telemetry: TelemetryProcess, gateways: Sequence[NumberedGateway]) -> None:
    """Rows, distinct numbers, counts and sums of rollups are what was acknowledged. Gateway n writes as tenant n."""
    telemetry.wait_until_stored(sum(gateway.acknowledged for gateway in gateways))
    telemetry.wait_until_summed()
    for tenant, gateway in enumerate(gateways, 1):
        sent = gateway.acknowledged
        raw = telemetry.ask(
            f"SELECT count(), uniqExact(value), min(value), max(value) FROM zhulian.readings WHERE tenant = {tenant}"
        )
        assert raw.split() == [str(figure) for figure in (sent, sent, 1, sent)]
        for rollup in OF_POINTS:
            sums = telemetry.ask(f"SELECT sum(count), sum(total) FROM zhulian.{rollup.name} WHERE tenant = {tenant}")
            count, total = (float(figure) for figure in sums.split())
            assert (count, total) == (sent, sent * (sent + 1) / 2), rollup.name
        hours = telemetry.ask(f"SELECT sum(rows), sum(count) FROM zhulian.tenant_hourly WHERE tenant = {tenant}")
        assert hours.split() == [str(sent)] * 2
