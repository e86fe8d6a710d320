"""Claims: somebody says that a pre-registered file is theirs."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhulian.organisations.models.enterprises import Enterprise
from zhulian.organisations.models.people import User


class Claim(models.Model):
    """Somebody says that a pre-registered file is theirs, with a licence as proof; the district's officer decides."""

    STATES = [
        ("waiting", _("待审核")),
        ("confirmed", _("已确认")),
        ("refused", _("未通过")),
        ("withdrawn", _("已撤回")),
    ]
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="claims")
    claimant = models.ForeignKey(User, on_delete=models.CASCADE, related_name="claims")
    state = models.CharField(_("状态"), max_length=12, choices=STATES, default="waiting")
    duty = models.CharField(_("职务"), max_length=60, blank=True)
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    proof = models.CharField(_("证明材料"), max_length=64)
    """SHA-256 of the scan or photo in the data folder."""
    proof_name = models.CharField(max_length=120)
    proof_type = models.CharField(max_length=40)
    proof_bytes = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_name = models.CharField(max_length=150, blank=True)
    reason = models.CharField(_("理由"), max_length=400, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [models.Index(fields=["state", "made_at"], name="claim_state_made")]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "claimant"], condition=models.Q(state="waiting"), name="one_waiting_claim"
            )
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} · {self.state}"
