"""企业微信群机器人: Markdown by POST, at most 4,096 bytes. Source: developer.work.weixin.qq.com, 群机器人配置说明."""

import json
from datetime import datetime

from zhulian.desk.channels.answers import SLOW_DOWN, read_number
from zhulian.desk.channels.line import Post, Words
from zhulian.vocabulary.errors import Text

HINT = Text(
    "在企业微信群里添加群机器人，复制它的 Webhook 地址；没有单独的密钥。",
    "Add a group robot in WeCom and copy its webhook address; there is no separate secret.",
)
LARGEST = 4096
_CAUSES = {
    93000: (
        Text("企业微信说这个机器人地址无效。", "WeCom says that this robot's address is not valid."),
        Text("机器人可能已被移出群，请重新复制地址。", "The robot may have been removed; copy its address again."),
    ),
    45009: SLOW_DOWN,
}


def write(words: Words, url: str, _secret: str, _now: datetime) -> Post:
    """Title in bold, body, link."""
    link = f"\n[{words.link_words or words.link}]({words.link})" if words.link else ""
    room = LARGEST - len(link.encode())
    text = _within(f"**{words.title}**\n{words.body}".strip(), room) + link
    body = {"msgtype": "markdown", "markdown": {"content": text}}
    return Post(url, json.dumps(body, ensure_ascii=False).encode())


def read(status: int, body: bytes) -> None:
    """``errcode`` 0."""
    read_number(status, body, "errcode", _CAUSES)


def _within(text: str, most: int) -> str:
    """``text`` cut to ``most`` bytes of UTF-8, never inside a character."""
    if len(text.encode()) <= most:
        return text
    return text.encode()[: most - 3].decode("utf-8", "ignore") + "…"
