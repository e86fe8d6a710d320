"""Records of the desk. Written by ``workflows`` only, read by ``queries`` only."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhulian.desk.rules import OUTCOMES
from zhulian.organisations.models import Enterprise, User

OUTCOME_CHOICES = [(outcome.value, words.zh) for outcome, words in OUTCOMES.items()]


class Addressed(models.Model):
    """Whom a row is for; see :class:`zhulian.desk.rules.Audience`."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    role = models.CharField(_("角色"), max_length=16, blank=True)
    place = models.CharField(_("县区"), max_length=12, blank=True)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    organisation = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        abstract = True


class Task(Addressed):
    """Something that somebody has to do, once. ``key`` names the reason, so that it is never opened twice."""

    key = models.CharField(max_length=200, unique=True)
    title_zh = models.CharField(_("事项"), max_length=300)
    title_en = models.CharField(max_length=300)
    link = models.CharField(_("办理页面"), max_length=300)
    source = models.CharField(_("来源"), max_length=60)
    due = models.DateField(_("截止日期"), null=True, blank=True)
    urgent = models.BooleanField(_("紧急"), default=False)
    opened_at = models.DateTimeField()
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(_("结果"), max_length=12, blank=True, choices=OUTCOME_CHOICES)
    note = models.TextField(_("说明"), blank=True)
    revision = models.PositiveIntegerField(default=1)
    """Grows with every change; an act that began from an older one is refused."""
    moved_by = models.PositiveBigIntegerField(null=True, blank=True)
    """The hand-over that brought it to whoever has it now; taken back with it."""
    is_sample = models.BooleanField(_("演示数据"), default=False)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["closed_at", "due"], name="task_open_due"),
            models.Index(fields=["person", "closed_at"], name="task_person"),
            models.Index(fields=["enterprise", "closed_at"], name="task_enterprise"),
            models.Index(fields=["role", "place", "closed_at"], name="task_role_place"),
        ]

    def __str__(self) -> str:
        return self.title_zh


class Message(models.Model):
    """Something that people are told. ``key`` names the reason, so that nobody is told twice."""

    key = models.CharField(max_length=200, unique=True)
    subject = models.CharField(_("主题"), max_length=60)
    title_zh = models.CharField(_("标题"), max_length=300)
    title_en = models.CharField(max_length=300)
    body_zh = models.TextField(_("内容"), blank=True)
    body_en = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    urgent = models.BooleanField(default=False)
    sent_at = models.DateTimeField()
    is_sample = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.title_zh


class Receipt(models.Model):
    """One person's copy of a message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="receipts")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "person"], name="receipt_once")]
        indexes = [models.Index(fields=["person", "read_at"], name="receipt_unread")]


class Channel(Addressed):
    """A group robot or an address of another system. Every message for its audience goes there once."""

    name = models.CharField(_("名称"), max_length=80, unique=True)
    kind = models.CharField(_("类型"), max_length=12)
    url = models.CharField(_("地址"), max_length=500)
    secret = models.CharField(_("密钥"), max_length=200, blank=True)
    language = models.CharField(_("语言"), max_length=8, default="zh-hans")
    quiet_start = models.PositiveSmallIntegerField(_("免打扰开始"), default=21)
    quiet_end = models.PositiveSmallIntegerField(_("免打扰结束"), default=8)
    urgent_passes = models.BooleanField(_("紧急消息不受限"), default=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One message on its way out of the house: the outbox. ``key`` makes it exist once, whatever happens."""

    key = models.CharField(max_length=200, unique=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries")
    """Empty for e-mail to ``person``."""
    person = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    urgent = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    """Also the lease: whoever sends moves it forward first, so that no second worker takes the same row."""
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    fault = models.JSONField(null=True, blank=True)
    """The last error, as ``ZhulianError.as_json``."""

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(sent_at=None, failed_at=None),
                name="delivery_waiting",
            ),
            models.Index(fields=["made_at"], name="delivery_made"),
        ]


class Preference(models.Model):
    """How one person, or everybody of an enterprise who chose nothing, wants to be told outside of the site."""

    person = models.OneToOneField(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    enterprise = models.OneToOneField(Enterprise, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    organisation = models.PositiveBigIntegerField(null=True, blank=True, unique=True)
    email = models.CharField(max_length=8)
    """off, each or digest."""
    quiet_start = models.PositiveSmallIntegerField(default=21)
    quiet_end = models.PositiveSmallIntegerField(default=8)
    urgent_passes = models.BooleanField(default=False)


class WorkingYear(models.Model):
    """A year's holiday notice as an administrator entered it; it wins over the shipped one."""

    year = models.PositiveSmallIntegerField(unique=True)
    notice = models.CharField(_("文号"), max_length=60)
    title = models.CharField(_("标题"), max_length=120)
    source = models.CharField(_("出处"), max_length=300)
    holidays = models.JSONField()
    """``[[name, first, last], …]``, dates in ISO form."""
    working = models.JSONField()
    """``[date, …]``: weekend days that are worked."""
    entered_by = models.CharField(max_length=80)
    entered_at = models.DateTimeField()
