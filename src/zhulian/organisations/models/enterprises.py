"""One enterprise, one file (一企一档), and the dated events that made it what it is."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhulian.organisations.models.pillars import PillarIndustry
from zhulian.vocabulary.places import REPORTING_AREAS

SIZES = [("large", _("大型")), ("medium", _("中型")), ("small", _("小型")), ("micro", _("微型"))]
STATUSES = [("active", _("存续")), ("merged", _("已并入")), ("closed", _("已注销"))]
PLACES = [(place.code, place.name_zh) for place in REPORTING_AREAS]


class Enterprise(models.Model):
    """One enterprise, one file (一企一档), as it is today; :class:`EnterpriseEvent` holds how it came to be so."""

    name = models.CharField(_("企业名称"), max_length=120)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    industry = models.CharField(_("行业（GB/T 4754）"), max_length=8)
    district = models.CharField(_("所在县区"), max_length=12, choices=PLACES)
    reporting_area = models.CharField(_("统计归属"), max_length=12, choices=PLACES)
    above_scale = models.BooleanField(_("规上企业"), default=False)
    is_sample = models.BooleanField(_("演示数据"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    town = models.CharField(_("乡镇街道"), max_length=12, blank=True)
    address = models.CharField(_("注册地址"), max_length=200, blank=True)
    size = models.CharField(_("企业规模"), max_length=8, choices=SIZES, blank=True)
    kind = models.CharField(_("企业类型"), max_length=60, blank=True)
    legal_representative = models.CharField(_("法定代表人"), max_length=60, blank=True)
    registered_capital_fen = models.BigIntegerField(_("注册资本（分）"), null=True, blank=True)
    established_on = models.DateField(_("成立日期"), null=True, blank=True)
    employees = models.PositiveIntegerField(_("从业人员（人）"), null=True, blank=True)
    revenue_fen = models.BigIntegerField(_("营业收入（分）"), null=True, blank=True)
    revenue_year = models.PositiveSmallIntegerField(_("收入年度"), null=True, blank=True)
    business_scope = models.TextField(_("经营范围"), blank=True)
    website = models.URLField(_("网站"), blank=True)
    status = models.CharField(_("状态"), max_length=8, choices=STATUSES, default="active")
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="absorbed")
    """Into which it was merged. The file stays, and with it its tenant id, its readings and its members."""
    pillar = models.ForeignKey(PillarIndustry, on_delete=models.SET_NULL, null=True, blank=True, related_name="members")
    """What the dictionary says about ``industry``; written again when either changes."""
    revision = models.PositiveIntegerField(default=1)
    """Grows with every change; an edit that began from an older one is told what happened meanwhile."""
    machines_now = models.PositiveIntegerField(default=0)
    """How many machines and points there are: counted by :func:`workflows.counting.recount` in every transaction that
    adds or removes one, so that sums over the city and lists in this order read an index."""
    points_now = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["reporting_area"]),
            models.Index(fields=["name"]),
            models.Index(fields=["industry"], name="enterprise_industry"),
            # The city by area, from the index alone.
            models.Index(
                fields=["reporting_area", "status", "above_scale", "machines_now", "points_now"],
                name="enterprise_by_area",
            ),
            # The orders in which the list can be read.
            models.Index(fields=["status", "name", "id"], name="enterprise_by_name"),
            models.Index(fields=["status", "machines_now", "id"], name="enterprise_by_machines"),
            models.Index(fields=["status", "points_now", "id"], name="enterprise_by_points"),
            # Columns that are empty nearly everywhere: of their whole index SQLite believes it narrows nothing.
            models.Index(fields=["successor"], condition=models.Q(successor__isnull=False), name="enterprise_merged"),
            models.Index(fields=["is_sample"], condition=models.Q(is_sample=True), name="enterprise_sample"),
        ]

    def __str__(self) -> str:
        return self.name


class EnterpriseEvent(models.Model):
    """Something that happened to an enterprise on a day: what its file says from then on.

    ``changes`` gives fields their value *after* the event. The state on any day is what all events up to that day,
    in the order of (day, id), leave; the file itself is that state on the present day. Events are never changed; one
    that was entered in error is withdrawn, and stays legible.
    """

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(_("事件"), max_length=16)
    on = models.DateField(_("生效日期"))
    changes = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    """What the file said at the moment of entry, for people who read the list."""
    other = models.ForeignKey(Enterprise, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    """The other party of a merger or a split."""
    document = models.CharField(_("文号"), max_length=80, blank=True)
    note = models.CharField(_("说明"), max_length=400, blank=True)
    revision = models.PositiveIntegerField()
    """The revision of the file that this entry made."""
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    recorded_name = models.CharField(max_length=150, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_name = models.CharField(max_length=150, blank=True)
    withdrawn_reason = models.CharField(_("撤销原因"), max_length=400, blank=True)

    class Meta:
        ordering = ["on", "id"]
        indexes = [models.Index(fields=["enterprise", "on"], name="event_enterprise_on")]

    def __str__(self) -> str:
        return f"{self.on} {self.kind}"
