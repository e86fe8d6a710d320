"""Records of this room: the trail, its head, anchors, and a count of views. Nothing here is changed or removed.

The model layer refuses it, and so do triggers in the database (migration 0002). Written by ``workflows`` only.
"""

from collections.abc import Iterable
from typing import Any, NoReturn

from django.db import models

from zhulian.audit.rules.canonical import LONGEST_NAME


class AppendOnlyError(TypeError):
    """Somebody wrote code that changes or removes what may only be added to."""

    def __init__(self) -> None:
        super().__init__("the audit trail is only added to")


class AppendOnlySet(models.QuerySet[Any]):
    """A query set that reads and adds."""

    def update(self, **_values: object) -> NoReturn:
        """Refused."""
        raise AppendOnlyError

    def delete(self) -> NoReturn:
        """Refused."""
        raise AppendOnlyError

    def bulk_update(self, *_objects: object, **_options: object) -> NoReturn:
        """Refused."""
        raise AppendOnlyError


class AppendOnly(models.Model):
    """A record that stays as it was first saved."""

    objects = AppendOnlySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        """The first time only."""
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **(kwargs | {"force_insert": True}))

    def delete(self, using: str | None = None, keep_parents: bool = False) -> NoReturn:  # noqa: ARG002 - Django's
        """Refused."""
        raise AppendOnlyError


class Entry(AppendOnly):
    """One link of the chain; the columns are the members of :class:`zhulian.audit.rules.canonical.Entry`."""

    sequence = models.BigIntegerField(primary_key=True)
    time = models.DateTimeField()
    actor = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=LONGEST_NAME)
    capacity = models.CharField(max_length=LONGEST_NAME, blank=True)
    action = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=64)
    subject_name = models.CharField(max_length=LONGEST_NAME)
    organisation = models.BigIntegerField(null=True)
    changes = models.TextField(default="{}")
    """Canonical JSON: a field's name → [old, new]. Text, so that no database rewrites it."""
    note = models.TextField(blank=True)
    algorithm = models.CharField(max_length=8)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["sequence"]
        indexes = [
            models.Index(fields=["organisation", "-sequence"], name="audit_by_organisation"),
            models.Index(fields=["subject_kind", "subject", "-sequence"], name="audit_by_subject"),
            models.Index(fields=["actor", "-sequence"], name="audit_by_actor"),
            models.Index(fields=["action", "-sequence"], name="audit_by_action"),
            models.Index(fields=["time"], name="audit_by_time"),
        ]


class Anchor(AppendOnly):
    """The chain's head at one moment, signed with the platform's key."""

    sequence = models.BigIntegerField(primary_key=True)
    hash = models.CharField(max_length=64)
    time = models.DateTimeField()
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=96)

    class Meta:
        ordering = ["sequence"]


class Head(models.Model):
    """The end of the chain, one row: writers queue up on it, so that no two entries claim the same place.

    A trigger lets it move forward only.
    """

    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    def delete(self, using: str | None = None, keep_parents: bool = False) -> NoReturn:  # noqa: ARG002 - Django's
        """Refused."""
        raise AppendOnlyError


class Sighting(models.Model):
    """One person looked at one thing of another's on one day: the first time is an entry, the others are counted.

    A finished day is sealed: its count goes into the chain as an entry of its own (ADR 0022).
    """

    day = models.DateField()
    viewer = models.BigIntegerField()
    owner = models.BigIntegerField()
    what = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=64)
    first = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+", db_column="first")
    """The entry of the first look that day."""
    times = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()
    is_sealed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "day", "viewer", "what", "subject_kind", "subject"], name="audit_one_sighting_a_day"
            )
        ]
        indexes = [models.Index(fields=["is_sealed", "day"], name="audit_unsealed")]


def add(records: Iterable[AppendOnly]) -> None:
    """Insert ``records`` in their order, in one statement where the database allows it."""
    waiting = list(records)
    if waiting:
        type(waiting[0]).objects.bulk_create(waiting)
