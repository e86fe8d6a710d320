"""Who is what, where: memberships, the invitations that lead to them, deputies, and hand-overs."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhulian.organisations.models.bodies import Organisation
from zhulian.organisations.models.enterprises import PLACES, Enterprise
from zhulian.organisations.models.people import User
from zhulian.vocabulary.roles import Role

ROLES = [(role.value, role.name) for role in Role]


class Membership(models.Model):
    """A person's role: in one enterprise or other organisation, for one reporting area (county), or for the city."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("角色"), max_length=16, choices=ROLES)
    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships"
    )
    place = models.CharField(_("县区"), max_length=12, blank=True, choices=PLACES)
    leads = models.BooleanField(_("负责人"), default=False)
    """Lets colleagues into the organisation. In an enterprise the owner does, so this says nothing there."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "enterprise", "organisation", "place"], name="one_membership_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.role}"


class Invitation(models.Model):
    """A one-time link that makes a stranger a colleague. Only the hash of its secret is kept."""

    secret_hash = models.CharField(max_length=64, unique=True)
    role = models.CharField(_("角色"), max_length=16, choices=ROLES)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    place = models.CharField(_("县区"), max_length=12, blank=True, choices=PLACES)
    leads = models.BooleanField(_("负责人"), default=False)
    name = models.CharField(_("姓名"), max_length=80, blank=True)
    email = models.EmailField(_("邮箱"), blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["used_at", "withdrawn_at", "expires_at"], name="invitation_open")]

    def __str__(self) -> str:
        return f"{self.name} · {self.role}"


class Delegation(models.Model):
    """``deputy`` may act within ``person``'s rights for a period; every act names both."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="delegations_given")
    deputy = models.ForeignKey(User, on_delete=models.CASCADE, related_name="delegations_held")
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    reason = models.CharField(_("原因"), max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(person=models.F("deputy")), name="nobody_deputises_themselves"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="delegation_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} → {self.person}"


class HandOver(models.Model):
    """One person's seats, keys and delegations passed to a successor; ``moved`` says what, so that it can be undone."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="hand_overs")
    successor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    moved = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.person} → {self.successor}"
