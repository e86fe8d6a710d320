"""Records of this room. Written by ``workflows`` only, read by ``queries`` only."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhulian.organisations.models import Enterprise, Machine, User

PRIORITIES = [(1, _("1 紧急")), (2, _("2 高")), (3, _("3 中")), (4, _("4 低"))]
KINDS = [
    ("threshold", _("超限")),
    ("rate", _("变化过快")),
    ("state", _("状态")),
    ("absence", _("没有数据")),
    ("expression", _("组合条件")),
]
DAYS = [("any", _("每天")), ("working", _("工作日")), ("off", _("休息日"))]


class Rule(models.Model):
    """What is watched, as a person wrote it. Its key is its number in the telemetry process, never used again."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="+")
    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("报警名称"), max_length=80)
    kind = models.CharField(_("类型"), max_length=12, choices=KINDS)
    priority = models.PositiveSmallIntegerField(_("优先级"), choices=PRIORITIES, default=3)
    points = models.JSONField()
    """Ids of points in the order a, b, c of the expression; a single one elsewhere."""
    settings = models.JSONField(default=dict)
    """What ``telemetry.alarms.rules.Rule`` needs beyond these columns."""
    advice = models.CharField(_("处理建议"), max_length=400, blank=True)
    suppressed_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    """While that rule's alarm is active, this one is a known consequence: suppressed by design."""
    out_of_service = models.CharField(_("停用原因"), max_length=200, blank=True)
    """Not judged at all, and why; empty while in service."""
    version = models.PositiveIntegerField(default=1)
    """Grows when what is computed changes; then judging begins anew."""
    since = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_name = models.CharField(max_length=150, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    is_sample = models.BooleanField(_("演示数据"), default=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["machine", "name"], condition=models.Q(removed_at=None), name="alarm_rule_name_in_machine"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Edition(models.Model):
    """A rule as it stood from a moment on, whole: what an alarm of long ago was judged by."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="editions")
    revision = models.PositiveIntegerField()
    said = models.JSONField()
    at = models.DateTimeField()
    by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-revision"]
        constraints = [models.UniqueConstraint(fields=["rule", "revision"], name="alarm_edition_once")]


class Flood(models.Model):
    """More alarms of one workshop than a person can read: told as one."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=80, blank=True)
    """The workshop; empty where machines have none."""
    started_at = models.DateTimeField()
    last_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["enterprise", "ended_at"], name="flood_open")]


class Occurrence(models.Model):
    """One alarm from its beginning to its end, and what people did about it."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="occurrences")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="+")
    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="+")
    revision = models.PositiveIntegerField(default=1)
    """The rule's, when it began."""
    priority = models.PositiveSmallIntegerField(choices=PRIORITIES)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    value = models.FloatField(null=True, blank=True)
    is_suppressed = models.BooleanField(default=False)
    flood = models.ForeignKey(Flood, on_delete=models.SET_NULL, null=True, blank=True, related_name="occurrences")
    learned_at = models.DateTimeField()
    """When the platform came to know of it; later than ``started_at`` by delays and late data."""
    told_at = models.DateTimeField(null=True, blank=True)
    level = models.PositiveSmallIntegerField(default=0)
    """Up to which level of duty people were told."""
    corrected_at = models.DateTimeField(null=True, blank=True)
    """Late readings have changed its times."""
    retracted_at = models.DateTimeField(null=True, blank=True)
    """Late readings have shown that it never was."""
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    acknowledged_name = models.CharField(max_length=150, blank=True)
    note = models.CharField(_("说明"), max_length=400, blank=True)
    is_sample = models.BooleanField(default=False)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "started_at"], condition=models.Q(retracted_at=None), name="alarm_begins_once"
            )
        ]
        indexes = [
            models.Index(fields=["enterprise", "-started_at"], name="alarm_by_enterprise"),
            models.Index(fields=["machine", "-started_at"], name="alarm_by_machine"),
            models.Index(
                fields=["enterprise", "priority"],
                condition=models.Q(ended_at=None, retracted_at=None),
                name="alarm_active",
            ),
            models.Index(fields=["learned_at"], condition=models.Q(told_at=None), name="alarm_untold"),
        ]


class Shelf(models.Model):
    """An alarm put aside by a person for a limited time, with a reason (ISA-18.2: shelved)."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="shelves")
    since = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.CharField(_("原因"), max_length=200)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=150, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-since", "-id"]
        indexes = [models.Index(fields=["rule", "until"], name="shelf_running")]


class Duty(models.Model):
    """Who is told of alarms, when, and in which turn: level 1 at once, 2 and 3 when nobody has acknowledged."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    level = models.PositiveSmallIntegerField(_("级别"), default=1)
    days = models.CharField(_("日子"), max_length=8, choices=DAYS, default="any")
    start_hour = models.PositiveSmallIntegerField(_("开始"), default=0)
    end_hour = models.PositiveSmallIntegerField(_("结束"), default=24)

    class Meta:
        ordering = ["level", "start_hour", "id"]
        indexes = [models.Index(fields=["enterprise", "level"], name="duty_by_level")]


class Patience(models.Model):
    """After how many minutes without an acknowledgement the next level of duty is told."""

    enterprise = models.OneToOneField(Enterprise, on_delete=models.CASCADE, related_name="+")
    second_min = models.PositiveSmallIntegerField(default=10)
    third_min = models.PositiveSmallIntegerField(default=30)


class Progress(models.Model):
    """The one row that says how far the telemetry process was heard, and how often rules have changed."""

    log = models.CharField(max_length=32, blank=True)
    number = models.PositiveBigIntegerField(default=0)
    rules_version = models.PositiveIntegerField(default=1)


class Pulse(models.Model):
    """How often anything about the alarms of an enterprise has changed: what open lists watch, to renew themselves."""

    enterprise = models.OneToOneField(Enterprise, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveBigIntegerField(default=0)
