"""Signed heads: a number and a hash, signed by the platform, that betray whoever cuts or rewrites the trail.

A head that lies elsewhere (on paper, with the auditor, in another authority's mailbox) fixes everything before it.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from zhulian.audit.rules.canonical import canonical
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.wire.credentials import CredentialError, parse_public, public_text

ANCHOR_PURPOSE: Final = b"zhulian-audit-anchor/1\n"
CLOSING_PURPOSE: Final = b"zhulian-audit-closing/1\n"
"""What stands before the signed bytes, so that a signature for one purpose is never one for another."""
_SHORT = re.compile(r"^(\d{1,18}):([0-9a-f]{64})$")


class HeadError(ZhulianError):
    """A head that cannot be read, or that the file at hand cannot be held against."""


@dataclass(frozen=True, slots=True)
class Head:
    """The chain up to one entry, as it was known elsewhere. Signed ones also carry time, key and signature."""

    sequence: int
    hash: str
    time: str = ""
    key: str = ""
    signature: str = ""

    @property
    def short(self) -> str:
        """``1234:ab12…``: what fits on a line of paper."""
        return f"{self.sequence}:{self.hash}"

    def members(self) -> dict[str, object]:
        """What the signature covers."""
        named = {"sequence": self.sequence, "hash": self.hash, "time": self.time, "key": self.key}
        return {"kind": "anchor", **named}

    def line(self) -> bytes:
        """The head as one line of an export."""
        return canonical(self.members() | {"signature": self.signature}) + b"\n"

    def is_genuine(self) -> bool:
        """Whether the owner of ``key`` signed it."""
        return is_signed(ANCHOR_PURPOSE, self.members(), self.key, self.signature)


def sign_head(key: Ed25519PrivateKey, sequence: int, digest: str, time: str) -> Head:
    """The head, signed."""
    plain = Head(sequence, digest, time, public_text(key))
    return Head(sequence, digest, time, plain.key, sign(key, ANCHOR_PURPOSE, plain.members()))


def sign(key: Ed25519PrivateKey, purpose: bytes, members: Mapping[str, object]) -> str:
    """Base64 of the Ed25519 signature over ``purpose`` and the canonical form of ``members``."""
    return base64.b64encode(key.sign(purpose + canonical(members))).decode()


def is_signed(purpose: bytes, members: Mapping[str, object], key: str, signature: str) -> bool:
    """Whether ``signature`` fits; never an error, whatever the texts are."""
    try:
        parse_public(key).verify(base64.b64decode(signature, validate=True), purpose + canonical(members))
    except (CredentialError, InvalidSignature, ValueError):
        return False
    return True


def read_head(text: str) -> Head:
    """A head as somebody kept it: ``1234:ab12…``, or the signed line."""
    short = _SHORT.match(text.strip())
    if short:
        return Head(int(short[1]), short[2])
    try:
        given = json.loads(text)
        head = Head(*(given[name] for name in ("sequence", "hash", "time", "key", "signature")))
        well_formed = isinstance(head.sequence, int) and head.is_genuine()
    except (ValueError, KeyError, TypeError, RecursionError):
        well_formed = False
    if not well_formed:
        raise HeadError(
            "head_unreadable",
            Text(f"读不懂这个链头：{text[:80]}。", f"This head cannot be read: {text[:80]}."),
            Text(
                "应为“序号:64 位哈希”，或 zhulian audit head --json 输出的一整行。",
                "It is NUMBER:HASH with 64 digits, or the whole line that zhulian audit head --json printed.",
            ),
        )
    return head
