"""Records of this room: a run is one uploaded file with everything that was decided about it, a row is one of its rows.

The file itself is not kept: its cells are, as they came and as somebody corrected them.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

STATES = [
    ("open", _("待提交")),
    ("committing", _("导入中")),
    ("committed", _("已导入")),
    ("undone", _("已撤销")),
    ("discarded", _("已放弃")),
]
JUDGEMENTS = [("new", _("新增")), ("change", _("更新")), ("same", _("无变化")), ("fault", _("有误"))]


class ImportRun(models.Model):
    """One uploaded file on its way into the register."""

    kind = models.CharField(max_length=24)
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    sheet = models.CharField(max_length=40, blank=True)
    notices = models.JSONField(default=list)
    titles = models.JSONField(default=list)
    """The header, column by column."""
    units = models.JSONField(default=list)
    """The unit of money that each column's title names."""
    mapping = models.JSONField(default=dict)
    """Field → column (from 0)."""
    state = models.CharField(max_length=12, choices=STATES, default="open")
    revision = models.PositiveIntegerField(default=1)
    """Grows with every correction, so that a preview that is out of date is not committed."""
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    person_name = models.CharField(max_length=150, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    committed_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["person", "-id"], name="run_of_person")]

    def __str__(self) -> str:
        return f"{self.kind} {self.filename}"


class ImportRow(models.Model):
    """One row of the file: its cells, what is wrong with them, what it would change, what it did."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    """As the spreadsheet numbers it."""
    cells = models.JSONField(default=list)
    remarks = models.JSONField(default=dict)
    """Column → what Excel did to the cell."""
    judgement = models.CharField(max_length=8, choices=JUDGEMENTS, default="fault")
    faults = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    has_warnings = models.BooleanField(default=False)
    changes = models.JSONField(default=dict)
    """Field → [old, new] as people read them."""
    target = models.BigIntegerField(null=True)
    target_name = models.CharField(max_length=200, blank=True)
    seen = models.PositiveIntegerField(null=True)
    """The record's revision when the row was checked."""
    written = models.PositiveIntegerField(null=True)
    """The record's revision that this row made; empty as long as nothing was written."""
    before = models.JSONField(null=True)
    """What undo puts back; empty for a record that this row created."""
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="one_row_a_number")]
        indexes = [
            models.Index(fields=["run", "judgement", "number"], name="row_by_judgement"),
            models.Index(fields=["run", "has_warnings", "number"], name="row_by_warning"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class RememberedTitle(models.Model):
    """Which field somebody said a title means, for the next file with the same header."""

    kind = models.CharField(max_length=24)
    title = models.CharField(max_length=120)
    field = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "title"], name="one_meaning_a_title")]

    def __str__(self) -> str:
        return self.title
