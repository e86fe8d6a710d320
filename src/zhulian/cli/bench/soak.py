"""``zhulian bench soak``: hours of steady traffic; memory has to stay flat, the journal bounded, every row counted.

Four gateways send numbered readings over HTTP at a fixed rate. Memory of the telemetry process and what waits in its
journal are looked at every few seconds; the first sixth of the time is warm-up and left out. ``--report FILE`` writes
what was seen as a Markdown page.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from zhulian.cli.bench.chain.counting import Account, account, wait_until_stored
from zhulian.cli.bench.chain.gateways import Gateways, Traffic
from zhulian.cli.bench.chain.process import Telemetry
from zhulian.cli.bench.figures import Figure, measured, versions

GATEWAYS = 4
BATCH_ROWS = 5_000
POINTS = 250
"""Of each gateway."""
EVERY_S = 5.0
PARTS = 6
"""Of the run: the first is warm-up, growth is from the second to the last."""
MB = 2**20
LIBRARIES = ("chdb", "pyarrow", "uvicorn")


@dataclass(frozen=True, slots=True)
class Sample:
    """The process at one moment: seconds since the beginning, resident bytes, bytes in the journal, rows sent."""

    at_s: float
    memory_bytes: int
    journal_bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The whole run."""

    samples: Sequence[Sample]
    acknowledged: int
    account: Account
    journal_limit_bytes: int
    seconds: float

    @property
    def growth(self) -> float:
        """Of memory, from after the warm-up to the end, each as the median of a sixth of the run; 0.05 is 5 %."""
        part = max(len(self.samples) // PARTS, 1)
        early, late = self.samples[part : 2 * part] or self.samples[:1], self.samples[-part:]
        before, after = (statistics.median(sample.memory_bytes for sample in some) for some in (early, late))
        return after / before - 1


def run(hours: float = 1.0, rows_per_s: int = 100_000, report: str | None = None) -> list[Figure]:
    """Soak for ``hours`` at ``rows_per_s`` in all."""
    with tempfile.TemporaryDirectory(prefix="zhulian-soak-") as folder:
        found = soaked(Path(folder), hours * 3600, rows_per_s)
    figures = _figures(found, rows_per_s)
    if report:
        Path(report).write_text(_page(found, figures, rows_per_s), encoding="utf-8")
    return figures


def soaked(folder: Path, seconds: float, rows_per_s: int) -> Outcome:
    """Traffic for so long, then the account."""
    telemetry = Telemetry(folder / "data", folder / "telemetry.log")
    traffic = Traffic(BATCH_ROWS, POINTS, rows_per_s / GATEWAYS, days=1, sent_again=0.0)
    samples: list[Sample] = []
    with telemetry, Gateways(telemetry, GATEWAYS, traffic) as gateways:
        began_s = time.monotonic()
        while (at_s := time.monotonic() - began_s) < seconds and not any(one.fault for one in gateways.each):
            samples.append(_sample(telemetry, at_s, sum(gateways.acknowledged.values())))
            time.sleep(min(EVERY_S, seconds / (2 * PARTS)))
        gateways.pause()
        took_s = time.monotonic() - began_s
        wait_until_stored(telemetry)
        sent = gateways.acknowledged
        limit_bytes = int(telemetry.health()["journal"]["limit_bytes"])
        return Outcome(samples, sum(sent.values()), account(telemetry.ask, sent), limit_bytes, took_s)


def _sample(telemetry: Telemetry, at_s: float, rows: int) -> Sample:
    assert telemetry.process is not None  # noqa: S101 - for the type checker: it was started
    pages = int(Path(f"/proc/{telemetry.process.pid}/statm").read_text(encoding="ascii").split()[1])
    used_bytes = int(telemetry.health()["journal"]["used_bytes"])
    return Sample(at_s, pages * os.sysconf("SC_PAGE_SIZE"), used_bytes, rows)


def _figures(found: Outcome, rows_per_s: int) -> list[Figure]:
    name = f"soak, {found.seconds / 60:.0f} min at {rows_per_s:,} rows/s"
    values: tuple[tuple[str, float, str], ...] = (
        ("acknowledged", found.acknowledged, "rows"),
        ("acknowledged a second", found.acknowledged / found.seconds, "rows/s"),
        ("lost", found.account.lost, "rows"),
        ("in the table twice", found.account.doubled, "rows"),
        ("sums that are wrong", len(found.account.wrong), "sums"),
        ("memory, largest", max(sample.memory_bytes for sample in found.samples) / MB, "MB"),
        ("memory, growth after warm-up", found.growth * 100, "%"),
        ("journal, largest", max(sample.journal_bytes for sample in found.samples) / MB, "MB"),
        ("journal, its bound", found.journal_limit_bytes / MB, "MB"),
    )
    return [
        measured(f"{name}: {what}", value, unit, seconds=found.seconds, libraries=LIBRARIES)
        for what, value, unit in values
    ]


def _page(found: Outcome, figures: Sequence[Figure], rows_per_s: int) -> str:
    """The run as a page: conditions, figures, and a line for every sixtieth of it."""
    lines = [
        f"# Soak of {datetime.now(UTC):%Y-%m-%d}",
        "",
        f"`zhulian bench soak --hours {found.seconds / 3600:.2f} --rows-per-s {rows_per_s}`: {GATEWAYS} gateways,"
        f" {GATEWAYS * POINTS:,} points, batches of {BATCH_ROWS:,}; load average {figures[0].load_average:.1f}; "
        + ", ".join(f"{library} {number}" for library, number in versions(LIBRARIES).items())
        + ".",
        "",
        "| figure | value | unit |",
        "| --- | --- | --- |",
        *(f"| {figure.figure.partition(': ')[2]} | {figure.value:,.2f} | {figure.unit} |" for figure in figures),
        "",
        "| minute | memory, MB | journal, MB | rows acknowledged |",
        "| --- | --- | --- | --- |",
        *(
            f"| {one.at_s / 60:.1f} | {one.memory_bytes / MB:,.0f} | {one.journal_bytes / MB:,.1f} | {one.rows:,} |"
            for one in found.samples[:: max(len(found.samples) // 60, 1)]
        ),
    ]
    return "\n".join(lines) + "\n"
