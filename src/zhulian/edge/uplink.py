"""Sends the outbox to the platform: what was just read within a second, and what waited behind it in large batches.

After an outage live readings go first; the backlog follows in the time that is left, slower when the platform asks for
patience. A batch leaves the outbox only when the platform has answered 200.
"""

import asyncio
import contextlib
import logging
import re
from email.utils import parsedate_to_datetime

from zhulian.edge.backoff import Backoff
from zhulian.edge.faults import EdgeError, fault
from zhulian.edge.link import Answer, NeverLeftError, unexpected
from zhulian.edge.outbox import Batch, Lane
from zhulian.edge.recorder import Recorder
from zhulian.edge.session import Request, Session
from zhulian.vocabulary.clock import Clock, to_time_us
from zhulian.vocabulary.errors import ZhulianError
from zhulian.wire import lane
from zhulian.wire.configuration import read_json

log = logging.getLogger(__name__)

LIVE_EVERY_S = 1.0
LIVE_ROWS = 20_000
FEWEST_ROWS, MOST_ROWS = 1_000, 40_000
"""Backlog batches: about a megabyte at most, which every proxy lets through."""
BACKLOG_SHARE = 0.5
"""The share of each second that the backlog may use."""
QUICK_S, SLOW_S = 0.25, 1.0
"""Backlog batches grow while they take less, and shrink when they take more."""
DEFAULT_RETRY_S, LONGEST_RETRY_S = 5.0, 300.0
BACKLOG_PATIENCE = 4.0
"""A busy platform gets this much more rest from the backlog than from live readings."""
CLOCK_OFF_US = 5_000_000


class Busy(Exception):  # noqa: N818 - not an error: the platform asks to come back later
    """429 or 503."""

    def __init__(self, retry_s: float, refusal: ZhulianError) -> None:
        super().__init__(retry_s)
        self.retry_s = retry_s
        self.refusal = refusal


