"""Records of this room. Written by ``workflows`` only, read by ``queries`` only.

The ledger is append-only. What is refused here is refused by triggers of the database as well (migration 0002), so
that neither a slip of the code nor somebody with an SQL prompt changes what a decision was based on.
"""

from datetime import date
from typing import Any, ClassVar, NoReturn, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhulian.evidence.rules import EvidenceClass, EvidenceError, SubjectKind
from zhulian.organisations.models import Enterprise, User
from zhulian.vocabulary.errors import Text

FOREVER = date.max
"""``valid_until`` of a fact that holds until something newer is known. No NULL: one range in the index."""

M = TypeVar("M", bound=models.Model)


def refuse_change() -> NoReturn:
    """Whoever gets here has a slip in the code; a person never sees it."""
    raise EvidenceError(
        "ledger_only_grows",
        Text("账本里的记录不能修改或删除。", "What stands in the ledger is neither changed nor deleted."),
        Text("请用一条新的事实来取代或撤回它。", "State a new fact that supersedes or withdraws it."),
    )


class LedgerRows(models.QuerySet[M]):
    """Rows that may be read and added to."""

    def update(self, *_args: object, **_kwargs: object) -> NoReturn:
        """Refused."""
        refuse_change()

    def delete(self) -> NoReturn:
        """Refused."""
        refuse_change()

    def bulk_update(self, *_args: object, **_kwargs: object) -> NoReturn:
        """Refused."""
        refuse_change()


class Ledger(models.Model):
    """A row that is written once."""

    objects: ClassVar[Any] = LedgerRows.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's own signature
        """Only the first time."""
        if not self._state.adding:
            refuse_change()
        super().save(*args, **kwargs)

    def delete(self, *_args: object, **_kwargs: object) -> NoReturn:
        """Refused."""
        refuse_change()


class Document(Ledger):
    """A file that proves something (class B). The bytes lie in the data folder under their SHA-256, stored once."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("发票")
        CONTRACT = "contract", _("合同")
        CERTIFICATE = "certificate", _("证书")
        PHOTO = "photo", _("照片")
        REPORT = "report", _("报告")
        OTHER = "other", _("其他")

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="documents", db_index=False)
    kind = models.CharField(_("类型"), max_length=16, choices=Kind.choices)
    name = models.CharField(_("文件名"), max_length=200)
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveBigIntegerField(_("大小（字节）"))
    media_type = models.CharField(max_length=40)
    invoice_code = models.CharField(_("发票代码"), max_length=20, blank=True)
    invoice_number = models.CharField(_("发票号码"), max_length=24, blank=True)
    amount_fen = models.BigIntegerField(_("金额（分）"), null=True)
    issued_on = models.DateField(_("开具日期"), null=True)
    party = models.CharField(_("对方单位"), max_length=120, blank=True)
    taken_at = models.DateTimeField(_("拍摄时间"), null=True)
    """When a camera says that it was taken (EXIF), read as Shanghai's time."""
    photo_hash = models.CharField(max_length=16, blank=True)
    """64-bit difference hash in hex; empty for what is no picture, or one that is too plain to be recognised."""
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    uploaded_by_name = models.CharField(max_length=150, blank=True)
    note = models.CharField(_("说明"), max_length=500, blank=True)

    class Meta(Ledger.Meta):
        ordering = ["id"]
        indexes = [
            models.Index(fields=["enterprise", "id"], name="document_of_enterprise"),
            models.Index(fields=["invoice_number", "invoice_code"], name="document_invoice"),
        ]

    def __str__(self) -> str:
        return self.name


