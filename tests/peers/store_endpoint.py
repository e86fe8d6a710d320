"""Starts :mod:`store_process` and tells where it is; makes tables of readings in one line."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from zhulian.telemetry.store.engine import BLOCK_SCHEMA

KEY = "k%&/ey"
Row = tuple[int, int, int, float, str, int]


@dataclass(frozen=True)
class StoreEndpoint:
    port: int
    folder: Path
    key: str = KEY


@contextmanager
def store_endpoint_in(folder: Path) -> Iterator[StoreEndpoint]:
    script = Path(__file__).with_name("store_process.py")
    with subprocess.Popen(
        [sys.executable, "-P", str(script), str(folder), KEY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield StoreEndpoint(int(process.stdout.readline()), folder)
        finally:
            process.stdin.close()
            process.wait(20)


def table(rows: Sequence[Row]) -> pa.Table:
    """Rows of (tenant, point, time_us, value, text, quality) as a block's table."""
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=BLOCK_SCHEMA)


def steady(tenant: int, point: int, start_us: int, step_us: int, values: Sequence[float]) -> list[Row]:
    """One good reading every ``step_us``."""
    return [(tenant, point, start_us + i * step_us, value, "", 0) for i, value in enumerate(values)]
