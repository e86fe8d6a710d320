"""The only reader of runs: the administrator's page, ``zhulian doctor`` and the worker ask here.

Jobs are nobody's tenant: whoever may not administer is turned away by the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string

from zhulian.jobs.models import Run, RunState, Worker
from zhulian.jobs.rules import LEASE_S, Job, JobsError
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import Page, page_of


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as it stands."""

    id: int
    job: str
    due_at: datetime
    state: str
    state_words: str
    attempts: int
    next_attempt_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    outcome: Text
    error: str
    requested_by: str

    @property
    def took_s(self) -> float | None:
        """How long the last attempt took."""
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at and self.started_at else None


@dataclass(frozen=True, slots=True)
class JobState:
    """A job of the schedule with its newest run. ``is_stuck``: it has been running for longer than it may."""

    job: Job
    last: RunRow | None
    next_at: datetime
    is_stuck: bool

    @property
    def is_failing(self) -> bool:
        """Whether the last run failed, or waits after a failure."""
        return self.last is not None and (
            self.last.state == RunState.FAILED or (self.last.state == RunState.WAITING and bool(self.last.error))
        )


def schedule() -> Sequence[Job]:
    """The table of jobs that the settings name."""
    found: Sequence[Job] = import_string(settings.JOBS_SCHEDULE)
    return found


def job_named(name: str) -> Job:
    """The line of the schedule called ``name``."""
    found = next((job for job in schedule() if job.name == name), None)
    if found is None:
        raise JobsError(
            "job_unknown",
            Text(f"没有名为“{name}”的定时任务。", f'There is no job called "{name}".'),
            Text("请从“定时任务”页重新进入。", "Start again from the page of jobs."),
        )
    return found


def job_states(now: datetime) -> list[JobState]:
    """Every job of the schedule, in its order; one statement."""
    jobs = schedule()
    wanted = Q(pk__in=[])
    for job in jobs:
        newest = Run.objects.filter(job=job.name).order_by("-due_at", "-id").values("pk")[:1]
        wanted |= Q(pk=newest)
    last = {run.job: _row(run) for run in Run.objects.filter(wanted)}
    return [_state(job, last.get(job.name), now) for job in jobs]


def _state(job: Job, last: RunRow | None, now: datetime) -> JobState:
    is_stuck = (
        last is not None
        and last.state == RunState.RUNNING
        and last.started_at is not None
        and now - last.started_at > job.within
    )
    return JobState(job, last, job.when.following(now), is_stuck)


def runs(job: str, number: int, size: int) -> Page[RunRow]:
    """Page ``number`` (from 1) of the runs of ``job``, newest first."""
    return page_of(Run.objects.filter(job=job), number, size, _row)


def living_workers(now: datetime) -> int:
    """How many processes carry tasks out right now."""
    return Worker.objects.filter(seen_at__gte=now - timedelta(seconds=LEASE_S)).count()


def _row(run: Run) -> RunRow:
    return RunRow(
        id=run.pk,
        job=run.job,
        due_at=run.due_at,
        state=run.state,
        state_words=str(RunState(run.state).label),
        attempts=run.attempts,
        next_attempt_at=run.next_attempt_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        outcome=Text(run.outcome_zh, run.outcome_en),
        error=run.error,
        requested_by=run.requested_by,
    )
