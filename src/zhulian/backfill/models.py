"""Records of this room. Written by ``workflows`` only, read by ``queries`` only."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhulian.organisations.models import Enterprise, User

STATES = [
    ("draft", _("待开始")),
    ("waiting", _("排队中")),
    ("running", _("导入中")),
    ("done", _("已导入")),
    ("stopped", _("已停止")),
    ("failed", _("未完成")),
]


class Backfill(models.Model):
    """One file of past readings of one enterprise."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    path = models.CharField(max_length=1000, blank=True)
    """Where the file lies, for one that was named on the command line; empty for one that was uploaded."""
    layout = models.JSONField(default=dict)
    """How it is read (``telemetry.backfill.layout``); does not change once it has begun."""
    names = models.JSONField(default=list)
    """What may name a point: every name in the file, or the titles of its columns."""
    state = models.CharField(max_length=8, choices=STATES, default="draft")
    progress = models.JSONField(default=dict)
    """Counts (``telemetry.backfill.carrying.Progress``), without the days."""
    days = models.JSONField(default=list)
    """Days of the city's calendar that have readings in it, as 2026-11-25, known before the first one is sent."""
    sent = models.BigIntegerField(default=0)
    """Readings whose reception is certain."""
    fault = models.JSONField(null=True)
    """Why it did not come to its end: code, what, next step."""
    person = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    person_name = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["enterprise", "sha256"], name="backfill_by_file")]

    def __str__(self) -> str:
        return self.filename