class Uplink:
    """One per gateway; :meth:`run` until cancelled, which is safe at any moment."""

    def __init__(self, session: Session, recorder: Recorder, clock: Clock, live_every_s: float = LIVE_EVERY_S) -> None:
        self.fault: ZhulianError | None = None
        """Why nothing goes out right now; ``None`` while all is well."""
        self.clock_offset_us = 0
        self.last_delivered_us = 0
        self.delivered_rows = 0
        self._session, self._recorder, self._clock = session, recorder, clock
        self._live_every_s = live_every_s
        self._backoff = Backoff(live_every_s, 30.0)
        self._backlog_rows = FEWEST_ROWS
        self._backlog_rests_until_s = 0.0
        self._sent_before: set[tuple[str, int]] = set()
        self._never_left: set[tuple[str, int]] = set()
        """Batches that were tried, and of which nothing can have arrived."""

    async def run(self) -> None:
        """Send for ever."""
        await self._session.enrolled()
        while True:
            rest_s = await self.turn()
            await asyncio.sleep(rest_s)

    async def turn(self) -> float:
        """One round: live, then some backlog. Returns the seconds to rest before the next."""
        started_s = _now_s()
        try:
            await self._send_next(Lane.LIVE, LIVE_ROWS)
            await self._send_backlog(until_s=started_s + self._live_every_s * BACKLOG_SHARE)
        except Busy as busy:
            self._note(busy.refusal)
            self._backlog_rests_until_s = _now_s() + busy.retry_s * BACKLOG_PATIENCE
            return busy.retry_s
        except ZhulianError as trouble:
            self._note(trouble)
            return self._backoff.next_s()
        self._note(None)
        self._backoff.reset()
        return max(0.0, started_s + self._live_every_s - _now_s())

    async def _send_backlog(self, until_s: float) -> None:
        """As many batches as fit before ``until_s``; at least one when there is a backlog."""
        if _now_s() < self._backlog_rests_until_s:
            return
        while True:
            began_s = _now_s()
            if not await self._send_next(Lane.BACKLOG, self._backlog_rows):
                return
            self._adapt(_now_s() - began_s)
            if _now_s() >= until_s:
                return

    def _adapt(self, took_s: float) -> None:
        if took_s < QUICK_S:
            self._backlog_rows = min(self._backlog_rows * 2, MOST_ROWS)
        elif took_s > SLOW_S:
            self._backlog_rows = max(self._backlog_rows // 2, FEWEST_ROWS)

    async def _send_next(self, which: Lane, most_rows: int) -> bool:
        """Send the waiting batch of this lane, or freeze the next. ``False``: there was nothing."""
        disk, outbox = self._recorder.on_disk, self._recorder.outbox
        batch = await disk(outbox.frozen, which)
        if batch is None:
            batch = await disk(outbox.freeze, which, most_rows, self._clock())
            if batch is None:
                return False
        elif (batch.epoch, batch.first) not in self._never_left:
            self._sent_before.add((batch.epoch, batch.first))  # by this process or by the one before
        await self._settle(batch, await self._posted(batch))
        self._sent_before.discard((batch.epoch, batch.first))
        return True

    async def _posted(self, batch: Batch) -> Answer:
        number = (batch.epoch, batch.first)
        self._never_left.discard(number)
        try:
            return await self._post(batch)
        except NeverLeftError:
            if number not in self._sent_before:
                self._never_left.add(number)
            raise

    async def _post(self, batch: Batch) -> Answer:
        headers = {
            "Content-Type": lane.CONTENT_TYPE,
            lane.H_EPOCH: batch.epoch,
            lane.H_FIRST: str(batch.first),
            lane.H_LAST: str(batch.last),
            lane.H_SENT: str(self._clock()),
        }
        return await self._session.to_lane(Request("POST", lane.BATCHES, batch.body, headers, timeout_s=60.0))

    async def _settle(self, batch: Batch, answer: Answer) -> None:
        if answer.status == 200:
            await self._delivered(batch, read_json(answer.body, lane.Received))
        elif answer.status in (429, 503):
            raise Busy(retry_after_s(answer, self._clock), answer.refusal())
        elif answer.status == 401 or answer.status >= 500:
            raise answer.refusal()
        else:
            await self._refused(batch, answer)

    async def _delivered(self, batch: Batch, received: lane.Received) -> None:
        self.clock_offset_us = received.clock_offset_us
        if received.duplicate and (batch.epoch, batch.first) not in self._sent_before:
            await self._numbers_used_before(batch)
            return
        await self._recorder.on_disk(self._recorder.outbox.delivered, batch)
        self.last_delivered_us = self._clock()
        self.delivered_rows += batch.rows

    async def _numbers_used_before(self, batch: Batch) -> None:
        """The platform knows numbers that this outbox has never sent: the file was restored from an old copy.

        Counted on, every new reading would be taken for an old one. So this batch is kept aside and a new epoch begun.
        """
        log.error("sequence numbers were used before; the outbox counts anew under another epoch")
        await self._put_aside(batch, _reused())
        await self._recorder.on_disk(self._recorder.outbox.begin_epoch)

    async def _refused(self, batch: Batch, answer: Answer) -> None:
        refusal = answer.named_refusal()
        if refusal is None and answer.status != 413:
            raise unexpected(answer)  # not the platform's own words: a proxy or a wrong address, so keep everything
        await self._put_aside(batch, refusal or unexpected(answer))
        if refusal is not None and refusal.code in lane.COUNTED_OTHERWISE:
            await self._recorder.on_disk(self._recorder.outbox.begin_epoch)

    async def _put_aside(self, batch: Batch, refusal: ZhulianError) -> None:
        log.warning("batch %s..%s set aside: %s", batch.first, batch.last, refusal)
        await self._recorder.on_disk(self._recorder.outbox.put_aside, batch, refusal, self._clock())

    def _note(self, trouble: ZhulianError | None) -> None:
        was, self.fault = self.fault, trouble
        if trouble is not None and (was is None or was.code != trouble.code):
            log.warning("%s", trouble)
        elif trouble is None and was is not None:
            log.info("the platform takes readings again")

    def clock_fault(self) -> EdgeError | None:
        """Named when this machine's clock is seconds off; readings then carry wrong times."""
        if abs(self.clock_offset_us) < CLOCK_OFF_US:
            return None
        offset_s = self.clock_offset_us / 1e6
        return fault(
            "clock_off",
            f"本机时钟比平台{'快' if offset_s > 0 else '慢'} {abs(offset_s):.0f} 秒，读数时间因此不准。",
            f"This machine's clock is {abs(offset_s):.0f} s {'ahead of' if offset_s > 0 else 'behind'} the platform's.",
            "请在本机启用网络校时（timedatectl set-ntp true）。",
            "Turn on network time here (timedatectl set-ntp true).",
        )


def retry_after_s(answer: Answer, clock: Clock) -> float:
    """The seconds that a 429 or 503 asks for: a number or a date; bounded, and a default without one."""
    asked = next((value for name, value in answer.headers.items() if name.lower() == "retry-after"), "")
    if re.fullmatch(r"\d+(\.\d+)?", asked.strip()):
        return min(max(float(asked), 0.1), LONGEST_RETRY_S)
    with contextlib.suppress(ValueError):
        return min(max((to_time_us(parsedate_to_datetime(asked)) - clock()) / 1e6, 0.1), LONGEST_RETRY_S)
    return DEFAULT_RETRY_S


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def _reused() -> EdgeError:
    return fault(
        "sequence_reused",
        "平台已经收到过这些序号的读数，而本机并未发送过；本机的数据文件可能是从旧备份恢复的。",
        "The platform already holds readings under these numbers, yet this gateway never sent them; "
        "its outbox was perhaps restored from an old copy.",
        "这批读数已搁置保存，之后的读数改用新的编号继续发送；请勿复制或回滚网关的状态文件夹。",
        "This batch is kept aside and later ones go out under new numbers; do not copy or roll back the state folder.",
    )
