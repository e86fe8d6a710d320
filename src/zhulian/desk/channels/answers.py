"""What robots answer: a number that is 0 when all is well, otherwise a cause that we put into words."""

import json
from collections.abc import Mapping

from zhulian.desk.rules import DeskError
from zhulian.vocabulary.errors import Text

Causes = Mapping[int, tuple[Text, Text]]
SLOW_DOWN = (
    Text("对方限制了发送频率，这条还没有送出。", "The other side limits how often one may send; this still waits."),
    Text("平台会稍后自动重试。", "It is tried again later by itself."),
)  # fmt: skip


def read_number(status: int, body: bytes, field: str, causes: Causes) -> None:
    """Raise unless ``field`` of the JSON answer is 0."""
    try:
        answer = json.loads(body)
        number = int(answer[field])
    except (ValueError, TypeError, KeyError):
        raise strange_answer(status, body) from None
    if number:
        raise _refused(number, str(answer.get("errmsg") or answer.get("msg") or "")[:200], causes)


def read_status(status: int, body: bytes) -> None:
    """Raise unless the status is 2xx."""
    if not 200 <= status < 300:
        raise strange_answer(status, body)


def strange_answer(status: int, body: bytes) -> DeskError:
    """An answer that is none of the robot's own."""
    seen = body[:120].decode("utf-8", "replace").strip()
    return DeskError(
        "webhook_answer_strange",
        Text(f"对方应答 HTTP {status}：{seen or '没有内容'}。", f"The answer was HTTP {status}: {seen or 'nothing'}."),
        Text("请核对地址是否整段复制、是否仍然有效。", "Check that the address was copied whole and is still valid."),
    )  # fmt: skip


def _refused(number: int, said: str, causes: Causes) -> DeskError:
    what, next_step = causes.get(
        number,
        (
            Text(f"对方没有接收（{number}：{said}）。", f"The other side did not take it ({number}: {said})."),
            Text("请按这个编号在对方的开发文档里查找原因。", "Look the number up in the other side's documentation."),
        ),
    )
    return DeskError(f"webhook_refused_{number}", what, next_step)
