"""From the journal into the store: groups batches into blocks, each inserted exactly once.

A block is a stretch of the journal. Its bounds are on disk (a cut) before it is inserted, its token is made of them,
and the checkpoint moves only afterwards. So whatever dies in between, the same block is formed again, and what the
store lacks of it is inserted. When the store is down, the feeder keeps trying and the journal grows to its bound.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple, TypeVar, cast

import pyarrow as pa

from zhulian.telemetry.blocks import Piece, rows_of
from zhulian.telemetry.ingest.ledger import Interval
from zhulian.telemetry.journal.errors import JournalError, unwritable
from zhulian.telemetry.journal.frames import BatchFrame, CutFrame
from zhulian.telemetry.journal.journal import Journal
from zhulian.telemetry.journal.segments import Span
from zhulian.telemetry.quarantine.items import Kept, damaged, not_stored
from zhulian.telemetry.quarantine.shelf import Shelf
from zhulian.telemetry.store.engine import Block, Engine
from zhulian.telemetry.store.errors import StoreError
from zhulian.vocabulary.errors import ZhulianError
from zhulian.vocabulary.readings import TenantId
from zhulian.wire.batch import BatchError

BLOCK_ROWS = 100_000
"""Enough for a block at once."""
LARGEST_BLOCK_ROWS = 500_000
LARGEST_BLOCK_BYTES = 64 * 1024 * 1024
LARGEST_INSERTION_BYTES = 16 * 1024 * 1024
"""Half a million numbers. Texts take the embedded store five times their size while they are inserted (measured): a
block of long ones goes in by pieces, or it would be refused for want of memory for ever, and hold up everybody's."""
HOLD_S = 1.0
"""A reading waits this long for company."""
GAP_S = 0.25
"""From the beginning of one block to that of the next: the store pays by the block, when it inserts and when it merges.
Where inserting takes longer, the next one begins at once."""
CHECKPOINT_S = 1.0
ROWS_IN_MEMORY = 1_000_000
BYTES_IN_MEMORY = 256 * 1024 * 1024
"""Beyond either, waiting batches stay on disk only and are read again when their turn comes."""
LONGEST_PAUSE_S = 10.0
MOST_UNMARKED_BLOCKS = 200
"""Blocks in the store that no checkpoint covers; far below the number of tokens that the store remembers."""
FOR_EVER = frozenset({6, 53, 69, 117, 321, 407, 469})
"""What the store says of rows, and would say again: cannot be parsed, wrong type or range, a violated constraint."""
ATTEMPTS = 5
"""So often a block is offered whole before its batches are offered one by one."""
log = logging.getLogger(__name__)
T = TypeVar("T")
InsertAgain = Callable[[Engine, Block], None]
Snapshot = Callable[[], dict[int, dict[str, list[Interval]]]]


class Waiting(NamedTuple):
    """A batch in the journal since ``since_s`` that is not in the store; ``readings`` only while memory allows."""

    since_s: float
    span: Span
    rows: int
    size_bytes: int
    tenant: TenantId
    readings: pa.RecordBatch | None


@dataclass(slots=True)
class Progress:
    """How the feeder is doing, for ``/health``."""

    rows_waiting: int = 0
    rows_stored: int = 0
    blocks_stored: int = 0
    batches_lost: int = 0
    """Batches that could not be read back, or that the store would not have; they lie in the quarantine."""
    fault: ZhulianError | None = None


