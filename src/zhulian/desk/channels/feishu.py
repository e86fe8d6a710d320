"""飞书群机器人: a rich text by POST, signed in the body. Source: open.feishu.cn, 自定义机器人使用指南（签名校验）."""

import base64
import hashlib
import hmac
import json
from datetime import datetime

from zhulian.desk.channels.answers import SLOW_DOWN, read_number
from zhulian.desk.channels.line import Post, Words
from zhulian.vocabulary.errors import Text

HINT = Text(
    "在飞书群设置里添加自定义机器人，打开“签名校验”，把密钥填在下面。",
    "Add a custom robot in the Feishu group, switch on signature verification, and enter the secret.",
)
_CAUSES = {
    19021: (
        Text("飞书没有通过签名校验。", "Feishu did not accept the signature."),
        Text("请核对密钥；服务器时间与标准时间相差不能超过一小时。", "Check the secret and the server's clock."),
    ),
    19024: (
        Text("飞书要求的关键词不在消息里。", "The message lacks the keyword that the robot asks for."),
        Text("请把机器人的安全设置改为“签名校验”。", "Set the robot to signature verification instead."),
    ),
    11232: SLOW_DOWN,
}  # fmt: skip


def write(words: Words, url: str, secret: str, now: datetime) -> Post:
    """The signature is HMAC-SHA256 of nothing under the key ``timestamp\\nsecret``."""
    lines: list[list[dict[str, str]]] = [[{"tag": "text", "text": line}] for line in words.body.splitlines() if line]
    if words.link:
        lines.append([{"tag": "a", "text": words.link_words or words.link, "href": words.link}])
    post = {"zh_cn": {"title": words.title, "content": lines or [[{"tag": "text", "text": words.title}]]}}
    body: dict[str, object] = {"msg_type": "post", "content": {"post": post}}
    return Post(url, json.dumps(_sign(secret, now) | body, ensure_ascii=False).encode())


def read(status: int, body: bytes) -> None:
    """``code`` 0."""
    read_number(status, body, "code", _CAUSES)


def _sign(secret: str, now: datetime) -> dict[str, object]:
    if not secret:
        return {}
    time_s = str(int(now.timestamp()))
    digest = hmac.new(f"{time_s}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return {"timestamp": time_s, "sign": base64.b64encode(digest).decode()}
