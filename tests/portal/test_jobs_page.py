"""The page of jobs, and asking for a run: for administrators, in words."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from peers.records import World
from zhulian.jobs.models import Run, RunState
from zhulian.organisations.models import User
from zhulian.portal.jobs import SCHEDULE

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User | None], Client]


def test_every_job_stands_there_with_its_time(world: World, signed_in: SignedIn) -> None:
    text = signed_in(world.administrator).get("/jobs/").content.decode()
    for job in SCHEDULE:
        assert job.title.zh in text
        assert job.when.words.zh in text
    assert "任务进程没有运行" in text


def test_names_are_unique() -> None:
    assert len({job.name for job in SCHEDULE}) == len(SCHEDULE)


def test_a_failure_is_told_and_a_run_can_be_asked_for(world: World, signed_in: SignedIn) -> None:
    Run.objects.create(
        job="jobs.prune", slot="2026-11-24T04:30", due_at=timezone.now(), state=RunState.FAILED, error="磁盘满了"
    )
    browser = signed_in(world.administrator)
    assert "磁盘满了" in browser.get("/jobs/?state=trouble").content.decode()
    answer = browser.post("/jobs/jobs.prune/", follow=True)
    assert "已排队" in answer.content.decode()
    assert Run.objects.filter(requested_by__isnull=False, state=RunState.WAITING).count() == 1
    assert "正在运行或排队" in browser.post("/jobs/jobs.prune/").content.decode()
    assert "没有名为" in browser.get("/jobs/nonsense/").content.decode()


def test_others_are_turned_away(world: World, signed_in: SignedIn) -> None:
    assert signed_in(world.bureau).get("/jobs/").status_code == 403
    assert signed_in(world.bureau).post("/jobs/jobs.prune/").status_code == 403
    assert not Run.objects.exists()
