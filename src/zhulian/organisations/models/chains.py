"""Industrial chains (产业链), and where enterprises stand in them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhulian.organisations.models.enterprises import Enterprise
from zhulian.organisations.models.pillars import PillarIndustry


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
