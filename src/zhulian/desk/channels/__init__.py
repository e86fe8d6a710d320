"""How a message leaves the house: e-mail, and webhooks of 企业微信, 钉钉, 飞书 and of systems that speak plain JSON.

Each kind is a pure pair: what is posted, and what the answer means. :func:`deliver` puts one on the line.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from zhulian.desk.channels import dingtalk, feishu, generic, wecom
from zhulian.desk.channels.line import Line, Post, Words
from zhulian.desk.rules import DeskError
from zhulian.vocabulary.errors import Text

__all__ = ["KINDS", "Kind", "Line", "Post", "Words", "deliver", "unknown_kind"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of webhook: how a message is written for it, and how its answer is read."""

    name: str
    title: Text
    hint: Text
    """Where an administrator finds address and secret."""
    write: Callable[[Words, str, str, datetime], Post]
    read: Callable[[int, bytes], None]
    """Raises :class:`~zhulian.desk.rules.DeskError` unless the answer says: taken."""


KINDS = {
    kind.name: kind
    for kind in (
        Kind("wecom", Text("企业微信群机器人", "WeCom group robot"), wecom.HINT, wecom.write, wecom.read),
        Kind("dingtalk", Text("钉钉群机器人", "DingTalk group robot"), dingtalk.HINT, dingtalk.write, dingtalk.read),
        Kind("feishu", Text("飞书群机器人", "Feishu group robot"), feishu.HINT, feishu.write, feishu.read),
        Kind("json", Text("其他系统（JSON）", "Another system (JSON)"), generic.HINT, generic.write, generic.read),
    )
}


def deliver(kind: str, url: str, secret: str, words: Words, line: Line, now: datetime) -> None:  # noqa: PLR0917
    """Post ``words`` to a webhook; returns when the other side has taken it, raises why it has not."""
    if kind not in KINDS:
        raise unknown_kind(kind)
    spoken = KINDS[kind]
    spoken.read(*line.post(spoken.write(words, url, secret, now)))


def unknown_kind(kind: str) -> DeskError:
    """A kind that this version does not speak."""
    known = "、".join(KINDS)
    return DeskError(
        "channel_kind_unknown",
        Text(f"没有“{kind[:20]}”这种渠道。", f"There is no channel of kind “{kind[:20]}”."),
        Text(f"可选：{known}。", f"Choose one of {known}."),
    )
