"""Gateways, machines and points: what is connected, and how it is read."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhulian.organisations.models.enterprises import Enterprise
from zhulian.organisations.models.people import User
from zhulian.organisations.models.places import Line, Workshop


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


class IntakeQuota(models.Model):
    """What one gateway, or all gateways of one enterprise, may send, where that is not the default; null keeps it."""

    gateway = models.OneToOneField(Gateway, on_delete=models.CASCADE, null=True, related_name="quota")
    enterprise = models.OneToOneField(Enterprise, on_delete=models.CASCADE, null=True, related_name="quota")
    rows_per_s = models.PositiveIntegerField(null=True)
    mb_per_day = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(gateway=None) ^ models.Q(enterprise=None), name="quota_of_one_gateway_or_enterprise"
            )
        ]


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
