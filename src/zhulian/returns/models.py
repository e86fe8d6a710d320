"""Records of this room. Written by ``workflows`` only, read by ``queries`` only."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhulian.organisations.models import Enterprise, User


class ReportingTask(models.Model):
    """填报任务: one form, sent to chosen enterprises, until a day."""

    form = models.CharField(max_length=40)
    title = models.CharField(_("标题"), max_length=120)
    note = models.TextField(_("说明"), blank=True)
    contact = models.CharField(_("联系人和电话"), max_length=120)
    period_end = models.DateField(_("统计截止日"))
    """The day that the facts speak of; a yearly figure is that of the year in which it lies."""
    due = models.DateField(_("截止日期"))
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    opened_by_name = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    is_sample = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title


class Return(models.Model):
    """填报表: one enterprise's part of a reporting task, typed text and all."""

    task = models.ForeignKey(ReportingTask, on_delete=models.PROTECT, related_name="returns")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="returns")
    answers = models.JSONField(default=dict)
    """Fact key → {text, by, by_name}: what was typed last, right or wrong; ``=`` confirms what is known."""
    saved_at = models.DateTimeField(null=True, blank=True)
    number = models.CharField(_("回执编号"), max_length=32, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by_name = models.CharField(max_length=80, blank=True)
    sent = models.JSONField(default=list)
    """What was sent: [key, text, fact id or null when confirmed, words zh, words en]."""
    round = models.PositiveSmallIntegerField(default=1)
    """Grows each time an officer gives it back."""
    returned_note = models.TextField(blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "enterprise"], name="one_return_each")]
        indexes = [
            models.Index(fields=["enterprise", "sent_at"], name="return_of_enterprise"),
            models.Index(fields=["task", "sent_at"], name="return_of_task"),
        ]
