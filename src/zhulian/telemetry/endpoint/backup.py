"""``POST /backup`` with ``{"folder": "/…"}``: store and journal copied there while the platform runs.

``zhulian backup`` is the caller, through :func:`zhulian.telemetry.store.backup.backup_store`.
"""

import asyncio
from concurrent.futures import Executor
from pathlib import Path

import msgspec

from zhulian.telemetry.answers import Receive, Scope, Send, read_body, send_json
from zhulian.telemetry.store.engine import Engine
from zhulian.telemetry.store.errors import backup_refused
from zhulian.vocabulary.errors import ZhulianError

LARGEST_BYTES = 64 * 1024


class Backup:
    """The ASGI app for ``/backup``."""

    def __init__(self, engine: Engine, threads: Executor) -> None:
        self._engine = engine
        self._threads = threads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """200 when the copy is whole, else 422 with the reason."""
        try:
            folder = _folder(await read_body(scope, receive, LARGEST_BYTES))
            await asyncio.get_running_loop().run_in_executor(self._threads, self._copy, folder)
        except ZhulianError as fault:
            await send_json(send, fault.as_json(), 422)
        else:
            await send_json(send, {"folder": str(folder)})

    def _copy(self, folder: Path) -> None:
        from zhulian.telemetry.store.backup import back_up  # noqa: PLC0415 - loads chDB: only where it is the store
        from zhulian.telemetry.store.embedded import EmbeddedEngine  # noqa: PLC0415

        if not isinstance(self._engine, EmbeddedEngine):
            raise backup_refused("读数存放在另一台服务器上", "the readings are kept on a server elsewhere")
        back_up(self._engine, folder)


def _folder(body: bytes) -> Path:
    try:
        folder = Path(msgspec.json.decode(body, type=dict[str, str])["folder"])
    except (msgspec.DecodeError, KeyError) as fault:
        raise backup_refused("请求里没有目录", "the request names no folder") from fault
    if not folder.is_absolute():
        raise backup_refused(f"{folder} 不是绝对路径", f"{folder} is no absolute path")
    return folder
