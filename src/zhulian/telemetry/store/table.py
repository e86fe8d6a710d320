"""A table of the store, and the settings without which a power cut costs rows."""

from dataclasses import dataclass

DURABLE = {
    "fsync_after_insert": "1",
    "fsync_part_directory": "1",
    "min_rows_to_fsync_after_merge": "1",
    "min_compressed_bytes_to_fsync_after_merge": "1",
    "old_parts_lifetime": "480",
    "max_suspicious_broken_parts": "1000000",
    "max_suspicious_broken_parts_bytes": "1000000000000000",
    "non_replicated_deduplication_window": "10000",
}
"""On every table, view targets included: without each of them a power cut loses rows or the folder does not open
(measured; see docs/reference/store.md). The broken-parts limits are safe only together with the alarm at open."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: columns in order with type and codec, engine, and what it is sorted and partitioned by."""

    name: str
    columns: tuple[tuple[str, str], ...]
    engine: str
    order_by: str
    partition_by: str = ""

    @property
    def statement(self) -> str:
        """CREATE TABLE, with the durable settings."""
        columns = ",\n  ".join(f"{name} {kind}" for name, kind in self.columns)
        partition = f"\nPARTITION BY {self.partition_by}" if self.partition_by else ""
        settings = ", ".join(f"{name} = {value}" for name, value in DURABLE.items())
        return (
            f"CREATE TABLE IF NOT EXISTS {self.name} (\n  {columns}\n)\n"
            f"ENGINE = {self.engine}{partition}\nORDER BY ({self.order_by})\nSETTINGS {settings}"
        )
