"""Runs: opened once, carried out once, tried again after a failure, given back when a worker dies."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings as DjangoSettings

from zhulian.jobs import queries, workflows
from zhulian.jobs.models import Run, RunState, Worker
from zhulian.jobs.rules import Daily, Every, Job, JobsError, Turn
from zhulian.jobs.worker import JobsProcess
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text, ZhulianError

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 11, 25, 12, tzinfo=SHANGHAI)
SCHEDULE: list[Job] = []
turns: list[Turn] = []
fails: list[Exception] = []


def work(turn: Turn) -> Text:
    turns.append(turn)
    if fails:
        raise fails.pop(0)
    return Text("好。", "Good.")


def job(name: str = "a", when: Daily | Every = Daily(time(1, 30))) -> Job:  # noqa: B008 - frozen
    return Job(name, Text(name, name), when, work, Text("", ""))


@pytest.fixture(autouse=True)
def own_schedule(settings: DjangoSettings) -> None:
    settings.JOBS_SCHEDULE = f"{__name__}.SCHEDULE"
    SCHEDULE[:] = [job()]
    turns.clear()
    fails.clear()


@pytest.fixture
def at() -> Callable[[datetime], JobsProcess]:
    """A worker whose clock stands at a moment."""
    return lambda moment: JobsProcess(lambda: moment)


def test_what_is_due_runs_once(at: Callable[[datetime], JobsProcess]) -> None:
    worker = at(NOON)
    worker.tick()
    worker.tick()
    at(NOON + timedelta(hours=11)).tick()  # after a restart, still the same day
    assert [turn.due for turn in turns] == [datetime(2026, 11, 25, 1, 30, tzinfo=SHANGHAI)]
    run = Run.objects.get()
    assert (run.state, run.outcome_zh, run.attempts) == (RunState.DONE, "好。", 1)
    assert run.started_at
    assert run.ended_at


def test_two_workers_do_not_run_it_twice(at: Callable[[datetime], JobsProcess]) -> None:
    one, other = at(NOON), at(NOON)
    one.tick()
    other.tick()
    assert len(turns) == 1


def test_of_several_missed_days_the_last_is_made_up_for(at: Callable[[datetime], JobsProcess]) -> None:
    at(NOON).tick()
    at(NOON + timedelta(days=5)).tick()
    assert [turn.due.day for turn in turns] == [25, 30]


def test_a_failure_is_recorded_and_tried_again(at: Callable[[datetime], JobsProcess]) -> None:
    fails.append(ZhulianError("down", Text("遥测不在。", "No telemetry."), Text("稍后。", "Later.")))
    at(NOON).tick()
    run = Run.objects.get()
    assert (run.state, run.attempts) == (RunState.WAITING, 1)
    assert "遥测不在" in run.error
    assert run.next_attempt_at
    state = queries.job_states(NOON)[0]
    assert state.is_failing
    DBTaskResult.objects.filter(status=TaskResultStatus.READY).update(run_after=timezone.now())
    at(NOON).tick()
    run.refresh_from_db()
    assert (run.state, run.attempts) == (RunState.DONE, 2)
    assert "遥测不在" in run.error
    assert not queries.job_states(NOON)[0].is_failing


def test_the_last_failure_is_a_failure(at: Callable[[datetime], JobsProcess]) -> None:
    fails.extend(ValueError(str(number)) for number in range(5))
    for _ in range(6):
        at(NOON).tick()
        DBTaskResult.objects.filter(status=TaskResultStatus.READY).update(run_after=timezone.now())
    assert len(turns) == 5
    assert Run.objects.get().state == RunState.FAILED


def test_a_frequent_job_waits_for_its_next_turn(at: Callable[[datetime], JobsProcess]) -> None:
    SCHEDULE[:] = [job("often", Every(15))]
    fails.append(ValueError("once"))
    at(NOON).tick()
    assert Run.objects.get().state == RunState.FAILED
    at(NOON + timedelta(minutes=15)).tick()
    assert Run.objects.latest("pk").state == RunState.DONE


def test_somebody_asks_for_a_run(at: Callable[[datetime], JobsProcess]) -> None:
    at(NOON).tick()
    workflows.request("a", "王敏", NOON)
    with pytest.raises(JobsError, match="排队"):
        workflows.request("a", "王敏", NOON)
    at(NOON).tick()
    assert [turn.is_requested for turn in turns] == [False, True]
    assert Run.objects.latest("pk").requested_by == "王敏"
    with pytest.raises(JobsError, match="没有名为"):
        workflows.request("gone", "王敏", NOON)


def test_a_job_that_left_the_schedule_fails_in_words() -> None:
    number = workflows.request("a", "", NOON)
    SCHEDULE.clear()
    JobsProcess(lambda: NOON).tick()
    run = Run.objects.get(pk=number)
    assert run.state == RunState.FAILED
    assert "没有名为" in run.error


def test_what_a_dead_worker_left_is_given_back(at: Callable[[datetime], JobsProcess]) -> None:
    number = _lost_with("dead", at)
    assert workflows.recover(timezone.now()) == 1
    at(NOON).tick()
    assert Run.objects.get(pk=number).state == RunState.DONE


def test_a_living_worker_keeps_its_task(at: Callable[[datetime], JobsProcess]) -> None:
    _lost_with("alive", at)
    workflows.enter("alive", timezone.now())
    assert workflows.recover(timezone.now() + timedelta(seconds=59)) == 0
    assert workflows.recover(timezone.now() + timedelta(seconds=61)) == 1
    assert not Worker.objects.exists()


def test_a_task_that_kills_its_workers_is_given_up(at: Callable[[datetime], JobsProcess]) -> None:
    number = _lost_with("dead", at)
    DBTaskResult.objects.update(worker_ids=["x", "y", "z"])
    workflows.recover(timezone.now())
    run = Run.objects.get(pk=number)
    assert run.state == RunState.FAILED
    assert "3 次" in run.error


def _lost_with(worker: str, at: Callable[[datetime], JobsProcess]) -> int:
    """A run whose worker took it and was never seen again."""
    number = workflows.request("a", "", NOON)
    DBTaskResult.objects.get().claim(worker)
    Run.objects.filter(pk=number).update(state=RunState.RUNNING, attempts=1, started_at=timezone.now())
    return number


def test_a_run_that_takes_too_long_is_stuck() -> None:
    number = workflows.request("a", "", NOON)
    Run.objects.filter(pk=number).update(state=RunState.RUNNING, started_at=NOON)
    assert not queries.job_states(NOON + timedelta(minutes=30))[0].is_stuck
    assert queries.job_states(NOON + timedelta(minutes=31))[0].is_stuck


def test_old_records_go_and_the_newest_stays(at: Callable[[datetime], JobsProcess]) -> None:
    for moment in (NOON, NOON + timedelta(days=1)):
        at(moment).tick()
    said = workflows.prune(Turn("p", NOON, NOON + timedelta(days=300)))
    assert said.zh == "清理了 1 条旧记录。"
    assert Run.objects.get().slot == "2026-11-26T01:30"


def test_listing_takes_one_statement(
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    workflows.request("a", "", NOON)
    with django_assert_num_queries(1):
        queries.job_states(NOON)