class Feeder:
    """Run :meth:`run` as a task; :meth:`offer` from the same event loop; :meth:`finish` ends it when all is stored."""

    def __init__(
        self, journal: Journal, engine: Engine, snapshot: Snapshot, insert_again: InsertAgain, shelf: Shelf
    ) -> None:
        self.before_checkpoint: Callable[[], Awaitable[None]] | None = None
        """Called before the journal forgets what the store holds, for whoever has to keep something first."""
        self.before_insertion: Callable[[], None] | None = None
        """Called in the store's thread before anything is inserted; what it raises is a store that refuses."""
        self._journal = journal
        self._engine = engine
        self._insert_again = insert_again
        self._snapshot = snapshot
        self._shelf = shelf
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._waiting: deque[Waiting] = deque()
        self._rows_in_memory = self._bytes_in_memory = 0
        self._cuts = deque(cut for cut in journal.recovered.cuts if cut.end > journal.checkpoint.position)
        self._position = journal.checkpoint.position
        self._errands: deque[tuple[Callable[[], object], asyncio.Future[object]]] = deque()
        self._is_over = False
        self._more = asyncio.Event()
        self._finishing = asyncio.Event()
        self._last_insert_s = self._last_checkpoint_s = 0.0
        self._unmarked_blocks = 0
        self._lost: set[Span] = set()
        self.progress = Progress()
        self.replayed = asyncio.Event()
        """Set when the blocks that were begun before the last stop are in the store."""

    @property
    def stored(self) -> int:
        """The store holds everything before this position of the journal."""
        return self._position

    def offer(self, frame: BatchFrame, span: Span, readings: pa.RecordBatch | None, *, keep: bool = True) -> None:
        """A batch is durable in the journal at ``span``; spans come in the journal's order.

        Without ``keep`` it is read again when its turn comes; ``readings`` is None for what cannot be read.
        """
        is_room = self._rows_in_memory < ROWS_IN_MEMORY and self._bytes_in_memory < BYTES_IN_MEMORY
        kept = readings if keep and is_room else None
        size_bytes = 0 if readings is None else readings.nbytes
        now_s = asyncio.get_running_loop().time()
        self._waiting.append(Waiting(now_s, span, frame.rows, size_bytes, frame.tenant, kept))
        if kept is not None:
            self._rows_in_memory += frame.rows
            self._bytes_in_memory += size_bytes
        self.progress.rows_waiting += frame.rows
        self._more.set()

    async def alone(self, work: Callable[[], T]) -> T:
        """``work`` in the store's thread, when a checkpoint covers all that is stored and nothing is being inserted.

        So no block will ever be looked for again whose rows it takes away. Raises what it raises, and what the disk
        says; CancelledError when the feeder ends before its turn.
        """
        turn: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if self._is_over:
            turn.cancel()
        self._errands.append((work, cast("asyncio.Future[object]", turn)))
        self._more.set()
        return await turn

    async def caught_up(self) -> None:
        """Return when everything that was offered so far is in the store. Raises as :meth:`alone` does."""
        end = self._waiting[-1].span.end if self._waiting else self._position
        while self._position < end:
            await self.alone(lambda: None)  # its turn comes between blocks

    def finish(self) -> None:
        """Store what waits, move the checkpoint, end :meth:`run`; a store that refuses now ends it with its error."""
        self._finishing.set()
        self._more.set()

    async def run(self) -> None:
        """Feed until :meth:`finish`; a store that refuses is tried again for ever (until finishing)."""
        try:
            await self._feed()
        finally:
            self._is_over = True
            for _, turn in self._errands:
                turn.cancel()

    async def _feed(self) -> None:
        while self._cuts:
            await self._store(self._cuts.popleft(), is_first_time=False)
        self.replayed.set()
        while await self._worth_a_block():
            cut = await self._cut()
            if cut is not None:
                await self._store(cut, is_first_time=True)
        await self._move_checkpoint()
        self._thread.shutdown()

    async def _worth_a_block(self) -> bool:
        """Wait until there is enough or something has waited long enough; False when finishing and nothing is left."""
        loop = asyncio.get_running_loop()
        await self._run_errand()
        while not self._waiting:
            if self._finishing.is_set():
                return False
            if self._errands:
                await self._run_errand()
                continue
            self._more.clear()
            await self._idle()
        due_s = self._waiting[0].since_s + HOLD_S
        while self.progress.rows_waiting < BLOCK_ROWS and not self._finishing.is_set() and loop.time() < due_s:
            self._more.clear()
            await self._woken(due_s - loop.time())
        await asyncio.sleep(max(0.0, self._last_insert_s + GAP_S - loop.time()))
        return True

    async def _run_errand(self) -> None:
        """One at a time, between blocks."""
        if not self._errands:
            return
        work, turn = self._errands.popleft()
        refusal = await self._move_checkpoint()
        try:
            if refusal is not None:
                raise refusal
            answer = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except ZhulianError as fault:
            if not turn.done():
                turn.set_exception(fault)
        else:
            if not turn.done():
                turn.set_result(answer)

    async def _idle(self) -> None:
        """Nothing waits: catch up with the checkpoint, then sleep until there is more."""
        if self._position != self._journal.checkpoint.position:
            if not await self._woken(CHECKPOINT_S):
                await self._move_checkpoint()
            return
        await self._more.wait()

    async def _woken(self, timeout_s: float) -> bool:
        try:
            async with asyncio.timeout(timeout_s):
                await self._more.wait()
        except TimeoutError:
            return False
        return True

    async def _cut(self) -> CutFrame | None:
        """Choose the next block's bounds and put them on disk; ``None`` when the disk refuses just now."""
        if self._unmarked_blocks >= MOST_UNMARKED_BLOCKS and (refusal := await self._move_checkpoint()) is not None:
            await self._pause(refusal, 1)
            return None
        rows, size_bytes, end = 0, 0, self._position
        for waiting in self._waiting:
            rows, size_bytes = rows + waiting.rows, size_bytes + waiting.size_bytes
            if end > self._position and (rows > LARGEST_BLOCK_ROWS or size_bytes > LARGEST_BLOCK_BYTES):
                break
            end = waiting.span.end
        cut = CutFrame(self._position, end)
        try:
            await self._journal.append(cut)
        except JournalError as fault:
            await self._pause(fault, 1)
            return None
        return cut

    async def _store(self, cut: CutFrame, is_first_time: bool) -> None:
        """Insert one block, however long it takes; then it is done with."""
        self._last_insert_s = asyncio.get_running_loop().time()
        chosen = list(takewhile(lambda waiting: waiting.span.start < cut.end, self._waiting))
        rows = sum(waiting.rows for waiting in chosen)
        if chosen:
            await self._insert(f"{self._journal.checkpoint.journal}-{cut.start}-{cut.end}", chosen, is_first_time)
        for waiting in chosen:
            self._waiting.popleft()
            if waiting.readings is not None:
                self._rows_in_memory -= waiting.rows
                self._bytes_in_memory -= waiting.size_bytes
        self.progress.rows_waiting -= rows
        self.progress.rows_stored += rows
        self.progress.blocks_stored += 1
        self._unmarked_blocks += 1
        self._position = cut.end
        if asyncio.get_running_loop().time() - self._last_checkpoint_s >= CHECKPOINT_S:
            await self._move_checkpoint()

    async def _insert(self, token: str, chosen: Sequence[Waiting], is_first_time: bool) -> None:
        loop = asyncio.get_running_loop()
        attempt, apart = 0, False
        while True:
            attempt += 1
            is_first = is_first_time and attempt == 1
            try:
                if apart:
                    await loop.run_in_executor(self._thread, self._insert_apart, token, chosen)
                else:
                    await loop.run_in_executor(self._thread, self._form_and_insert, token, chosen, is_first)
            except StoreError as fault:
                apart = apart or (fault.number in FOR_EVER and attempt >= ATTEMPTS)  # some are in by other tokens
                await self._pause(fault, attempt)
            except OSError as fault:
                await self._pause(unwritable(fault, self._journal.folder), attempt)
            else:
                self.progress.fault = None
                return

    def _form_and_insert(self, token: str, chosen: Sequence[Waiting], is_first: bool) -> None:
        """In the store's thread. Only what was never sent before may be sent without looking."""
        if self.before_insertion is not None:
            self.before_insertion()
        pieces = [piece for waiting in chosen if (piece := self._piece_of(waiting)) is not None]
        if not pieces:
            return
        for block in _pieces_of(Block(token, rows_of(pieces))):
            if is_first:
                self._engine.insert(block)
            else:
                self._insert_again(self._engine, block)

    def _insert_apart(self, token: str, chosen: Sequence[Waiting]) -> None:
        """In the store's thread: a block with rows that the store will never have, batch by batch without those."""
        if self.before_insertion is not None:
            self.before_insertion()
        for number, waiting in enumerate(chosen):
            piece = self._piece_of(waiting)
            if piece is None:
                continue
            try:
                for block in _pieces_of(Block(f"{token}-{number}", rows_of([piece]))):
                    self._insert_again(self._engine, block)
            except StoreError as fault:
                frame = self._journal.read(waiting.span)
                if fault.number not in FOR_EVER or not isinstance(frame, BatchFrame):
                    raise
                self._lose(waiting.span, not_stored(frame, fault))

    def _piece_of(self, waiting: Waiting) -> Piece | None:
        readings = waiting.readings if waiting.readings is not None else self._read_back(waiting.span)
        return None if readings is None else (waiting.tenant, readings)

    def _read_back(self, span: Span) -> pa.RecordBatch | None:
        """A batch from the journal; one that was damaged there meanwhile is put aside and left out."""
        frame = self._journal.read(span)
        if not isinstance(frame, BatchFrame):
            log.error("日志损坏 / journal damaged: the batch at bytes %d to %d is lost", *span)
            self._lose(span, damaged(self._journal.raw(span), *span))
            return None
        try:
            return frame.readings()
        except BatchError as fault:
            log.error("日志中的一批读不懂 / the batch at bytes %d to %d cannot be read: %s", *span, fault)
            self._lose(span, not_stored(frame, fault))
        return None

    def _lose(self, span: Span, kept: Kept) -> None:
        """Raises OSError where the shelf cannot be written: then the journal must not let go of the batch."""
        self._shelf.put(kept)
        self._lost.add(span)
        self.progress.batches_lost = len(self._lost)  # counted once, however often its block is tried again

    async def _pause(self, fault: ZhulianError, attempt: int) -> None:
        """Wait before the next attempt; while finishing, give up: the journal keeps it for the next start."""
        self.progress.fault = fault
        log.warning("存储暂不可用，稍后重试 / store not available, trying again: %s", fault)
        if self._finishing.is_set():
            raise fault
        with suppress(TimeoutError):
            async with asyncio.timeout(min(0.25 * 2**attempt, LONGEST_PAUSE_S)):
                await self._finishing.wait()

    async def _move_checkpoint(self) -> JournalError | None:
        """The disk's refusal, if any: then what is stored is offered again at start, and dropped by its token."""
        self._last_checkpoint_s = asyncio.get_running_loop().time()
        if self._position == self._journal.checkpoint.position:
            return None
        try:
            if self.before_checkpoint is not None:
                await self.before_checkpoint()
            await self._journal.move_checkpoint(self._position, self._snapshot())
        except OSError as fault:
            log.warning("检查点未写入 / checkpoint not written: %s", fault)
            self.progress.fault = refusal = unwritable(fault, self._journal.folder)
            return refusal
        self._unmarked_blocks = 0
        if isinstance(self.progress.fault, JournalError):
            self.progress.fault = None
        return None


def _pieces_of(block: Block) -> Iterator[Block]:
    """``block`` in pieces that the store has memory for; the same block always gives the same pieces."""
    count = -(-block.rows.nbytes // LARGEST_INSERTION_BYTES)
    if count <= 1:
        yield block
        return
    size = -(-block.rows.num_rows // count)
    for number, start in enumerate(range(0, block.rows.num_rows, size)):
        yield Block(f"{block.token}.{number}", block.rows.slice(start, size))
