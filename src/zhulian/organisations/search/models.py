"""The index: one entry for each thing that can be found, in the forms in which it is looked for."""

from django.db import models


class Entry(models.Model):
    """What is found, whose it is, and its texts as :mod:`rules` makes them, several in lines of their own.

    ``grams`` is what the database's own index reads: a full-text table kept by triggers in SQLite, GIN in PostgreSQL
    (migration 0001). A migration that rebuilds this table on SQLite has to make the triggers again.
    """

    kind = models.CharField(max_length=24)
    subject = models.BigIntegerField()
    enterprise = models.BigIntegerField(null=True)
    """The tenant it belongs to; an enterprise belongs to itself."""
    names = models.TextField()
    """Present name first, former ones after it."""
    letters = models.TextField()
    initials = models.TextField()
    codes = models.TextField()
    grams = models.TextField()
    edition = models.PositiveSmallIntegerField()
    """The edition of the rules that made it; older entries are made again at the next start."""

    class Meta:
        verbose_name = "搜索条目"
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="search_entry_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
