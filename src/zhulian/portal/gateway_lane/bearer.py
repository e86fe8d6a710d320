"""Whose request this is: the token of the gateway lane, checked with the platform's own key and against the records."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.http import HttpRequest

from zhulian.organisations import queries
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.errors import Text
from zhulian.wire.credentials import CredentialError, load_or_create_key, verify_token


def platform_key() -> Ed25519PrivateKey:
    """The key that signs tokens; ingest verifies them with its public half."""
    return load_or_create_key(settings.ZHULIAN.data.keys / "platform.pem")


def holder(request: HttpRequest) -> int:
    """The gateway that holds the token; ``CredentialError`` when there is none, or the gateway was revoked since."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise CredentialError(
            "token_missing",
            Text("请求没有带令牌。", "The request carries no token."),
            Text("请先用网关的密钥换取令牌。", "Get one with the gateway's key first."),
        )
    found = verify_token(token.strip(), platform_key().public_key(), system_clock())
    if not queries.is_admitted(found.gateway, found.tenant):
        raise CredentialError(
            "gateway_revoked",
            Text("这个网关已被停用。", "This gateway has been revoked."),
            Text("请在门户新建一个网关并重新登记。", "Create a new gateway on the portal and enrol again."),
        )
    return found.gateway
