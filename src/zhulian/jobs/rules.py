"""When a job is due and what may be said about its runs: pure, and tested without a database.

A job is a function with a name and a time. It is called again when the worker died in the middle, so what it does a
second time must change nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text, ZhulianError

PAUSES_S = (60, 300, 900, 1_800)
"""How long a failed run waits before it is tried again: after the first, second … failure."""
TRIES_A_DAY = 5
LEASE_S = 60
"""A worker not seen for so long is dead; it shows itself every ``BEAT_S``."""
BEAT_S = 15
DEATHS = 3
"""A task that was lost with its worker so often is not given to a further one: it may be what kills them."""
KEEP_DAYS, KEEP_FREQUENT_DAYS = 200, 7
"""How long runs are remembered: of daily jobs, and of those that recur within a day."""


class JobsError(ZhulianError):
    """A job that cannot be run as asked."""


@dataclass(frozen=True, slots=True)
class Daily:
    """Every day at ``at`` on the clocks of the city."""

    at: time

    def latest(self, now: datetime) -> datetime:
        """The last time it was due, at or before ``now``."""
        today = datetime.combine(now.astimezone(SHANGHAI).date(), self.at, SHANGHAI)
        return today if today <= now else today - timedelta(days=1)

    def following(self, now: datetime) -> datetime:
        """The next time after ``now``."""
        return self.latest(now) + timedelta(days=1)

    @property
    def words(self) -> Text:
        """How a person says it."""
        return Text(f"每天 {self.at:%H:%M}", f"daily at {self.at:%H:%M}")


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many minutes, counted from midnight in the city; ``minutes`` divides a day."""

    minutes: int

    def latest(self, now: datetime) -> datetime:
        """The last time it was due, at or before ``now``."""
        local = now.astimezone(SHANGHAI)
        midnight = datetime.combine(local.date(), time.min, SHANGHAI)
        step = timedelta(minutes=self.minutes)
        return midnight + (local - midnight) // step * step

    def following(self, now: datetime) -> datetime:
        """The next time after ``now``."""
        return self.latest(now) + timedelta(minutes=self.minutes)

    @property
    def words(self) -> Text:
        """How a person says it."""
        return Text(f"每 {self.minutes} 分钟", "every minute" if self.minutes == 1 else f"every {self.minutes} minutes")


@dataclass(frozen=True, slots=True)
class Turn:
    """What a job is told: for which moment it runs (``due``), what time it is, and whether somebody asked for it."""

    job: str
    due: datetime
    now: datetime
    is_requested: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """A line of the schedule. ``run`` says in a sentence what came of it; an exception is a failure."""

    name: str
    title: Text
    when: Daily | Every
    run: Callable[[Turn], Text]
    what: Text
    """What it does and for whom, on the page of the administrator."""
    within: timedelta = timedelta(minutes=30)
    """A run that takes longer is stuck."""
    catch_up: timedelta | None = None
    """How late a missed run still makes sense; ``None`` means always. Only the last missed run is made up for."""

    @property
    def tries(self) -> int:
        """What recurs within the day is not tried again: its next turn is that."""
        return TRIES_A_DAY if isinstance(self.when, Daily) else 1


def slot_of(due: datetime) -> str:
    """The name of the run that is due then."""
    return due.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def due_now(job: Job, now: datetime) -> datetime | None:
    """For which moment ``job`` should have run by ``now``; None when that is too long ago to make sense."""
    latest = job.when.latest(now)
    return None if job.catch_up is not None and now - latest > job.catch_up else latest


def pause(failures: int) -> timedelta:
    """How long to wait after so many failures in a row."""
    return timedelta(seconds=PAUSES_S[min(failures, len(PAUSES_S)) - 1])


def told(fault: BaseException) -> str:
    """A fault in words for the record: our own as they are, others with the name of their kind."""
    return str(fault) if isinstance(fault, ZhulianError) else f"{type(fault).__name__}: {fault}"[:2_000]
