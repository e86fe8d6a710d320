"""The receiving half of the telemetry process in this process: a store in memory, a clock with hands, and a gateway."""

import asyncio
from pathlib import Path
from typing import Any

from peers.asgi_caller import Answer, call
from peers.memory_engine import MemoryEngine
from zhulian.telemetry.intake import Intake
from zhulian.telemetry.loopback import Loopback
from zhulian.telemetry.receiving import Receiving
from zhulian.vocabulary.readings import PointId, Reading, TenantId, TimeUs
from zhulian.vocabulary.settings import Settings, read_settings
from zhulian.wire import lane
from zhulian.wire.batch import encode, from_readings
from zhulian.wire.credentials import issue_token, load_or_create_key

NOW = TimeUs(1_790_000_000_000_000)
TENANT = TenantId(5)


class HandClock:
    """A clock whose hands the test turns."""

    def __init__(self) -> None:
        self.now_us = NOW

    def __call__(self) -> TimeUs:
        return TimeUs(self.now_us)


class Town:
    """The receiving half of the telemetry process over a store in memory."""

    def __init__(self, folder: Path, engine: MemoryEngine | None = None, journal_mb: int = 64) -> None:
        self.clock = HandClock()
        self.engine = engine or MemoryEngine()
        self.settings: Settings = read_settings({"ZHULIAN_DATA": str(folder), "ZHULIAN_JOURNAL_MB": str(journal_mb)})
        self.receiving = Receiving(self.settings, self.engine, self.clock, MemoryEngine.insert)  # type: ignore[arg-type]
        self.lane = self.receiving.lane.app
        intake = Intake(self.receiving.shelf, self.receiving.replay, self.receiving.arrivals)
        receiving = self.receiving
        self.loopback = Loopback(receiving.live, receiving.downlink, receiving.health, intake, past=receiving.past).app
        self.feeding: asyncio.Task[None] | None = None
        self.is_stopped = False

    def start(self) -> None:
        self.feeding = asyncio.create_task(self.receiving.feeder.run())

    async def stop(self) -> None:
        self.receiving.feeder.finish()
        if self.feeding:
            await self.feeding
        if not self.is_stopped:
            self.is_stopped = True
            await self.receiving.journal.close()

    async def crash(self) -> None:
        """Drop everything at once, as SIGKILL does: nothing is finished, no checkpoint is written."""
        self.is_stopped = True
        if self.feeding:
            self.feeding.cancel()
            await asyncio.wait([self.feeding])

    def token(self, gateway: int = 1, tenant: TenantId = TENANT) -> str:
        key = load_or_create_key(self.settings.data.keys / "platform.pem")
        return issue_token(key, gateway, tenant, self.clock())

    def headers(self, gateway: int = 1, tenant: TenantId = TENANT, **changed: Any) -> dict[str, str]:
        plain = {
            "Authorization": f"Bearer {self.token(gateway, tenant)}",
            lane.H_EPOCH: "life",
            lane.H_SENT: self.clock(),
        }
        return {name: str(value) for name, value in (plain | changed).items() if value is not None}

    async def send(self, first: int, last: int, body: bytes | None = None, gateway: int = 1, **changed: Any) -> Answer:
        tenant = TenantId(changed.pop("tenant", TENANT))
        numbers = {lane.H_FIRST: first, lane.H_LAST: last}
        headers = self.headers(gateway, tenant, **(numbers | changed))
        return await call(self.lane, "POST", lane.BATCHES, headers, body or numbered(first, last))


def numbered(first: int, last: int, time_us: int = NOW, point: int = 9, text: str | None = None) -> bytes:
    """Readings whose value is their sequence number."""
    count = range(first, last + 1)
    return encode(from_readings([Reading(PointId(point), TimeUs(time_us + n), float(n), text=text) for n in count]))
