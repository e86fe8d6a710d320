"""Records of this room. Written by ``workflows`` only, read by ``queries`` only."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RunState(models.TextChoices):
    """Where a run stands. WAITING: queued, or failed and to be tried again."""

    WAITING = "waiting", _("等待")
    RUNNING = "running", _("运行中")
    DONE = "done", _("成功")
    FAILED = "failed", _("失败")


UNFINISHED = (RunState.WAITING, RunState.RUNNING)


class Run(models.Model):
    """One run of one job. ``slot`` names what it is for: its due time, or a request; there is never a second one."""

    job = models.CharField(max_length=60)
    slot = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome_zh = models.CharField(max_length=400, blank=True)
    outcome_en = models.CharField(max_length=400, blank=True)
    error = models.TextField(blank=True)
    """What went wrong at the last attempt, in the words of the fault; kept when a later attempt succeeds."""
    requested_by = models.CharField(max_length=160, blank=True)
    task = models.CharField(max_length=40, blank=True)
    """Id of the queued task that carries it out."""

    class Meta:
        ordering = ["-due_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["job", "slot"], name="one_run_for_a_slot"),
            models.UniqueConstraint(fields=["job"], condition=Q(state__in=UNFINISHED), name="one_unfinished_run"),
        ]
        indexes = [models.Index(fields=["job", "-due_at"], name="jobs_run_newest"), models.Index(fields=["task"])]


class Worker(models.Model):
    """A process that carries tasks out. One that was not seen for a while is dead, and its tasks are given back."""

    name = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
