"""Bodies of the policy that have no enterprise file; platforms with their members and their own sub-site."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhulian.organisations.models.enterprises import PLACES, Enterprise


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
