"""Records of this room."""

from django.conf import settings
from django.db import models


class Paper(models.Model):
    """One printed document: its number, and the code in its QR sign. Never changed."""

    code = models.CharField(max_length=20, unique=True)
    number = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=24)
    subject = models.CharField(max_length=200)
    """Whom it is about, as printed."""
    organisation = models.BigIntegerField()
    """The tenant whose data it shows."""
    office = models.CharField(max_length=120)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    is_sample = models.BooleanField(default=False)
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number
