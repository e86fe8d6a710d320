"""Records of this room. Written by ``workflows`` only, read by ``queries`` only.

An enterprise's primary key is the tenant id of the telemetry store, a point's primary key is its point id there; ids
are never used again.
"""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhulian.vocabulary.places import REPORTING_AREAS
from zhulian.vocabulary.roles import Role

SIZES = [("large", _("大型")), ("medium", _("中型")), ("small", _("小型")), ("micro", _("微型"))]
STATUSES = [("active", _("存续")), ("merged", _("已并入")), ("closed", _("已注销"))]
PLACES = [(place.code, place.name_zh) for place in REPORTING_AREAS]
ROLES = [(role.value, role.name) for role in Role]


class User(AbstractUser):
    """A person who can sign in. What they may see follows from their memberships."""

    language = models.CharField(_("语言"), max_length=8, default="zh-hans")
    acting_for: int | None = None
    """How this request came in, set by the portal and never kept: the delegation under which the person acts …"""
    key_scopes: frozenset[str] | None = None
    """… or the scopes of the key for programs that was shown."""


class PillarIndustry(models.Model):
    """One entry of the city's dictionary of pillar industries (五大支柱产业); officers keep it, no list is built in."""

    name = models.CharField(_("产业名称"), max_length=60, unique=True)
    name_en = models.CharField(_("英文名称"), max_length=120, blank=True)
    source = models.CharField(_("依据文件"), max_length=200, blank=True)
    """Title and number of the document that names it; empty as long as nobody has seen one."""
    position = models.PositiveSmallIntegerField(_("排序"), default=0)
    is_sample = models.BooleanField(_("演示数据"), default=False)
    revision = models.PositiveIntegerField(default=1)
    changed_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class PillarCode(models.Model):
    """The beginning of a GB/T 4754 code that counts to a pillar industry; the longest beginning wins."""

    pillar = models.ForeignKey(PillarIndustry, on_delete=models.CASCADE, related_name="codes")
    prefix = models.CharField(_("行业代码"), max_length=8, unique=True)

    def __str__(self) -> str:
        return self.prefix


class Chain(models.Model):
    """A named industrial chain (产业链), such as that of new-energy vehicle parts."""

    name = models.CharField(_("产业链"), max_length=60, unique=True)
    name_en = models.CharField(_("英文名称"), max_length=120, blank=True)
    pillar = models.ForeignKey(PillarIndustry, on_delete=models.SET_NULL, null=True, blank=True, related_name="chains")
    is_sample = models.BooleanField(_("演示数据"), default=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


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
            models.Index(fields=["status", "reporting_area"], name="enterprise_status_area"),
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


class ChainPosition(models.Model):
    """Where an enterprise stands in a chain, from a day on, with what it makes there."""

    POSITIONS = [("upstream", _("上游")), ("midstream", _("中游")), ("downstream", _("下游"))]
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="chain_positions")
    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="positions")
    position = models.CharField(_("环节"), max_length=12, choices=POSITIONS)
    product = models.CharField(_("主要产品"), max_length=120, blank=True)
    since = models.DateField(_("起始日期"))
    until = models.DateField(_("结束日期"), null=True, blank=True)

    class Meta:
        ordering = ["chain_id", "id"]

    def __str__(self) -> str:
        return f"{self.chain} · {self.position}"


class Organisation(models.Model):
    """Every body of the policy that has no enterprise file: who takes part beside the factories."""

    KINDS = [
        ("government", _("政府部门")),
        ("county_mechanism", _("县区工作机制")),
        ("operator", _("通信运营商")),
        ("platform", _("工业互联网平台")),
        ("provider", _("服务商")),
        ("bank", _("金融机构")),
        ("school", _("院校")),
        ("association", _("行业协会")),
    ]
    LEVELS = [("industry", _("行业级")), ("region", _("区域级")), ("enterprise", _("企业级"))]
    kind = models.CharField(_("类别"), max_length=20, choices=KINDS)
    name = models.CharField(_("名称"), max_length=120)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, blank=True)
    level = models.CharField(_("平台级别"), max_length=12, choices=LEVELS, blank=True)
    district = models.CharField(_("所在县区"), max_length=12, choices=PLACES, blank=True)
    """Empty for a body of the whole city."""
    reporting_area = models.CharField(_("统计归属"), max_length=12, choices=PLACES, blank=True)
    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.PROTECT, null=True, blank=True, related_name="organisations"
    )
    """The enterprise's own file, where the same legal entity has one."""
    in_leading_group = models.BooleanField(_("领导小组成员单位"), default=False)
    duty = models.CharField(_("职责"), max_length=400, blank=True)
    introduction = models.TextField(_("简介"), blank=True)
    website = models.URLField(_("网站"), blank=True)
    is_sample = models.BooleanField(_("演示数据"), default=False)
    closed_on = models.DateField(_("停用日期"), null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)
    changed_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["kind", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "name"], name="organisation_name_in_kind"),
            models.UniqueConstraint(
                fields=["kind", "credit_code"], condition=~models.Q(credit_code=""), name="organisation_code_in_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SubSite(models.Model):
    """A platform's own address below /p/, with its name, logo and colour."""

    platform = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="sub_site")
    slug = models.SlugField(_("网址"), max_length=40, unique=True)
    title = models.CharField(_("站点名称"), max_length=60)
    headline = models.CharField(_("一句话介绍"), max_length=120, blank=True)
    body = models.TextField(_("正文"), blank=True)
    colour = models.CharField(_("主色"), max_length=7, default="#1d4f91")
    logo = models.CharField(max_length=64, blank=True)
    """SHA-256 of the PNG in the data folder; empty shows the name alone."""
    is_public = models.BooleanField(_("已发布"), default=False)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)
    changed_name = models.CharField(max_length=150, blank=True)

    def __str__(self) -> str:
        return self.slug


