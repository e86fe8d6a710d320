"""``zhulian bench disk``: the disk is full, read-only or slow while gateways send; then everything goes on by itself.

With real traffic over HTTP and one process from beginning to end: gateways have to be asked to come back (429 or 503
with ``Retry-After``), no acknowledged reading may be lost or doubled, and receiving has to go on without anybody
starting anything again. A full and a slow disk need root and a loop device, a slow one also the blkio controller, a
read-only one a C compiler.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import click

from zhulian.cli.bench.chain.counting import Account, account, wait_until_stored
from zhulian.cli.bench.chain.disk import DiskInAFile, NoDiskError
from zhulian.cli.bench.chain.gateways import Gateways, Traffic
from zhulian.cli.bench.chain.process import Telemetry
from zhulian.cli.bench.chain.read_only import ReadOnly
from zhulian.cli.bench.figures import Figure, measured

GATEWAYS = 3
BEFORE_S = 1.0
AT_LEAST_S, AT_MOST_S, WITHIN_S = 5.0, 20.0, 60.0
SLOW_BYTES_PER_S = 256 * 1024
LARGE_BATCH = 5_000
DISK_MB = 512
SMALL_JOURNAL = "1"
"""MB; so small that a slow disk reaches its bound within seconds."""
LIBRARIES = ("chdb", "pyarrow", "uvicorn")
Trouble = AbstractContextManager[None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One trouble with the disk."""

    acknowledged: int
    acknowledged_meanwhile: int
    refusals: Counter[int]
    """Answers by status; 0 counts those that did not say when to come back."""
    back_after_s: float
    """From the trouble's end until every gateway was acknowledged again."""
    account: Account
    seconds: float


def run() -> list[Figure]:
    """Every trouble once."""
    figures: list[Figure] = []
    for name, suffer in (("full", full), ("read-only", read_only), ("slow", slow)):
        try:
            with tempfile.TemporaryDirectory(prefix="zhulian-disk-") as folder:
                figures += _measured(f"disk {name}", suffer(Path(folder)))
        except NoDiskError as reason:
            click.echo(f"disk {name}: {reason}", err=True)
    return figures


def full(folder: Path) -> Outcome:
    """Another program takes every free block, and gives them back later."""
    with DiskInAFile(folder, DISK_MB) as disk:
        return _suffered(Telemetry(disk.place / "data", folder / "telemetry.log"), disk.filled())


def read_only(folder: Path) -> Outcome:
    """Every write is refused, under open files, for a while."""
    switch = ReadOnly(folder)
    return _suffered(Telemetry(folder / "data", folder / "telemetry.log", **switch.environment), switch.now())


def slow(folder: Path) -> Outcome:
    """No more than :data:`SLOW_BYTES_PER_S` reach the disk: answers take longer, and the store falls behind.

    Whoever waits for an answer sends nothing more, so a gateway is refused only if the journal reaches its bound.
    """
    with DiskInAFile(folder, DISK_MB) as disk:
        telemetry = Telemetry(disk.place / "data", folder / "telemetry.log", ZHULIAN_JOURNAL_MB=SMALL_JOURNAL)
        return _suffered(telemetry, disk.slow(SLOW_BYTES_PER_S), Traffic(rows=LARGE_BATCH))


def _suffered(telemetry: Telemetry, trouble: Trouble, traffic: Traffic | None = None) -> Outcome:
    """Traffic before, during and after. Raises TimeoutError when it does not go on."""
    with telemetry, Gateways(telemetry, GATEWAYS, traffic) as gateways:
        time.sleep(BEFORE_S)
        began_s, before = time.perf_counter(), sum(gateways.acknowledged.values())
        with trouble:
            _wait_for_refusals(gateways)
            meanwhile = sum(gateways.acknowledged.values()) - before
        back_after_s = _until_all_go_on(gateways)
        gateways.pause(WITHIN_S)
        wait_until_stored(telemetry)
        difference = account(telemetry.ask, gateways.acknowledged)
        seconds = time.perf_counter() - began_s
        total = sum(gateways.acknowledged.values())
        return Outcome(total, meanwhile, gateways.refusals, back_after_s, difference, seconds)


def _wait_for_refusals(gateways: Gateways) -> None:
    """As long as nobody is refused, and then some more; a disk may also just be slow enough for everybody."""
    began_s = time.monotonic()
    while time.monotonic() < began_s + AT_MOST_S:
        time.sleep(AT_LEAST_S / 10)
        if gateways.refusals and time.monotonic() > began_s + AT_LEAST_S:
            return


def _until_all_go_on(gateways: Gateways) -> float:
    before, began_s = gateways.acknowledged, time.perf_counter()
    while any(gateways.acknowledged[number] == reached for number, reached in before.items()):
        if time.perf_counter() - began_s > WITHIN_S:
            raise TimeoutError(f"receiving did not go on by itself: {gateways.refusals}")
        time.sleep(0.02)
    return time.perf_counter() - began_s


def _measured(name: str, found: Outcome) -> Iterator[Figure]:
    values: tuple[tuple[str, float, str], ...] = (
        ("acknowledged", found.acknowledged, "rows"),
        ("acknowledged meanwhile", found.acknowledged_meanwhile, "rows"),
        ("asked to come back", sum(count for status, count in found.refusals.items() if status), "answers"),
        ("of these without a time", found.refusals[0], "answers"),
        ("lost", found.account.lost, "rows"),
        ("in the table twice", found.account.doubled, "rows"),
        ("sums that are wrong", len(found.account.wrong), "sums"),
        ("went on by itself after", found.back_after_s, "s"),
    )
    for what, value, unit in values:
        yield measured(f"{name}: {what}", value, unit, seconds=found.seconds, libraries=LIBRARIES)
