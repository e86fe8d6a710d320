"""Records of this room. Written by ``workflows`` only, read by ``queries`` only."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhulian.organisations.models import Enterprise, User

STATES = [
    ("asked", _("待确认")),
    ("confirmed", _("正在删除")),
    ("done", _("已删除")),
    ("withdrawn", _("已撤回")),
]


class Term(models.Model):
    """For how many days something is kept: for the city or one enterprise, for all points or those of one unit."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    """None: the whole city."""
    unit = models.CharField(_("点位类别"), max_length=24, blank=True)
    """A point's class is its unit, "-" for points without one; empty: all points."""
    raw_days = models.PositiveIntegerField(_("原始读数"), null=True, blank=True)
    hour_days = models.PositiveIntegerField(_("小时汇总"), null=True, blank=True)
    """None: without limit."""
    changed_at = models.DateTimeField()
    changed_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["enterprise_id", "unit"]
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "unit"], name="term_once_in_enterprise"),
            models.UniqueConstraint(fields=["unit"], condition=models.Q(enterprise=None), name="term_once_in_city"),
        ]


class Demand(models.Model):
    """Readings of some points and days that somebody wants deleted; what went stands here as its certificate."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="+")
    points = models.JSONField(null=True)
    """Ids; None: all points, also those that nobody knows any more."""
    said = models.CharField(max_length=400, blank=True)
    """The points by name, as they were called then."""
    first = models.DateField(_("从"))
    last = models.DateField(_("到"))
    with_sums = models.BooleanField(_("连同汇总"), default=False)
    reason = models.CharField(_("原因"), max_length=400)
    state = models.CharField(max_length=10, choices=STATES, default="asked")
    expected_rows = models.PositiveBigIntegerField()
    expected_hours = models.PositiveBigIntegerField()
    """Counted from the sums when it was asked for: readings, and rows of hourly sums."""
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    asked_name = models.CharField(max_length=150, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_name = models.CharField(max_length=150, blank=True)
    steps = models.PositiveIntegerField(default=0)
    steps_done = models.PositiveIntegerField(default=0)
    rows_gone = models.PositiveBigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    """When it was done or withdrawn."""

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["enterprise", "-id"], name="demand_by_enterprise"),
            models.Index(fields=["state"], condition=models.Q(state="confirmed"), name="demand_at_work"),
        ]
