"""The city's dictionary of pillar industries, and which codes of GB/T 4754 count to them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
