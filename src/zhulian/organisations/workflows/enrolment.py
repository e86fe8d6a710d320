"""One-time codes: how a stranger becomes a known gateway, and who may have a token afterwards."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from zhulian.audit.workflows import record
from zhulian.organisations.models import EnrolmentCode, Gateway, User
from zhulian.organisations.rules import RecordsError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.workflows import trail
from zhulian.organisations.workflows.gateways import changeable_gateway
from zhulian.vocabulary.errors import Text
from zhulian.wire.credentials import CredentialError, parse_public, verify_assertion

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""32 signs that nobody confuses when reading aloud; I, L and O are understood as 1, 1 and 0."""
SIGNS = 8
"""40 bits: hopeless to guess within half an hour at the rate the lane allows."""
CODE_LASTS = timedelta(minutes=30)
_MISREAD = str.maketrans("OIL", "011")


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code to type at the gateway; this is the only moment at which anybody can read it."""

    text: str
    expires_at: datetime


def create_code(scope: Scope, gateway: int, by: User) -> NewCode:
    """A fresh code for one gateway; earlier ones that were not used end at once."""
    with transaction.atomic():
        found = changeable_gateway(scope, gateway)
        if found.revoked_at is not None:
            raise _revoked()
        EnrolmentCode.objects.filter(gateway=found, used_at=None).delete()
        signs = "".join(secrets.choice(ALPHABET) for _ in range(SIGNS))
        expires_at = timezone.now() + CODE_LASTS
        EnrolmentCode.objects.create(gateway=found, code_hash=_hash(signs), expires_at=expires_at, created_by=by)
        record(actor(scope), "gateway.code_made", trail.of_gateway(found), organisation=found.enterprise_id)
    return NewCode(f"{signs[:4]}-{signs[4:]}", expires_at)


def enrol(code: str, public_key: str, version: str) -> Gateway:
    """The gateway that ``code`` was made for, from now on known by ``public_key`` (base64 of a raw Ed25519 key).

    The same gateway asking again with the same key (its answer was lost on the way) gets the same answer. Raises
    :class:`RecordsError` code_unknown, code_used, code_expired or gateway_revoked, or ``CredentialError``.
    """
    parse_public(public_key)
    with transaction.atomic():
        found = (
            EnrolmentCode.objects.select_for_update()
            .select_related("gateway__enterprise")
            .filter(code_hash=_hash(normal(code)))
            .first()
        )
        if found is None:
            raise _code("code_unknown", "没有这个登记码", "there is no such code")
        gateway = found.gateway
        if gateway.revoked_at is not None:
            raise _revoked()
        if found.used_at is not None and gateway.public_key != public_key:
            raise _code("code_used", "这个登记码已经用过", "this code has been used")
        if found.expires_at <= timezone.now():
            raise _code(
                "code_expired", "这个登记码已过期（有效 30 分钟）", "this code has expired (it lasts 30 minutes)"
            )
        _accept(found, public_key, version)
    return gateway


def token_holder(claimed: int, assertion: str, now_us: int) -> Gateway:
    """The gateway that proves itself with ``assertion``; refuses revoked ones and strangers with a named error."""
    gateway = Gateway.objects.filter(pk=claimed).first() if 0 < claimed < 2**63 else None
    if gateway is None or not gateway.public_key:
        raise CredentialError(
            "gateway_unknown",
            Text("平台不认识这个网关。", "The platform does not know this gateway."),
            Text("请在门户生成登记码，重新登记。", "Make a code on the portal and enrol it again."),
        )
    verify_assertion(assertion, gateway.public_key, now_us)  # type: ignore[arg-type]
    if gateway.revoked_at is not None:
        raise _revoked()
    return gateway


def normal(code: str) -> str:
    """A code as it was meant: without dashes and blanks, capital letters, misread signs put right."""
    return re.sub(r"[\s\-‐–—－]", "", code).upper().translate(_MISREAD)


def _hash(signs: str) -> str:
    """Keyed with the portal's secret, because 40 bits alone could be tried out on a stolen database."""
    return salted_hmac("zhulian.enrolment", signs, algorithm="sha256").hexdigest()


def _accept(code: EnrolmentCode, public_key: str, version: str) -> None:
    now = timezone.now()
    gateway = code.gateway
    before = trail.values(gateway, ("public_key", "version"))
    gateway.public_key, gateway.version = public_key, version[:40]
    gateway.enrolled_at = now
    gateway.save(update_fields=["public_key", "version", "enrolled_at"])
    code.used_at = code.used_at or now
    code.save(update_fields=["used_at"])
    changes = trail.difference(before, trail.values(gateway, ("public_key", "version")))
    record(
        trail.itself(gateway),
        "gateway.enrolled",
        trail.of_gateway(gateway),
        organisation=gateway.enterprise_id,
        changes=changes,
    )


def _code(name: str, why_zh: str, why_en: str) -> RecordsError:
    return RecordsError(
        name,
        Text(f"登记没有成功：{why_zh}。", f"Enrolment did not succeed: {why_en}."),
        Text(
            "请在门户的网关页面生成新的登记码，30 分钟内在网关上输入。",
            "Make a new code on the gateway's page of the portal and enter it at the gateway within 30 minutes.",
        ),
    )


def _revoked() -> RecordsError:
    return RecordsError(
        "gateway_revoked",
        Text("这个网关已被停用。", "This gateway has been revoked."),
        Text("请在门户新建一个网关，用新的登记码登记。", "Create a new gateway on the portal and enrol with its code."),
    )
