"""Another system: plain JSON, signed so that the receiver knows who speaks and can drop a second copy.

``X-Zhulian-Signature: sha256=HEX`` is HMAC-SHA256 of ``timestamp.body`` under the secret; ``X-Zhulian-Timestamp`` is
in seconds since 1970; ``Idempotency-Key`` is the same when a message is sent again.
"""

import hashlib
import hmac
import json
from datetime import datetime

from zhulian.desk.channels.answers import read_status
from zhulian.desk.channels.line import Post, Words
from zhulian.vocabulary.errors import Text

HINT = Text(
    "填接收系统的 HTTPS 地址；密钥由双方约定，用于验证签名。",
    "The HTTPS address of the receiving system; both sides agree on the secret that signs.",
)


def write(words: Words, url: str, secret: str, now: datetime) -> Post:
    """Title, body, link, key; the signature in the headers."""
    said = {"key": words.key, "title": words.title, "body": words.body, "link": words.link}
    body = json.dumps(said, ensure_ascii=False).encode()
    time_s = str(int(now.timestamp()))
    headers = {"X-Zhulian-Timestamp": time_s, "Idempotency-Key": hashlib.sha256(words.key.encode()).hexdigest()}
    if secret:
        digest = hmac.new(secret.encode(), f"{time_s}.".encode() + body, hashlib.sha256)
        headers["X-Zhulian-Signature"] = f"sha256={digest.hexdigest()}"
    return Post(url, body, headers)


def read(status: int, body: bytes) -> None:
    """Any 2xx."""
    read_status(status, body)