class PlatformMember(models.Model):
    """An enterprise that belongs to a platform, from a day on."""

    platform = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="members")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="platforms")
    since = models.DateField(_("加入日期"))
    until = models.DateField(_("退出日期"), null=True, blank=True)

    class Meta:
        ordering = ["platform_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "enterprise"], condition=models.Q(until=None), name="one_present_membership"
            )
        ]

    def __str__(self) -> str:
        return f"{self.platform} · {self.enterprise}"


class Contact(models.Model):
    """A person to call, in an enterprise or another organisation. Personal data: shown to whom it concerns."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, null=True, blank=True, related_name="contacts")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="contacts"
    )
    name = models.CharField(_("姓名"), max_length=60)
    duty = models.CharField(_("职务"), max_length=60, blank=True)
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    email = models.EmailField(_("邮箱"), blank=True)
    is_main = models.BooleanField(_("主要联系人"), default=False)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)
    changed_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-is_main", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(enterprise=None, organisation__isnull=False)
                | models.Q(enterprise__isnull=False, organisation=None),
                name="contact_of_one_body",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A place where an enterprise works (ISA-95 site)."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="sites")
    name = models.CharField(_("场所名称"), max_length=80)
    town = models.CharField(_("乡镇街道"), max_length=12, blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    opened_on = models.DateField(_("启用日期"), null=True, blank=True)
    closed_on = models.DateField(_("停用日期"), null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "name"], name="site_name_in_enterprise")]

    def __str__(self) -> str:
        return self.name


class Workshop(models.Model):
    """A workshop of a site (ISA-95 area). Its name is also each machine's ``workshop``."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="workshops")
    name = models.CharField(_("车间"), max_length=80)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="workshop_name_in_site")]

    def __str__(self) -> str:
        return self.name


class Line(models.Model):
    """A production line of a workshop (ISA-95 work centre)."""

    workshop = models.ForeignKey(Workshop, on_delete=models.CASCADE, related_name="lines")
    name = models.CharField(_("产线"), max_length=80)
    product = models.CharField(_("主要产品"), max_length=120, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["workshop", "name"], name="line_name_in_workshop")]

    def __str__(self) -> str:
        return self.name


class Claim(models.Model):
    """Somebody says that a pre-registered file is theirs, with a licence as proof; the district's officer decides."""

    STATES = [
        ("waiting", _("待审核")),
        ("confirmed", _("已确认")),
        ("refused", _("未通过")),
        ("withdrawn", _("已撤回")),
    ]
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="claims")
    claimant = models.ForeignKey("User", on_delete=models.CASCADE, related_name="claims")
    state = models.CharField(_("状态"), max_length=12, choices=STATES, default="waiting")
    duty = models.CharField(_("职务"), max_length=60, blank=True)
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    proof = models.CharField(_("证明材料"), max_length=64)
    """SHA-256 of the scan or photo in the data folder."""
    proof_name = models.CharField(max_length=120)
    proof_type = models.CharField(max_length=40)
    proof_bytes = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_name = models.CharField(max_length=150, blank=True)
    reason = models.CharField(_("理由"), max_length=400, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [models.Index(fields=["state", "made_at"], name="claim_state_made")]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "claimant"], condition=models.Q(state="waiting"), name="one_waiting_claim"
            )
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} · {self.state}"


class Membership(models.Model):
    """A person's role: in one enterprise or other organisation, for one reporting area (county), or for the city."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("角色"), max_length=16, choices=ROLES)
    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships"
    )
    place = models.CharField(_("县区"), max_length=12, blank=True, choices=PLACES)
    leads = models.BooleanField(_("负责人"), default=False)
    """Lets colleagues into the organisation. In an enterprise the owner does, so this says nothing there."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "enterprise", "organisation", "place"], name="one_membership_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.role}"


