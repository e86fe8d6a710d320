"""A table of the store, and the settings without which a power cut costs rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_ON_DISK = {
    "fsync_after_insert": "1",
    "fsync_part_directory": "1",
    "min_rows_to_fsync_after_merge": "1",
    "min_compressed_bytes_to_fsync_after_merge": "1",
    "old_parts_lifetime": "480",
    "max_suspicious_broken_parts": "1000000",
    "max_suspicious_broken_parts_bytes": "1000000000000000",
}
DURABLE = _ON_DISK | {"non_replicated_deduplication_window": "1000"}
"""On every table, view targets included: without each of them a power cut loses rows or the folder does not open
(measured; see docs/reference/store.md). The broken-parts limits are safe only together with the alarm at open."""

REPLICATED = _ON_DISK | {
    "min_compressed_bytes_to_fsync_after_fetch": "1",
    "replicated_deduplication_window": "10000",
    "replicated_deduplication_window_seconds": "2592000",
}
"""The same where a table has copies on other servers. Tokens are kept for 30 days: the server's own default is one
hour, and a block that is sent again after a longer outage would be stored again."""


ONE_BY_ONE = {"concurrent_part_removal_threshold": "1000000"}
"""For a store in our own process: parts that came of age are removed by the thread that looks for them. Otherwise the
engine starts up to 128 for it, and its own setting for their number has no effect there."""

SMALL_QUESTIONS: Mapping[str, str] = {"index_granularity": "2048", "min_bytes_for_wide_part": "10737418240"}
"""For tables of which a question needs few rows out of many parts: less to unpack around them, and one file a part
instead of two a column (measured: a month of a point costs a fifth less; see decision 0037)."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: columns in order with type and codec, engine, and what it is sorted and partitioned by.

    ``settings`` are its own, beside those that all tables need.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    engine: str
    order_by: str
    partition_by: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def statement(self) -> str:
        """CREATE TABLE, as a store in our own process has it."""
        return self.create(self.name, self.engine, DURABLE | ONE_BY_ONE)

    @property
    def head(self) -> str:
        """Its columns, as CREATE TABLE lists them."""
        columns = ",\n  ".join(f"{name} {kind}" for name, kind in self.columns)
        return f"(\n  {columns}\n)"

    def create(self, name: str, engine: str, settings: Mapping[str, str]) -> str:
        """CREATE TABLE under another ``name`` (with what follows it), of another engine of the MergeTree family."""
        partition = f"\nPARTITION BY {self.partition_by}" if self.partition_by else ""
        chosen = ", ".join(f"{setting} = {value}" for setting, value in {**settings, **self.settings}.items())
        return (
            f"CREATE TABLE IF NOT EXISTS {name} {self.head}\n"
            f"ENGINE = {engine}{partition}\nORDER BY ({self.order_by})\nSETTINGS {chosen}"
        )
