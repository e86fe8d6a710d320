"""The line down from the platform: one long answer, an ask a line, opened again when it breaks or falls silent."""

import asyncio
import logging
from collections.abc import AsyncIterator

import aiohttp
import msgspec

from zhulian.edge.answers import ANSWER_WITHIN_S, Tester
from zhulian.edge.backoff import Backoff
from zhulian.edge.desired import Desired
from zhulian.edge.faults import fault
from zhulian.edge.link import JSON
from zhulian.edge.session import Request, Session
from zhulian.vocabulary.errors import ZhulianError
from zhulian.wire import lane
from zhulian.wire.asks import Ask

log = logging.getLogger(__name__)

SILENT_AFTER_S = 3 * lane.PING_S
LONGEST_LINE_BYTES = 16 * 1024 * 1024
AT_ONCE = 8
"""Asks answered at the same time; more wait for their turn within their time."""


class Stream:
    """One per gateway; :meth:`run` until cancelled."""

    def __init__(
        self, session: Session, desired: Desired, tester: Tester, silent_after_s: float = SILENT_AFTER_S
    ) -> None:
        self.is_connected = False
        self.fault: ZhulianError | None = None
        self._session, self._desired, self._tester = session, desired, tester
        self._silent_after_s = silent_after_s
        self._again = Backoff(1.0, 30.0)
        self._places = asyncio.Semaphore(AT_ONCE)
        self._answering: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Listen for ever."""
        while True:
            try:
                await self._listen()
            except ZhulianError as trouble:
                self._note(trouble)
            finally:
                self.is_connected = False
            await asyncio.sleep(self._again.next_s())

    async def _listen(self) -> None:
        async with self._session.stream() as response:
            self.is_connected, self.fault = True, None
            self._desired.look()
            async for line in _lines(response, self._silent_after_s):
                self._again.reset()
                self._heed(line)

    def _heed(self, line: bytes) -> None:
        if not line.strip():
            return
        try:
            ask = msgspec.json.decode(line, type=Ask)
        except msgspec.DecodeError as error:  # a newer platform may ask what this gateway cannot do
            log.warning("an ask is not understood (%s)", error)
            return
        if ask.kind == "configuration":
            self._desired.look()
        elif ask.kind in ("try", "browse"):
            task = asyncio.create_task(self._answer(ask), name=f"ask {ask.id}")
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    async def _answer(self, ask: Ask) -> None:
        until_s = asyncio.get_running_loop().time() + ANSWER_WITHIN_S
        async with self._places:
            left_s = max(0.05, until_s - asyncio.get_running_loop().time())
            reply = await self._tester.answer(ask, left_s)
        try:
            answer = await self._session.to_lane(Request("POST", lane.REPLIES, msgspec.json.encode(reply), JSON, 5.0))
            if not answer.is_good:
                raise answer.refusal()
        except ZhulianError as trouble:
            log.warning("reply to %s not delivered: %s", ask.id, trouble)

    def _note(self, trouble: ZhulianError) -> None:
        if self.fault is None or self.fault.code != trouble.code:
            log.warning("%s", trouble)
        self.fault = trouble


async def _lines(response: aiohttp.ClientResponse, silent_after_s: float) -> AsyncIterator[bytes]:
    """The stream's lines; ends with it, and raises when it says nothing for too long."""
    while True:
        try:
            async with asyncio.timeout(silent_after_s):
                line = await response.content.readline(max_line_length=LONGEST_LINE_BYTES)
        except TimeoutError as error:
            raise fault(
                "stream_silent",
                f"平台的下行连接 {silent_after_s:.0f} 秒没有动静。",
                f"The platform's stream has been silent for {silent_after_s:.0f} s.",
                "网关正在重新连接；若反复出现，请检查中间的代理是否会切断长连接。",
                "The gateway connects again; if this repeats, see whether a proxy in between cuts long connections.",
            ) from error
        if not line:
            return
        yield line
