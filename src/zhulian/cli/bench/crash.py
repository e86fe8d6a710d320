"""``zhulian bench crash``: the telemetry process is killed, and its disk's power cut, again and again under traffic.

Three gateways send numbered readings over HTTP all the while, some of them twice. After every round the process is
started, and every acknowledged reading has to be in the store exactly once, and exactly once in every rollup of the
schema. A third of the rounds strikes a second time while the process is still starting. Meanwhile hours of the day
before are folded, and then each has to be what its rows say; and, in rounds of their own, days are retired, and then
each reading has to be either there or in a sum that was kept. Half of these strikes wait for a step that is written
down as begun. Power cuts need root and a loop device; elsewhere they are left out, and it is said why.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import click

from zhulian.cli.bench.chain import folds, retiring
from zhulian.cli.bench.chain.beside import Beside
from zhulian.cli.bench.chain.counting import Account, account, checked, rollups, wait_until_stored
from zhulian.cli.bench.chain.disk import DiskInAFile, NoDiskError
from zhulian.cli.bench.chain.gateways import Gateways, Traffic
from zhulian.cli.bench.chain.process import Telemetry
from zhulian.cli.bench.figures import Figure, measured

GATEWAYS = 3
LONGEST_RUN_S = 2.0
STRIKES_AT_START = 1 / 3
STRIKES_AT_A_STEP = 1 / 2
LONGEST_STEP_S = 0.03
NOTICED_S = 0.2
"""How long the process lives on a dead disk before it ends: nothing more may be acknowledged meanwhile."""
LIBRARIES = ("chdb", "pyarrow", "uvicorn")
Strike = Callable[[Gateways], None]
Numbers = dict[str, tuple[float, str]]
"""What is told beyond the account: value and unit."""


@dataclass(slots=True)
class Outcome:
    """All rounds of one kind of crash."""

    rounds: int = 0
    strikes_s: list[float] = field(default_factory=list)
    """When, in seconds since 1970."""
    acknowledged: int = 0
    account: Account = field(default_factory=Account)
    """The last one that found something, else empty."""
    starts_s: list[float] = field(default_factory=list)
    alarms: int = 0
    """What the store complained of after a start, such as parts that it could not read."""
    numbers: Numbers = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Work:
    """What the store is at while it is struck: it is begun again and again, and once more before all is counted."""

    name: str
    traffic: Traffic
    do: Callable[[Telemetry], None]
    account: Callable[[Telemetry, Gateways], Account]
    numbers: Callable[[Telemetry, Outcome], Numbers]
    wait_for_a_step: Callable[[Telemetry], None] | None = None


def run(rounds: int = 50) -> list[Figure]:
    """Both kinds of crash over both kinds of work, ``rounds`` of each; about eight seconds a round."""
    return [figure for work in (FOLDING, RETIRING) for figure in _of(work, rounds)]


def _of(work: Work, rounds: int) -> Iterator[Figure]:
    for kind, suffer in (("SIGKILL", killed), ("power cut", cut_off)):
        try:
            with tempfile.TemporaryDirectory(prefix="zhulian-crash-") as folder:
                found = suffer(Path(folder), rounds, work)
        except NoDiskError as reason:
            click.echo(f"{kind}: {reason}", err=True)
        else:
            yield from _measured(f"{work.name}, {kind}, {rounds} rounds with {len(found.strikes_s)} strikes", found)


def killed(folder: Path, rounds: int, work: Work) -> Outcome:
    """SIGKILL at random moments."""
    telemetry = Telemetry(folder / "data", folder / "telemetry.log")
    return struck(telemetry, lambda _: telemetry.kill(), rounds, work)


def cut_off(folder: Path, rounds: int, work: Work) -> Outcome:
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

        return struck(telemetry, strike, rounds, work)


def struck(telemetry: Telemetry, strike: Strike, rounds: int, work: Work) -> Outcome:
    """``rounds`` times: traffic and work, ``strike``, start, count. Raises StartRefusedError when there is no start."""
    found, chance, began_s = Outcome(), random.Random(rounds), time.perf_counter()  # noqa: S311 - a repeatable run
    with telemetry, Gateways(telemetry, GATEWAYS, work.traffic) as gateways:
        for _ in range(rounds):
            gateways.go_on()
            with Beside(partial(work.do, telemetry)):
                time.sleep(LONGEST_RUN_S * chance.random())
                if work.wait_for_a_step and chance.random() < STRIKES_AT_A_STEP:
                    work.wait_for_a_step(telemetry)
                    time.sleep(LONGEST_STEP_S * chance.random())
                _strike(strike, gateways, found)
                if chance.random() < STRIKES_AT_START:
                    telemetry.begin()
                    time.sleep(LONGEST_RUN_S * chance.random())
                    _strike(strike, gateways, found)
                found.starts_s.append(telemetry.start())
                gateways.mend_line()
                gateways.pause()
            found.rounds += 1
            found.alarms += len(telemetry.health()["store_alarms"])
            if (difference := _counted(telemetry, gateways, work)) != Account():
                found.account = difference
        found.acknowledged = sum(gateways.acknowledged.values())
        found.numbers = work.numbers(telemetry, found)
    found.seconds = time.perf_counter() - began_s
    return found


def _strike(strike: Strike, gateways: Gateways, found: Outcome) -> None:
    found.strikes_s.append(time.time())
    strike(gateways)


def _counted(telemetry: Telemetry, gateways: Gateways, work: Work) -> Account:
    wait_until_stored(telemetry)
    work.do(telemetry)
    difference = work.account(telemetry, gateways)
    difference = replace(difference, wrong=(*difference.wrong, *checked(telemetry)))
    for wrong in difference.wrong:
        click.echo(wrong, err=True)
    return difference


def _folded(telemetry: Telemetry, gateways: Gateways) -> Account:
    found = account(telemetry.ask, gateways.acknowledged)
    return replace(found, wrong=(*found.wrong, *folds.differing(telemetry.ask)))


def _numbers_of_folds(telemetry: Telemetry, _: Outcome) -> Numbers:
    hours, rows = telemetry.ask("SELECT count(), sum(seen) FROM folded FINAL")[0]
    return {"hours folded": (float(hours), "hours"), "readings in them": (float(rows), "rows")}


def _numbers_of_retiring(telemetry: Telemetry, found: Outcome) -> Numbers:
    steps = retiring.steps(telemetry.ask)
    finished = [step for step in steps if any(step.begun_s <= int(at_s) < step.done_s for at_s in found.strikes_s)]
    return {
        "steps of retention": (len(steps), "steps"),
        "of these struck after they were begun, and finished by the next start": (len(finished), "steps"),
        "readings retired": (sum(step.rows for step in steps if step.is_of_readings), "rows"),
    }


FOLDING = Work("crash", Traffic(apart_us=20_000), folds.fold, _folded, _numbers_of_folds)
RETIRING = Work(
    "crash while days are retired",
    retiring.TRAFFIC,
    retiring.retire,
    lambda telemetry, gateways: retiring.account(telemetry.ask, gateways),
    _numbers_of_retiring,
    lambda telemetry: retiring.wait_for_a_step(telemetry, LONGEST_RUN_S),
)


def _measured(name: str, found: Outcome) -> Iterator[Figure]:
    values: Numbers = {
        "acknowledged": (found.acknowledged, "rows"),
        **found.numbers,
        "lost": (found.account.lost, "rows"),
        "twice": (found.account.doubled, "rows"),
        f"wrong in {', '.join(table.name for table in rollups())}, folded": (len(found.account.wrong), "findings"),
        "parts that could not be read": (found.alarms, "parts"),
        "started again after, median": (statistics.median(found.starts_s), "s"),
        "started again after, longest": (max(found.starts_s), "s"),
    }
    for what, (value, unit) in values.items():
        yield measured(f"{name}: {what}", value, unit, seconds=found.seconds, libraries=LIBRARIES)
