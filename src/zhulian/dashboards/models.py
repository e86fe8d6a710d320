"""Records of this room. Written by ``workflows`` only, read by ``queries`` only."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhulian.dashboards.rules import MARK_KINDS
from zhulian.organisations.models import Enterprise, Machine, Point, User


class Favourite(models.Model):
    """A point that somebody wants at hand."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    point = models.ForeignKey(Point, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["person", "point"], name="favourite_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.point_id}"


class Kept(models.Model):
    """What a person made, for themselves or, with ``enterprise``, for everybody who sees that enterprise."""

    name = models.CharField(_("名称"), max_length=60)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    person = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    """Whose it is; for one of an enterprise who made it."""
    is_sample = models.BooleanField(_("演示数据"), default=False)
    revision = models.PositiveIntegerField(default=1)
    """Grows with every change; a change that began from an older one is told so, and nothing is lost."""
    changed_at = models.DateTimeField()
    changed_name = models.CharField(max_length=150, blank=True)

    class Meta:
        abstract = True
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class SavedView(Kept):
    """The explorer's address under a name."""

    query = models.CharField(_("视图"), max_length=2_000)


class Mark(models.Model):
    """Something that happened at a time or over a span, at a point, a machine or in the whole enterprise.

    Shown on every chart of what it is about. Never deleted: its author changes or withdraws it.
    """

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="+")
    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    point = models.ForeignKey(Point, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(_("类别"), max_length=12, choices=[(kind, words.zh) for kind, words in MARK_KINDS.items()])
    text = models.CharField(_("说明"), max_length=200)
    start = models.DateTimeField(_("开始"))
    end = models.DateTimeField(_("结束"), null=True, blank=True)
    """Empty for a moment."""
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    author_name = models.CharField(max_length=150, blank=True)
    is_sample = models.BooleanField(_("演示数据"), default=False)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["start", "id"]
        indexes = [models.Index(fields=["enterprise", "start"], name="mark_enterprise_start")]

    def __str__(self) -> str:
        return self.text


class Dashboard(Kept):
    """Tiles on a grid, as ``rules.definitions`` checks them; edited, undone and taken along as one."""

    definition = models.JSONField()


class Home(models.Model):
    """Which dashboard a person sees first."""

    person = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    dashboard = models.ForeignKey(Dashboard, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.person} {self.dashboard}"
