"""A store in memory that keeps the engine's promises (durable by fiat, once per token) and can be made to stall."""

import threading
from collections import Counter

import pyarrow as pa

from zhulian.telemetry.store.engine import BLOCK_SCHEMA, Block
from zhulian.telemetry.store.errors import StoreError
from zhulian.vocabulary.errors import Text


class MemoryEngine:
    """``refuse`` makes inserts fail, ``stall`` makes them wait, ``fail_after_insert`` loses the answer only."""

    def __init__(self) -> None:
        self.blocks: dict[str, pa.Table] = {}
        self.sent: list[str] = []
        self.refuse = False
        self.fail_after_insert = False
        self.open_gate = threading.Event()
        self.open_gate.set()

    def insert(self, block: Block) -> None:
        assert block.rows.schema.equals(BLOCK_SCHEMA)
        self.open_gate.wait()
        self.sent.append(block.token)
        if self.refuse:
            raise failed()
        if block.token in self.blocks:
            assert self.blocks[block.token].equals(block.rows), "the same token came with other rows"
        self.blocks.setdefault(block.token, block.rows)
        if self.fail_after_insert:
            self.fail_after_insert = False
            raise failed()

    def stall(self) -> None:
        self.open_gate.clear()

    def go_on(self) -> None:
        self.open_gate.set()

    def rows(self) -> pa.Table:
        return pa.concat_tables([BLOCK_SCHEMA.empty_table(), *self.blocks.values()])

    def latest(self) -> pa.Table:
        table = self.rows().sort_by("ts")
        newest = {(row["tenant"], row["point"]): row for row in table.to_pylist()}
        return pa.Table.from_pylist(list(newest.values()), BLOCK_SCHEMA)

    def alarms(self) -> list[str]:
        return []

    def values(self) -> Counter[float]:
        """How often each value is stored."""
        return Counter(self.rows().column("value").to_pylist())

    def close(self) -> None:
        """Nothing to close."""


def failed() -> StoreError:
    return StoreError("store_down", Text("存储停了。", "The store is down."), Text("稍候。", "Wait."))
