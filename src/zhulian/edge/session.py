"""The gateway's standing with the platform: its identity, a short-lived token, and calls that carry it.

Uplink, stream, declaration and status call through here; a token that ran out is replaced without their noticing.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import NamedTuple

import aiohttp
import msgspec

from zhulian.edge.enrolment import Identity, StateFolder
from zhulian.edge.link import JSON, Answer, Link
from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.errors import ZhulianError
from zhulian.wire import lane
from zhulian.wire.configuration import read_json
from zhulian.wire.credentials import sign_assertion

log = logging.getLogger(__name__)

RENEW_AFTER = 0.7
"""The share of a token's life after which a new one is fetched; the old one serves on while the portal is away."""
RENEW_AGAIN_S = 20.0


class Request(NamedTuple):
    """One call."""

    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = {}
    timeout_s: float = 15.0


class Session:
    """Starts without an identity when the gateway has not enrolled; every call waits until there is one."""

    def __init__(self, link: Link, folder: StateFolder, clock: Clock) -> None:
        self.link = link
        self._folder, self._clock = folder, clock
        self._identity: Identity | None = None
        self._has_identity = asyncio.Event()
        self._token = ""
        self._renew_at_s = self._ends_at_s = 0.0
        self._ingest_url = ""
        self._one_at_a_time = asyncio.Lock()

    @property
    def identity(self) -> Identity | None:
        """Who the gateway is; ``None`` before enrolment."""
        return self._identity

    def take_identity(self, identity: Identity) -> None:
        """Be this gateway from now on."""
        if identity != self._identity:
            self._identity, self._ingest_url, self._token = identity, identity.ingest_url, ""
        self._has_identity.set()

    async def enrolled(self) -> Identity:
        """Wait until there is an identity."""
        await self._has_identity.wait()
        assert self._identity is not None  # noqa: S101 - the event is set together with it
        return self._identity

    async def to_portal(self, request: Request) -> Answer:
        """A call to the portal (configuration, declaration)."""
        identity = await self.enrolled()
        return await self._call(request, lambda: identity.platform_url)

    async def to_lane(self, request: Request) -> Answer:
        """A call to the gateway lane (batches, replies, status)."""
        await self.enrolled()
        return await self._call(request, lambda: self._ingest_url)

    @contextlib.asynccontextmanager
    async def stream(self) -> AsyncIterator[aiohttp.ClientResponse]:
        """The lane's stream of asks. Raises the refusal when it is not opened."""
        await self.enrolled()
        for is_last_try in (False, True):
            headers = {"Authorization": f"Bearer {await self._fresh_token()}"}
            url = self._ingest_url + lane.STREAM
            async with self.link.stream(url, headers) as response:
                if response.status == 200:
                    yield response
                    return
                answer = Answer(response.status, response.headers, await response.content.read(65536), url)
            if answer.status != 401 or is_last_try:
                raise answer.refusal()
            self._token = ""

    async def _call(self, request: Request, base: Callable[[], str]) -> Answer:
        """The answer; a 401 is tried once more with a new token (``base`` may change with it)."""
        answer = await self._call_once(request, base)
        if answer.status == 401:
            self._token = ""
            answer = await self._call_once(request, base)
        return answer

    async def _call_once(self, request: Request, base: Callable[[], str]) -> Answer:
        headers = {**request.headers, "Authorization": f"Bearer {await self._fresh_token()}"}
        url = base() + request.path
        return await self.link.call(
            request.method, url, body=request.body, headers=headers, timeout_s=request.timeout_s
        )

    async def _fresh_token(self) -> str:
        async with self._one_at_a_time:
            now_s = asyncio.get_running_loop().time()
            if not self._token:
                await self._renew(now_s)
            elif now_s >= self._renew_at_s:
                await self._renew_early(now_s)
            return self._token

    async def _renew_early(self, now_s: float) -> None:
        try:
            await self._renew(now_s)
        except ZhulianError as fault:
            if now_s >= self._ends_at_s:
                raise
            log.info("token not renewed yet: %s", fault)
            self._renew_at_s = now_s + RENEW_AGAIN_S

    async def _renew(self, now_s: float) -> None:
        granted = await self._ask_token()
        self._token = granted.token
        self._renew_at_s, self._ends_at_s = now_s + granted.lasts_s * RENEW_AFTER, now_s + granted.lasts_s
        self._ingest_url = granted.ingest_url.rstrip("/") or self._ingest_url

    async def _ask_token(self) -> lane.TokenAnswer:
        identity = await self.enrolled()
        key = await asyncio.to_thread(self._folder.key)
        request = lane.TokenRequest(sign_assertion(key, identity.gateway, self._clock()))
        answer = await self.link.call(
            "POST", identity.platform_url + lane.TOKEN, body=msgspec.json.encode(request), headers=JSON
        )
        if not answer.is_good:
            raise answer.refusal()
        return read_json(answer.body, lane.TokenAnswer)
