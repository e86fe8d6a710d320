"""Who a gateway is: an Ed25519 key pair of its own, and short-lived tokens signed by the platform.

Tokens are JSON Web Tokens (RFC 7519, EdDSA). Verifying one needs the platform's public key and no database. The
gateway proves itself for a token with an assertion that its own key signed (RFC 7523).
"""

import base64
import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from jwt.types import Options

from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.readings import TenantId, TimeUs

TOKEN_LASTS_S = 600
ASSERTION_LASTS_S = 24 * 3600
"""Generous: the assertion travels to one address over TLS, and a gateway's clock may be hours off."""
_ALGORITHM = "EdDSA"
_PLATFORM = "zhulian"
_OUR_CLOCK: Options = {"verify_exp": False, "verify_iat": False}
"""The clock is handed in, so what has expired is judged here and not by the library."""
_ODD = (jwt.PyJWTError, KeyError, ValueError, TypeError, OverflowError)
"""What a hand-made token or assertion can raise: claims are whatever JSON a stranger wrote."""


class CredentialError(ZhulianError):
    """A key or token that is not accepted."""


@dataclass(frozen=True, slots=True)
class GatewayToken:
    """What a verified token says."""

    gateway: int
    tenant: TenantId
    expires_us: TimeUs


def load_or_create_key(path: Path) -> Ed25519PrivateKey:
    """The private key in ``path`` (PEM, mode 600), made at the first call; processes that race for it agree on one."""
    if not path.exists():
        _create_key(path)
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise _key_unreadable(path) from fault
    if not isinstance(key, Ed25519PrivateKey):
        raise _key_unreadable(path)
    return key


def _create_key(path: Path) -> None:
    """Write beside ``path`` and link: nobody ever reads half a key, and a second maker keeps the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name) as draft:  # made with mode 600
        draft.write(pem)
        draft.flush()
        os.fsync(draft.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft.name, path)


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half as base64, the form in which it travels and is stored."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def parse_public(text: str) -> Ed25519PublicKey:
    """The inverse of :func:`public_text`."""
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except ValueError as fault:
        raise _refused("key_unreadable", "公钥格式不对", "the public key is malformed") from fault


def sign_assertion(key: Ed25519PrivateKey, gateway: int, now_us: TimeUs) -> str:
    """The gateway's proof of itself, for one token request."""
    claims = {"iss": str(gateway), "aud": _PLATFORM, "iat": now_us // 1_000_000}
    return jwt.encode(claims, key, algorithm=_ALGORITHM)


def claimed_gateway(assertion: str) -> int:
    """Which gateway an assertion claims to be from, not yet verified: tells which key to verify it with."""
    try:
        return int(jwt.decode(assertion, options={"verify_signature": False})["iss"])
    except _ODD as fault:
        raise _refused("assertion_unreadable", "身份证明格式不对", "the assertion is malformed") from fault


def verify_assertion(assertion: str, public_key: str, now_us: TimeUs) -> None:
    """Raise unless ``assertion`` was signed by ``public_key``'s owner within :data:`ASSERTION_LASTS_S`."""
    try:
        claims = jwt.decode(assertion, parse_public(public_key), [_ALGORITHM], audience=_PLATFORM, options=_OUR_CLOCK)
        age_s = abs(now_us // 1_000_000 - int(claims["iat"]))
    except _ODD as fault:
        raise _refused("assertion_invalid", "签名对不上", "its signature does not fit") from fault
    if age_s > ASSERTION_LASTS_S:
        raise _refused("assertion_clock", f"网关时钟相差 {age_s} 秒", f"the gateway's clock is off by {age_s} s")


def issue_token(key: Ed25519PrivateKey, gateway: int, tenant: TenantId, now_us: TimeUs) -> str:
    """A token for the gateway lane, good for :data:`TOKEN_LASTS_S`."""
    now_s = now_us // 1_000_000
    claims = {"sub": str(gateway), "tenant": tenant, "iss": _PLATFORM, "iat": now_s, "exp": now_s + TOKEN_LASTS_S}
    return jwt.encode(claims, key, algorithm=_ALGORITHM)


def verify_token(token: str, platform_key: Ed25519PublicKey, now_us: TimeUs) -> GatewayToken:
    """Who sent this, without a database. The clock is handed in, so expiry is ours to judge."""
    try:
        claims = jwt.decode(token, platform_key, [_ALGORITHM], issuer=_PLATFORM, options=_OUR_CLOCK)
        found = GatewayToken(
            int(claims["sub"]), TenantId(int(claims["tenant"])), TimeUs(int(claims["exp"]) * 1_000_000)
        )
    except _ODD as fault:
        raise _refused("token_invalid", "令牌无效", "the token is not valid") from fault
    if now_us >= found.expires_us:
        raise _refused("token_expired", "令牌已过期", "the token has expired")
    return found


def _key_unreadable(path: Path) -> CredentialError:
    return CredentialError(
        "key_file_unreadable",
        Text(f"密钥文件读不懂：{path}。", f"The key file cannot be read: {path}."),
        Text(
            "请从备份恢复这个文件。把它移走会生成新密钥；若是网关自己的密钥，该网关要重新登记。",
            "Restore it from a backup. Moving it away makes a new key; if it was a gateway's own, enrol that again.",
        ),
    )


def _refused(code: str, why_zh: str, why_en: str) -> CredentialError:
    return CredentialError(
        code,
        Text(f"网关身份未被接受：{why_zh}。", f"The gateway was not accepted: {why_en}."),
        Text(
            "网关会自动换取新令牌；若反复出现，请重新登记网关。",
            "The gateway asks for a new token by itself; if this repeats, enrol it again.",
        ),
    )