class PhotoBand(Ledger):
    """An eighth of a picture's hash (band × 256 + byte): pictures that differ in at most seven bits share one."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="bands")
    code = models.PositiveSmallIntegerField(db_index=True)


class Repeat(Ledger):
    """The same invoice, file or picture, handed in twice: the later document, and the earlier one."""

    class Reason(models.TextChoices):
        FILE = "file", _("同一个文件")
        INVOICE = "invoice", _("同一张发票")
        PHOTO = "photo", _("同一张或相似的照片")

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="repeats")
    earlier = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="repeated_by")
    reason = models.CharField(max_length=16, choices=Reason.choices)
    distance = models.PositiveSmallIntegerField(default=0)
    """Bits in which two pictures differ; 0 for files and invoices."""
    found_at = models.DateTimeField()

    class Meta(Ledger.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["document", "earlier", "reason"], name="repeat_once")]


class Fact(Ledger):
    """One thing that is known. ``enterprise`` is the tenant; empty for facts about an area or the city."""

    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.PROTECT, null=True, related_name="facts", db_index=False
    )
    subject_kind = models.CharField(max_length=16, choices=[(kind.value, kind.name) for kind in SubjectKind])
    subject = models.BigIntegerField()
    key = models.CharField(_("事实"), max_length=64)
    value = models.JSONField(_("值"), null=True)
    unit = models.CharField(_("单位"), max_length=24, blank=True)
    period_start = models.DateField(_("期间起"))
    period_end = models.DateField(_("期间止"))
    source = models.CharField(_("来源"), max_length=80)
    evidence_class = models.CharField(
        _("证据等级"), max_length=1, choices=[(one.value, one.name) for one in EvidenceClass]
    )
    captured_at = models.DateTimeField(_("记录时间"))
    captured_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    captured_by_name = models.CharField(max_length=150, blank=True)
    valid_until = models.DateField(_("有效至"), default=FOREVER)
    supersedes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="superseded_by")
    """One to one: of two people who correct the same fact at once, the second is told."""
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="facts")
    is_withdrawal = models.BooleanField(default=False)
    details = models.JSONField(default=dict)
    """How the source came to the value: machines, points, interval and counts of a collector's run, and the like."""
    note = models.CharField(max_length=500, blank=True)

    class Meta(Ledger.Meta):
        ordering = ["id"]
        indexes = [
            # All keys of a subject on a day: what has expired (every night's class A) is never touched.
            models.Index(fields=["subject_kind", "subject", "valid_until"], name="fact_of_subject"),
            # One key of a subject through time, and the source that speaks again about the same period.
            models.Index(fields=["subject_kind", "subject", "key", "period_end"], name="fact_of_subject_key"),
            models.Index(fields=["enterprise", "id"], name="fact_of_enterprise"),
            models.Index(fields=["key", "id"], name="fact_of_key"),
            models.Index(fields=["evidence_class", "valid_until"], name="fact_expiring"),
            models.Index(fields=["evidence_class", "id"], name="fact_of_class"),
            # Columns that are empty nearly everywhere: of their whole index SQLite believes it narrows nothing.
            models.Index(fields=["supersedes"], condition=models.Q(supersedes__isnull=False), name="fact_superseded"),
            models.Index(fields=["document"], condition=models.Q(document__isnull=False), name="fact_proven"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(period_start__lte=models.F("period_end")), name="fact_period_forwards"
            ),
            models.CheckConstraint(
                condition=models.Q(is_withdrawal=False) | models.Q(supersedes__isnull=False), name="fact_withdraws_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject} · {self.key}"


class KeyOverride(models.Model):
    """What the city changed in the catalogue of fact keys; an empty field leaves what the data file says."""

    key = models.CharField(_("事实"), max_length=64, unique=True)
    name_zh = models.CharField(_("名称"), max_length=80, blank=True)
    name_en = models.CharField(_("英文名称"), max_length=120, blank=True)
    owner = models.CharField(_("负责单位"), max_length=80, blank=True)
    validity_days = models.PositiveIntegerField(_("有效期（天）"), null=True, blank=True)
    tolerance = models.FloatField(_("允许偏差"), null=True, blank=True)
    is_off = models.BooleanField(_("停用"), default=False)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by_name = models.CharField(max_length=150, blank=True)

    def __str__(self) -> str:
        return self.key


class Collection(models.Model):
    """When the collectors looked at an enterprise's day, and how many readings it had: more of them call them again."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    rows = models.PositiveBigIntegerField(null=True)
    collected_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enterprise", "day"], name="one_collection_a_day")]
        indexes = [models.Index(fields=["day"], name="collection_day")]


class FlagState(models.TextChoices):
    """What an officer found: OPEN until somebody looked; then there was a reason, it is true, or it was nothing."""

    OPEN = "open", _("待核实")
    EXPLAINED = "explained", _("已说明")
    CONFIRMED = "confirmed", _("属实")
    DISMISSED = "dismissed", _("排除")


class Flag(models.Model):
    """A hint that something may not be as it looks, for an officer to judge. It decides nothing.

    ``key`` names rule and subject: found again it is the same flag, until somebody has decided and time has passed.
    """

    key = models.CharField(max_length=160)
    episode = models.PositiveSmallIntegerField(default=1)
    rule = models.CharField(_("规则"), max_length=32)
    rule_version = models.PositiveSmallIntegerField()
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="flags", db_index=False)
    machine = models.BigIntegerField(null=True)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=300)
    said_zh = models.TextField()
    said_en = models.TextField()
    proof = models.JSONField(default=dict)
    """A small table and, where there is one, a series: what the officer needs to see it for themselves."""
    is_sample = models.BooleanField(_("演示数据"), default=False)
    state = models.CharField(_("状态"), max_length=10, choices=FlagState.choices, default=FlagState.OPEN)
    found_at = models.DateTimeField(_("发现时间"))
    seen_at = models.DateTimeField(_("最近发现"))
    times = models.PositiveIntegerField(default=1)
    decided_at = models.DateTimeField(_("处理时间"), null=True)
    decided_by_name = models.CharField(max_length=160, blank=True)
    is_released = models.BooleanField(default=False)
    """Whether the enterprise may see it, and how it was explained."""
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-found_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["key", "episode"], name="one_flag_an_episode")]
        indexes = [
            models.Index(fields=["enterprise", "state"], name="flag_of_enterprise"),
            models.Index(fields=["state", "-found_at"], name="flag_by_state"),
            models.Index(fields=["rule"], name="flag_by_rule"),
        ]


class FlagStep(Ledger):
    """What somebody decided about a flag; steps are only added."""

    flag = models.ForeignKey(Flag, on_delete=models.PROTECT, related_name="steps")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField(max_length=160, blank=True)
    state = models.CharField(max_length=10, choices=FlagState.choices)
    is_released = models.BooleanField(default=False)
    note = models.TextField(blank=True)

    class Meta(Ledger.Meta):
        ordering = ["id"]
