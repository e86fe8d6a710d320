"""The only writer of runs and workers: opens what is due, carries it out, gives back what a dead worker left.

Called by ``worker`` in the jobs process and by the administrator's page. Announces :class:`RunEnded`.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from uuid import uuid4

from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q
from django.utils import timezone
from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from zhulian.jobs.models import UNFINISHED, Run, RunState, Worker
from zhulian.jobs.queries import job_named, schedule
from zhulian.jobs.rules import (
    DEATHS,
    KEEP_DAYS,
    KEEP_FREQUENT_DAYS,
    LEASE_S,
    Every,
    Job,
    JobsError,
    Turn,
    due_now,
    pause,
    slot_of,
    told,
)
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.events import announce

_log = logging.getLogger("zhulian.jobs")
_LOST = "处理它的进程连续中断 {n} 次，已不再重试。 / Its worker ended {n} times in the middle; it is not tried again."


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run came to its end, for good or bad; not announced for attempts that are made again."""

    run: int
    job: str
    is_good: bool
    error: str


def open_due(jobs: Iterable[Job], now: datetime) -> list[Job]:
    """Queue every job of ``jobs`` that is due and has no run for that moment yet; returns those that are settled."""
    return [job for job in jobs if _open_due(job, now)]


def _open_due(job: Job, now: datetime) -> bool:
    due = due_now(job, now)
    if due is None or Run.objects.filter(job=job.name, slot=slot_of(due)).exists():
        return True
    try:
        _queue(Run(job=job.name, slot=slot_of(due), due_at=due))
    except IntegrityError:  # another worker was faster, or the run before is not finished
        return False
    return True


def request(name: str, by: str, now: datetime) -> int:
    """Queue a run of ``name`` because a person asks; refused while one waits or runs. Returns the run's id."""
    job = job_named(name)
    try:
        return _queue(Run(job=job.name, slot=f"{slot_of(now)} {uuid4().hex[:12]}", due_at=now, requested_by=by))
    except IntegrityError as fault:
        raise JobsError(
            "job_busy",
            Text(f"“{job.title.zh}”正在运行或排队。", f'"{job.title.en}" is running or waiting already.'),
            Text("请等它结束后再试。", "Wait until it has ended, then try again."),
        ) from fault


def _queue(run: Run, *, after: datetime | None = None) -> int:
    with transaction.atomic():
        run.save()
        queued = perform.using(run_after=after).enqueue(run.pk)
        Run.objects.filter(pk=run.pk).update(task=queued.id, next_attempt_at=after)
    return int(run.pk)


@task
def perform(number: int) -> None:
    """Carry run ``number`` out; whatever becomes of it stands in its record."""
    run = Run.objects.get(pk=number)
    if run.state not in UNFINISHED:
        return
    now = timezone.now()
    Run.objects.filter(pk=number).update(
        state=RunState.RUNNING, attempts=F("attempts") + 1, started_at=now, ended_at=None, next_attempt_at=None
    )
    with _Recording(number):
        job = job_named(run.job)
        said = job.run(Turn(run.job, run.due_at.astimezone(SHANGHAI), now, bool(run.requested_by)))
        _end(number, RunState.DONE, outcome=said)


class _Recording:
    """Turns any fault of a job into a record and, as long as that makes sense, another attempt."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(fault, Exception):  # nothing went wrong, or the process is asked to end
            return False
        _log.error("run %s failed", self._number, exc_info=fault)
        _failed(self._number, told(fault))
        return True


def _failed(number: int, error: str) -> None:
    run = Run.objects.get(pk=number)
    job = _known(run.job)
    if job is None or run.attempts >= job.tries:
        _end(number, RunState.FAILED, error=error)
        return
    run.state, run.error, run.ended_at = RunState.WAITING, error, timezone.now()
    _queue(run, after=run.ended_at + pause(run.attempts))


def _known(name: str) -> Job | None:
    try:
        return job_named(name)
    except JobsError:
        return None


def _end(number: int, state: RunState, *, outcome: Text | None = None, error: str = "") -> None:
    said = outcome or Text("", "")
    changed: dict[str, object] = {"outcome_zh": said.zh[:400], "outcome_en": said.en[:400]}
    if error:
        changed["error"] = error
    with transaction.atomic():
        Run.objects.filter(pk=number).update(state=state, ended_at=timezone.now(), next_attempt_at=None, **changed)
        run = Run.objects.get(pk=number)
        announce(RunEnded(number, run.job, state is RunState.DONE, error))


def enter(name: str, now: datetime) -> None:
    """A worker begins."""
    Worker.objects.create(name=name, started_at=now, seen_at=now)


def beat(name: str, now: datetime) -> None:
    """A worker shows that it lives."""
    Worker.objects.filter(name=name).update(seen_at=now)


def leave(name: str) -> None:
    """A worker ends in order."""
    Worker.objects.filter(name=name).delete()


def recover(now: datetime) -> int:
    """Give back what dead workers were doing, and forget those workers. Returns how many tasks were given back."""
    with transaction.atomic():
        Worker.objects.filter(seen_at__lt=now - timedelta(seconds=LEASE_S)).delete()
        living = set(Worker.objects.values_list("name", flat=True))
        running = DBTaskResult.objects.select_for_update().filter(status=TaskResultStatus.RUNNING)
        lost = [each for each in running if each.worker_ids and each.worker_ids[-1] not in living]
        for each in lost:
            _give_back(each)
    return len(lost)


def _give_back(lost: "DBTaskResult[[int], None]") -> None:
    _log.warning("task %s was lost with its worker (%d times)", lost.id, len(lost.worker_ids))
    if len(lost.worker_ids) < DEATHS:
        lost.status = TaskResultStatus.READY
        lost.save(update_fields=["status"])
        Run.objects.filter(task=str(lost.id), state=RunState.RUNNING).update(state=RunState.WAITING)
        return
    said = _LOST.format(n=len(lost.worker_ids))
    lost.set_failed(RuntimeError(said))
    for run in Run.objects.filter(task=str(lost.id), state__in=UNFINISHED):
        _end(run.pk, RunState.FAILED, error=said)


def prune(turn: Turn) -> Text:
    """Forget finished tasks after two weeks and old runs; the newest run of a job always stays."""
    call_command("prune_db_task_results", queue_name="*", verbosity=0)
    newest = Run.objects.values("job").annotate(newest=Max("pk")).values_list("newest", flat=True)
    frequent = [job.name for job in schedule() if isinstance(job.when, Every)]
    is_old = Q(due_at__lt=turn.now - timedelta(days=KEEP_DAYS))
    is_old |= Q(job__in=frequent, due_at__lt=turn.now - timedelta(days=KEEP_FREQUENT_DAYS))
    old = Run.objects.filter(is_old).exclude(state__in=UNFINISHED)
    forgotten, _ = old.exclude(pk__in=list(newest)).delete()
    return Text(f"清理了 {forgotten} 条旧记录。", f"{forgotten} old records were removed.")
