"""The narrow door to the store: the feeder inserts blocks, the endpoint runs SQL, live memory asks for the latest.

Two engines stand behind it, chosen by one setting: chDB inside this process, or any ClickHouse endpoint.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

import pyarrow as pa

from zhulian.telemetry.store.errors import StoreError, cluster_without_address
from zhulian.vocabulary.settings import Settings

__all__ = ["BLOCK_SCHEMA", "Answer", "Asked", "Block", "Engine", "StoreError", "open_engine"]

BLOCK_SCHEMA = pa.schema(
    [
        pa.field("tenant", pa.uint32(), nullable=False),
        pa.field("point", pa.uint32(), nullable=False),
        pa.field("ts", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("text", pa.utf8(), nullable=False),
        pa.field("quality", pa.uint8(), nullable=False),
    ]
)
"""The columns of a block, in this order. ``text`` is never null: the empty string means "a number, no words"."""


class Block(NamedTuple):
    """Rows of :data:`BLOCK_SCHEMA` under a token; the same token is stored once, whatever it holds the second time."""

    token: str
    rows: pa.Table


class Answer(Protocol):
    """A running query's bytes, chunk by chunk; close it when they are not wanted to the end."""

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None:
        """Stop the query and give its connection back. Safe to call twice."""


class Asked(Protocol):
    """Whoever answers statements: a store, or what stands in front of one. Raises :class:`StoreError`."""

    def query(
        self,
        sql: str,
        form: str = "Native",
        settings: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Answer:
        """Run one statement; the answer comes in ClickHouse's output format ``form``.

        ``parameters`` fill ``{name:Type}`` places in the statement; ``settings`` hold for this statement only.
        """


class Engine(Asked, Protocol):
    """What every store can do. All calls block and may come from any thread; all raise :class:`StoreError`."""

    def insert(self, block: Block) -> None:
        """Store ``block`` durably, once per token, raw rows and rollups alike; it is on disk when this returns."""

    def insert_raw(self, sql: str, form: str, body: Iterator[bytes], settings: Mapping[str, str] | None = None) -> int:
        """Run ``INSERT INTO … `` with ``body`` in input format ``form``; returns the rows written."""

    def insertions_paused(self) -> AbstractContextManager[None]:
        """While inside, nothing is inserted through this engine: insertions wait."""

    def why_all_is_kept(self) -> StoreError | None:
        """Why nothing may be taken away from this store step by step; None when it may."""

    def latest(self) -> pa.Table:
        """The newest reading of every (tenant, point), as :data:`BLOCK_SCHEMA`: rebuilds live memory at start."""

    def alarms(self) -> list[str]:
        """What was wrong with the files when the store was opened; one line a damaged part, empty when all is well."""

    def interrupt(self) -> None:
        """Wait for nobody any more: a store somewhere else that has not answered yet counts as away. Never blocks."""

    def close(self) -> None:
        """Let go of the files or connections. Safe to call twice."""


def open_engine(settings: Settings) -> Engine:
    """The store of ``settings``: ``ZHULIAN_TELEMETRY_URL`` when it is given, else the embedded one in the data folder.

    Creates the tables at the first call. Raises :class:`StoreError`.
    """
    if settings["ZHULIAN_TELEMETRY_URL"]:
        from zhulian.telemetry.store.remote import RemoteEngine  # noqa: PLC0415 - loads only the client that is used

        return RemoteEngine.open(settings["ZHULIAN_TELEMETRY_URL"], settings["ZHULIAN_TELEMETRY_CLUSTER"])
    if settings["ZHULIAN_TELEMETRY_CLUSTER"]:
        raise cluster_without_address()
    from zhulian.telemetry.store.embedded import EmbeddedEngine  # noqa: PLC0415 - the engine is 500 MB of code

    return EmbeddedEngine.open(settings.data.store, int(settings["ZHULIAN_MEMORY_MB"]))
