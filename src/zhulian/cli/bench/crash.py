"""``zhulian bench crash``: the telemetry process is killed, and its disk's power cut, again and again under traffic.

Three gateways send numbered readings over HTTP all the while, some of them twice. After every round the process is
started, and every acknowledged reading has to be in the store exactly once, and exactly once in every rollup of the
schema. A third of the rounds strikes a second time while the process is still starting. Power cuts need root and a loop
device; elsewhere they are left out, and it is said why.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

from zhulian.cli.bench.chain.counting import Account, account, rollups, wait_until_stored
from zhulian.cli.bench.chain.disk import DiskInAFile, NoDiskError
from zhulian.cli.bench.chain.gateways import Gateways
from zhulian.cli.bench.chain.process import Telemetry
from zhulian.cli.bench.figures import Figure, measured

GATEWAYS = 3
LONGEST_RUN_S = 2.0
STRIKES_AT_START = 1 / 3
NOTICED_S = 0.2
"""How long the process lives on a dead disk before it ends: nothing more may be acknowledged meanwhile."""
LIBRARIES = ("chdb", "pyarrow", "uvicorn")
Strike = Callable[[Gateways], None]


@dataclass(slots=True)
class Outcome:
    """All rounds of one kind of crash."""

    rounds: int = 0
    strikes: int = 0
    acknowledged: int = 0
    account: Account = field(default_factory=Account)
    """The last one that found something, else empty."""
    starts_s: list[float] = field(default_factory=list)
    alarms: int = 0
    """What the store complained of after a start, such as parts that it could not read."""
    seconds: float = 0.0


def run(rounds: int = 50) -> list[Figure]:
    """Both kinds of crash, ``rounds`` of each; about six seconds a round."""
    with tempfile.TemporaryDirectory(prefix="zhulian-crash-") as name:
        figures = _figures("SIGKILL", killed(Path(name), rounds))
    try:
        with tempfile.TemporaryDirectory(prefix="zhulian-crash-") as name:
            figures += _figures("power cut", cut_off(Path(name), rounds))
    except NoDiskError as reason:
        click.echo(f"power cut: {reason}", err=True)
    return figures


def killed(folder: Path, rounds: int) -> Outcome:
    """SIGKILL at random moments."""
    telemetry = Telemetry(folder / "data", folder / "telemetry.log")
    return struck(telemetry, lambda _: telemetry.kill(), rounds)


def cut_off(folder: Path, rounds: int) -> Outcome:
    """The power goes at random moments. Raises NoDiskError where that cannot be had."""
    with DiskInAFile(folder) as disk:
        telemetry = Telemetry(disk.place / "data", folder / "telemetry.log")

        def strike(gateways: Gateways) -> None:
            # A cut takes the line too, until the machine is up again. The kernel may call a sync done that this
            # shutdown overtook; the process then says so, also to whoever asks again; nobody would hear it.
            gateways.lose_line()
            disk.cut_power()
            time.sleep(NOTICED_S)
            telemetry.kill()
            disk.unmount()
            disk.mount()

        return struck(telemetry, strike, rounds)


def struck(telemetry: Telemetry, strike: Strike, rounds: int) -> Outcome:
    """``rounds`` times: traffic, ``strike``, start, count. Raises StartRefusedError when the process does not start."""
    found, chance, began_s = Outcome(), random.Random(rounds), time.perf_counter()  # noqa: S311 - a repeatable run
    with telemetry, Gateways(telemetry, GATEWAYS) as gateways:
        for _ in range(rounds):
            gateways.go_on()
            time.sleep(LONGEST_RUN_S * chance.random())
            strike(gateways)
            found.strikes += 1
            if chance.random() < STRIKES_AT_START:
                telemetry.begin()
                time.sleep(LONGEST_RUN_S * chance.random())
                strike(gateways)
                found.strikes += 1
            found.starts_s.append(telemetry.start())
            gateways.mend_line()
            gateways.pause()
            found.rounds += 1
            found.alarms += len(telemetry.health()["store_alarms"])
            if (difference := _counted(telemetry, gateways)) != Account():
                found.account = difference
        found.acknowledged = sum(gateways.acknowledged.values())
    found.seconds = time.perf_counter() - began_s
    return found


def _counted(telemetry: Telemetry, gateways: Gateways) -> Account:
    wait_until_stored(telemetry)
    difference = account(telemetry.ask, gateways.acknowledged)
    for wrong in difference.wrong:
        click.echo(wrong, err=True)
    return difference


def _figures(kind: str, found: Outcome) -> list[Figure]:
    return list(_measured(f"crash, {kind}, {found.rounds} rounds with {found.strikes} strikes", found))


def _measured(name: str, found: Outcome) -> Iterator[Figure]:
    values: tuple[tuple[str, float, str], ...] = (
        ("acknowledged", found.acknowledged, "rows"),
        ("lost", found.account.lost, "rows"),
        ("in the table twice", found.account.doubled, "rows"),
        (f"sums that are wrong in {', '.join(table.name for table in rollups())}", len(found.account.wrong), "sums"),
        ("parts that could not be read", found.alarms, "parts"),
        ("started again after, median", statistics.median(found.starts_s), "s"),
        ("started again after, longest", max(found.starts_s), "s"),
    )
    for what, value, unit in values:
        yield measured(f"{name}: {what}", value, unit, seconds=found.seconds, libraries=LIBRARIES)
