"""Everything between a gateway's request and the store, put together; the server has one, tests make their own."""

import shutil

import pyarrow as pa

from zhulian.telemetry.again import insert_again, send_again
from zhulian.telemetry.alarms.events import EventLog
from zhulian.telemetry.alarms.past import reader
from zhulian.telemetry.alarms.running import Alarms
from zhulian.telemetry.arrivals import AllArrivals
from zhulian.telemetry.downlink import Downlink
from zhulian.telemetry.feeder import BLOCK_ROWS, Feeder, InsertAgain
from zhulian.telemetry.filling import Filling
from zhulian.telemetry.ingest.admission import Admission, RevokedList
from zhulian.telemetry.ingest.app import Lane
from zhulian.telemetry.ingest.ledger import Ledger
from zhulian.telemetry.ingest.past import Past
from zhulian.telemetry.ingest.quotas import Quotas
from zhulian.telemetry.ingest.reception import Reception
from zhulian.telemetry.journal.frames import BatchFrame
from zhulian.telemetry.journal.journal import Journal
from zhulian.telemetry.journal.segments import Span
from zhulian.telemetry.live import LiveValues
from zhulian.telemetry.quarantine.items import damaged
from zhulian.telemetry.quarantine.replay import Replay
from zhulian.telemetry.quarantine.shelf import Shelf
from zhulian.telemetry.retention.running import Retention
from zhulian.telemetry.store.engine import Engine
from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.settings import Settings
from zhulian.wire.batch import BatchError
from zhulian.wire.credentials import load_or_create_key


class Receiving:
    """Opens the journal and catches up with it; :attr:`lane` then takes batches and :attr:`feeder` wants to be run."""

    def __init__(self, settings: Settings, engine: Engine, clock: Clock, again: InsertAgain | None = None) -> None:
        """``again``: how a block is sent that may be in the store; None is what suits the store."""
        limit_bytes = int(settings["ZHULIAN_JOURNAL_MB"]) * 2**20
        self._engine = engine
        self._folder = settings.data.root
        self.journal = Journal.open(settings.data.journal, limit_bytes)
        self.live = LiveValues(clock)
        self.downlink = Downlink(clock)
        self.arrivals = AllArrivals()
        ledger = Ledger(self.journal.checkpoint.ledger)
        self.shelf = Shelf.of(settings, clock)
        again = again or (send_again if settings["ZHULIAN_TELEMETRY_CLUSTER"] else insert_again)
        self.feeder = Feeder(self.journal, engine, ledger.snapshot, again, self.shelf)
        kept, stored = EventLog.open(settings.data.alarms), lambda: self.feeder.stored
        self.alarms = Alarms(kept, reader(engine), stored, clock, lambda: self.journal.fault is not None)
        self.feeder.before_checkpoint = self.alarms.before_checkpoint
        self.retention = Retention(engine, self.feeder, clock)
        self.feeder.before_insertion = self.retention.settle
        self._keep_damages()
        self.filling = Filling(self.live, engine, is_elsewhere=bool(settings["ZHULIAN_TELEMETRY_URL"]))
        self._catch_up(ledger)
        reception = Reception(self.journal, ledger, self._hand_on, self.shelf)
        self.replay = Replay(self.shelf, reception, clock)
        self.past = Past(reception, self.journal, lambda: self.feeder.progress.rows_waiting, clock)
        key = load_or_create_key(settings.data.keys / "platform.pem").public_key()
        revoked, quotas = RevokedList(settings.data.revoked, clock), Quotas(settings, clock, self.arrivals)
        admission = Admission(key, revoked, quotas, clock)
        self.lane = Lane(admission, reception, self.downlink, clock)

    def _hand_on(self, frame: BatchFrame, span: Span, readings: pa.RecordBatch) -> None:
        self.feeder.offer(frame, span, readings)
        if frame.is_past:  # nothing happens now: no arrival, no alarm
            self.live.take_past(frame.tenant, readings)
            return
        self.live.take(frame.tenant, readings, frame.received_us)
        self.arrivals.of(frame.gateway).take(frame, readings)
        self.alarms.take(frame.tenant, span.end, readings)

    def _keep_damages(self) -> None:
        for damage in self.journal.recovered.damages:
            if damage.copy is not None:
                self.shelf.keep(damaged(damage.copy.read_bytes(), *damage.span))

    def _catch_up(self, ledger: Ledger) -> None:
        """What the journal holds beyond the checkpoint is known, waits for the store, and is live again."""
        for span in self.journal.recovered.batches:
            frame = self.journal.read(span)
            if not isinstance(frame, BatchFrame):
                continue
            ledger.add(frame.gateway, frame.epoch, frame.first, frame.last)
            try:
                readings = frame.readings()
            except BatchError:
                self.feeder.offer(frame, span, None)  # it names and counts it
                continue
            self.feeder.offer(frame, span, readings, keep=False)
            if frame.is_past:
                self.live.take_past(frame.tenant, readings)
                continue
            self.live.take(frame.tenant, readings, frame.received_us)
            self.alarms.take(frame.tenant, span.end, readings)

    def is_behind(self) -> bool:
        """Whether more readings wait for the store than one block takes."""
        return self.feeder.progress.rows_waiting > BLOCK_ROWS

    def health(self) -> dict[str, object]:
        """What waits and what is wrong, as ``/health`` gives it out."""
        progress, recovered = self.feeder.progress, self.journal.recovered
        every = (self.journal.fault, progress.fault, self.filling.fault, self.alarms.fault)
        faults = list({fault.code: fault.as_json() for fault in every if fault is not None}.values())
        alarms = self._engine.alarms()
        disk = shutil.disk_usage(self._folder)
        troubled = bool(faults or alarms or recovered.damages or progress.batches_lost)
        return {
            "state": "degraded" if troubled else "ok",
            "faults": faults,
            "store_alarms": alarms,
            "journal": {
                "used_bytes": self.journal.used_bytes,
                "limit_bytes": self.journal.limit_bytes,
                "damages": [f"{damage.span.start}-{damage.span.end}" for damage in recovered.damages],
                "torn_bytes": recovered.torn_bytes,
            },
            "rows_waiting": progress.rows_waiting,
            "rows_stored": progress.rows_stored,
            "blocks_stored": progress.blocks_stored,
            "batches_lost": progress.batches_lost,
            "points": len(self.live),
            "quarantine": self.shelf.totals(),
            "disk": {"free_bytes": disk.free, "total_bytes": disk.total},
        }
