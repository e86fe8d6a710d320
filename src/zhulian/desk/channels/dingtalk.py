"""钉钉群机器人: Markdown by POST, signed by timestamp. Source: open.dingtalk.com, 自定义机器人安全设置（加签）."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from urllib.parse import quote_plus

from zhulian.desk.channels.answers import SLOW_DOWN, read_number
from zhulian.desk.channels.line import Post, Words
from zhulian.vocabulary.errors import Text

HINT = Text(
    "在钉钉群设置里添加自定义机器人，安全设置选“加签”，把以 SEC 开头的密钥填在下面。",
    "Add a custom robot in the DingTalk group, choose signing (加签), and enter the secret that begins with SEC.",
)
_CAUSES = {
    310000: (
        Text("钉钉的安全校验没有通过：签名、关键词或来源地址不符。", "DingTalk refused signature, keyword or source."),
        Text("请核对密钥，并确认机器人的安全设置是“加签”。", "Check the secret, and that the robot is set to signing."),
    ),
    300005: (
        Text("钉钉说这个机器人不存在。", "DingTalk says that there is no such robot."),
        Text("机器人可能已被删除，请重新复制地址。", "It may have been deleted; copy the address again."),
    ),
    130101: SLOW_DOWN,
}  # fmt: skip


def write(words: Words, url: str, secret: str, now: datetime) -> Post:
    """The signature is HMAC-SHA256 of ``timestamp\\nsecret`` under the secret, in the address."""
    link = f"\n\n[{words.link_words or words.link}]({words.link})" if words.link else ""
    text = f"#### {words.title}\n\n{words.body}".rstrip() + link
    body = {"msgtype": "markdown", "markdown": {"title": words.title[:64], "text": text}}
    return Post(_signed(url, secret, now), json.dumps(body, ensure_ascii=False).encode())


def read(status: int, body: bytes) -> None:
    """``errcode`` 0."""
    read_number(status, body, "errcode", _CAUSES)


def _signed(url: str, secret: str, now: datetime) -> str:
    if not secret:
        return url
    time_ms = int(now.timestamp() * 1000)
    digest = hmac.new(secret.encode(), f"{time_ms}\n{secret}".encode(), hashlib.sha256).digest()
    sign = quote_plus(base64.b64encode(digest))
    return f"{url}{'&' if '?' in url else '?'}timestamp={time_ms}&sign={sign}"