class Gateway(models.Model):
    """A gateway in a factory. ``public_key`` is empty until it has enrolled."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="gateways")
    name = models.CharField(_("网关名称"), max_length=80)
    public_key = models.CharField(max_length=64, blank=True)
    version = models.CharField(_("软件版本"), max_length=40, blank=True)
    configuration_version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    enrolled_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enterprise", "name"], name="gateway_name_in_enterprise")]

    def __str__(self) -> str:
        return self.name


class EnrolmentCode(models.Model):
    """A one-time code that turns a stranger into this gateway. Only its hash is kept."""

    gateway = models.ForeignKey(Gateway, on_delete=models.CASCADE, related_name="codes")
    code_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT)


class Machine(models.Model):
    """A machine (ISA-95 work unit) and how its gateway talks to it."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="machines")
    gateway = models.ForeignKey(Gateway, on_delete=models.PROTECT, null=True, blank=True, related_name="machines")
    name = models.CharField(_("设备名称"), max_length=80)
    workshop = models.CharField(_("车间"), max_length=80, blank=True)
    shop = models.ForeignKey(Workshop, on_delete=models.SET_NULL, null=True, blank=True, related_name="machines")
    """The record that ``workshop`` names; the text stays, because gateways and lists speak of it by name."""
    line = models.ForeignKey(Line, on_delete=models.SET_NULL, null=True, blank=True, related_name="machines")
    kind = models.CharField(_("设备类型"), max_length=80, blank=True)
    protocol = models.CharField(_("协议"), max_length=32)
    address = models.CharField(_("地址"), max_length=200)
    options = models.JSONField(default=dict, blank=True)
    poll_s = models.FloatField(_("采集周期（秒）"), default=1.0)
    timeout_s = models.FloatField(_("超时（秒）"), default=2.0)
    declared_by_gateway = models.BooleanField(default=False)
    """Set when the machine stands in the gateway's own TOML file: the portal shows it but does not configure it."""
    source_note = models.TextField(_("数据来源说明"), blank=True)
    """Attribution of a replayed recording, shown with every figure of a sample machine."""
    revision = models.PositiveIntegerField(default=1)
    """Grows with every change; an edit that began from an older one is refused instead of undoing somebody's work."""
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "name"], condition=models.Q(removed_at=None), name="machine_name_in_enterprise"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Point(models.Model):
    """One measured value of a machine."""

    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="points")
    name = models.CharField(_("点位名称"), max_length=80)
    address = models.CharField(_("点位地址"), max_length=200)
    type = models.CharField(_("数据类型"), max_length=16, blank=True)
    byte_order = models.CharField(_("字节序"), max_length=4, blank=True)
    scale = models.FloatField(_("倍率"), default=1.0)
    offset = models.FloatField(_("偏移"), default=0.0)
    unit = models.CharField(_("单位"), max_length=24, blank=True)
    poll_s = models.FloatField(_("采集周期（秒）"), null=True, blank=True)
    deadband = models.FloatField(_("死区"), default=0.0)
    max_silence_s = models.FloatField(_("最长静默（秒）"), default=60.0)
    low = models.FloatField(_("下限"), null=True, blank=True)
    high = models.FloatField(_("上限"), null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["machine", "name"], condition=models.Q(removed_at=None), name="point_name_in_machine"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Invitation(models.Model):
    """A one-time link that makes a stranger a colleague. Only the hash of its secret is kept."""

    secret_hash = models.CharField(max_length=64, unique=True)
    role = models.CharField(_("角色"), max_length=16, choices=ROLES)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    place = models.CharField(_("县区"), max_length=12, blank=True, choices=PLACES)
    leads = models.BooleanField(_("负责人"), default=False)
    name = models.CharField(_("姓名"), max_length=80, blank=True)
    email = models.EmailField(_("邮箱"), blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["used_at", "withdrawn_at", "expires_at"], name="invitation_open")]

    def __str__(self) -> str:
        return f"{self.name} · {self.role}"


class Delegation(models.Model):
    """``deputy`` may act within ``person``'s rights for a period; every act names both."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="delegations_given")
    deputy = models.ForeignKey(User, on_delete=models.CASCADE, related_name="delegations_held")
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    reason = models.CharField(_("原因"), max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(person=models.F("deputy")), name="nobody_deputises_themselves"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="delegation_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} → {self.person}"


class HandOver(models.Model):
    """One person's seats, keys and delegations passed to a successor; ``moved`` says what, so that it can be undone."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="hand_overs")
    successor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    moved = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.person} → {self.successor}"


class ApiKey(models.Model):
    """A key with which a program reads what its person may see. Only its hash is kept; the beginning stays legible."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("用途"), max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    key_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.prefix} · {self.name}"
