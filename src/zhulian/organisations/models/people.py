"""People: those who sign in, those one calls, and the keys with which a person's programs come."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhulian.organisations.models.bodies import Organisation
from zhulian.organisations.models.enterprises import Enterprise


class User(AbstractUser):
    """A person who can sign in. What they may see follows from their memberships."""

    language = models.CharField(_("语言"), max_length=8, default="zh-hans")
    acting_for: int | None = None
    """How this request came in, set by the portal and never kept: the delegation under which the person acts …"""
    key_scopes: frozenset[str] | None = None
    """… or the scopes of the key for programs that was shown."""


class Contact(models.Model):
    """A person to call, in an enterprise or another organisation. Personal data: shown to whom it concerns."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, null=True, blank=True, related_name="contacts")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="contacts"
    )
    name = models.CharField(_("姓名"), max_length=60)
    duty = models.CharField(_("职务"), max_length=60, blank=True)
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    email = models.EmailField(_("邮箱"), blank=True)
    is_main = models.BooleanField(_("主要联系人"), default=False)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)
    changed_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-is_main", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(enterprise=None, organisation__isnull=False)
                | models.Q(enterprise__isnull=False, organisation=None),
                name="contact_of_one_body",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """A key with which a program reads what its person may see. Only its hash is kept; the beginning stays legible."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("用途"), max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    key_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.prefix} · {self.name}"
