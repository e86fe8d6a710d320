"""Where an enterprise works, by the levels of ISA-95 (IEC 62264-1): site, workshop (area), line (work centre)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhulian.organisations.models.enterprises import Enterprise


class Site(models.Model):
    """A place where an enterprise works (ISA-95 site)."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="sites")
    name = models.CharField(_("场所名称"), max_length=80)
    town = models.CharField(_("乡镇街道"), max_length=12, blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    opened_on = models.DateField(_("启用日期"), null=True, blank=True)
    closed_on = models.DateField(_("停用日期"), null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    """Grows with every change; an edit that began from an older one is told what happened meanwhile."""
    changed_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "name"], name="site_name_in_enterprise")]

    def __str__(self) -> str:
        return self.name


class Workshop(models.Model):
    """A workshop of a site (ISA-95 area). Its name is also each machine's ``workshop``."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="workshops")
    name = models.CharField(_("车间"), max_length=80)
    revision = models.PositiveIntegerField(default=1)
    changed_name = models.CharField(max_length=150, blank=True)

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
    revision = models.PositiveIntegerField(default=1)
    changed_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["workshop", "name"], name="line_name_in_workshop")]

    def __str__(self) -> str:
        return self.name
