"""The telemetry process: opens the store, catches up with the journal, then listens; stops in the opposite order.

One process, one event loop, two ports: the gateway lane, and on loopback the store with live values. Started by
``zhulian telemetry run``. The store must never be forked after its import, so nothing here forks.
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator

import uvicorn
import uvloop

from zhulian.telemetry.alarms.running import Alarms
from zhulian.telemetry.answers import App
from zhulian.telemetry.endpoint.app import endpoint
from zhulian.telemetry.endpoint.key import load_or_create_key as load_or_create_store_key
from zhulian.telemetry.filling import Filling
from zhulian.telemetry.folding import Folding
from zhulian.telemetry.intake import Intake
from zhulian.telemetry.lock import hold
from zhulian.telemetry.loopback import Loopback
from zhulian.telemetry.receiving import Receiving
from zhulian.telemetry.store.engine import Engine, open_engine
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.settings import Settings

REPLAY_WAIT_S = 30.0
"""How long the start waits for blocks that were begun before the last stop; a store that is down must not stop it."""
STORE_STOP_S = 20.0
ANSWER_STOP_S = 3.0
"""So long a stop waits for answers of a store somewhere else; what that does not have by then is in the journal."""
FIRST_ANSWER_S = 5.0
"""How long it waits for a store somewhere else, so that pages find live values from the first moment."""
KEEP_ALIVE = (
    ((socket.SOL_SOCKET, socket.SO_KEEPALIVE), 1),
    ((socket.IPPROTO_TCP, socket.TCP_KEEPIDLE), 60),
    ((socket.IPPROTO_TCP, socket.TCP_KEEPINTVL), 20),
    ((socket.IPPROTO_TCP, socket.TCP_KEEPCNT), 3),
)
"""Connections inherit it: a gateway that lost its power in the middle of something is noticed within two minutes, and
its connection does not stay for as long as the process runs."""
log = logging.getLogger(__name__)


class ListenError(ZhulianError):
    """An address that cannot be listened on."""


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers; tells when it listens."""

    def __init__(self, app: App) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="off",
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=5,
            )
        )
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def run(settings: Settings, on_ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; ``on_ready`` is called when both ports answer. Raises ZhulianError."""
    with hold(settings.data.root), contextlib.ExitStack() as stack:
        lane_socket = stack.enter_context(
            _listen(settings["ZHULIAN_INGEST_HOST"], int(settings["ZHULIAN_INGEST_PORT"]))
        )
        store_socket = stack.enter_context(_listen("127.0.0.1", settings.store_port))
        engine = open_engine(settings)
        stack.callback(engine.close)
        uvloop.run(_serve(settings, engine, lane_socket, store_socket, on_ready))


async def _serve(
    settings: Settings,
    engine: Engine,
    lane_socket: socket.socket,
    store_socket: socket.socket,
    on_ready: Callable[[], None],
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    receiving = Receiving(settings, engine, system_clock)
    intake = Intake(receiving.shelf, receiving.replay, receiving.arrivals)
    loopback = Loopback(
        receiving.live,
        receiving.downlink,
        receiving.health,
        intake,
        receiving.alarms,
        past=receiving.past,
        retention=receiving.retention,
    )
    store_app = endpoint(engine, load_or_create_store_key(settings.data.keys / "store.key"), loopback.app)
    async with (
        _hurrying(engine, stop),
        _filling(receiving.filling, stop),
        _watching(receiving.alarms, stop),
        _feeding(receiving, stop),
        _retaining(receiving, stop),
        _serving(_Server(receiving.lane.app), lane_socket),
        _serving(_Server(store_app), store_socket),
        _folding(Folding(engine, system_clock, receiving.is_behind, receiving.retention.taking)),
    ):
        receiving.alarms.listen()
        if not stop.is_set():
            on_ready()
        await stop.wait()
        receiving.downlink.close()
        receiving.live.close()
        receiving.alarms.end()


@contextlib.asynccontextmanager
async def _hurrying(engine: Engine, stop: asyncio.Event) -> AsyncIterator[None]:
    """While the process stops, however far it has started: no answer is waited for longer than a few seconds."""

    async def hurry() -> None:
        await stop.wait()
        await asyncio.sleep(ANSWER_STOP_S)
        engine.interrupt()

    hurrying = asyncio.create_task(hurry())
    try:
        yield
    finally:
        hurrying.cancel()


@contextlib.asynccontextmanager
async def _filling(filling: Filling, stop: asyncio.Event) -> AsyncIterator[None]:
    """Asks a store somewhere else for live values; entered when it has answered, or does not for now."""
    working = asyncio.create_task(filling.run())
    working.add_done_callback(lambda _: filling.asked.set())
    await _until_first(filling.asked, stop, FIRST_ANSWER_S)
    if working.done():
        working.result()  # a store of a later Zhulian: nothing starts
    working.add_done_callback(lambda ended: stop.set() if ended.exception() else None)
    try:
        yield
    finally:
        filling.end()
        await working


@contextlib.asynccontextmanager
async def _feeding(receiving: Receiving, stop: asyncio.Event) -> AsyncIterator[None]:
    """The feeder at work; entered when what was begun before is in the store, left when everything is."""
    feeding = asyncio.create_task(receiving.feeder.run())
    feeding.add_done_callback(lambda _: stop.set())  # without it nothing would reach the store: better to start anew
    is_answering = receiving.filling.asked.is_set() and not receiving.filling.fault
    await _until_first(receiving.feeder.replayed, stop, REPLAY_WAIT_S if is_answering else 0.0)
    try:
        yield
    finally:
        receiving.feeder.finish()
        done, _ = await asyncio.wait([feeding], timeout=STORE_STOP_S)
        await receiving.journal.close()
        if not done:
            log.error("存储没有响应，强制停止；数据在日志中 / the store hangs; its data is in the journal")
            os._exit(1)
    await feeding


async def _until_first(one: asyncio.Event, other: asyncio.Event, timeout_s: float) -> None:
    """Until either is set, or the time is over."""
    waits = [asyncio.create_task(event.wait()) for event in (one, other)]
    await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()


@contextlib.asynccontextmanager
async def _watching(alarms: Alarms, stop: asyncio.Event) -> AsyncIterator[None]:
    """Alarms at work; left after everything that was received has been judged and is on disk."""
    watching = asyncio.create_task(alarms.run())
    watching.add_done_callback(lambda _: stop.set())
    try:
        yield
    finally:
        alarms.end()
        await watching
        await alarms.close()


@contextlib.asynccontextmanager
async def _retaining(receiving: Receiving, stop: asyncio.Event) -> AsyncIterator[None]:
    """Retention at work; left after the step it is at, unless that waits for a store that is away."""
    working = asyncio.create_task(receiving.retention.run())
    working.add_done_callback(lambda _: stop.set())
    try:
        yield
    finally:
        receiving.retention.end()
        receiving.feeder.finish()  # it would try a store that refuses for ever, and the step's turn never come
        await asyncio.wait([working], timeout=STORE_STOP_S)
        with contextlib.suppress(asyncio.CancelledError):  # the feeder ended first: the step was not begun
            if working.done():
                await working


@contextlib.asynccontextmanager
async def _folding(folding: Folding) -> AsyncIterator[None]:
    """Folding in the background; ended first, since it is only ever a help."""
    running = asyncio.create_task(folding.run())
    try:
        yield
    finally:
        folding.end()
        await running


@contextlib.asynccontextmanager
async def _serving(server: _Server, listener: socket.socket) -> AsyncIterator[None]:
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await server.listening.wait()
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=1024
        )
        for option, value in KEEP_ALIVE:
            listener.setsockopt(*option, value)
    except OSError as fault:
        raise ListenError(
            "port_unavailable",
            Text(f"不能在 {host}:{port} 上监听：{fault}。", f"Cannot listen on {host}:{port}: {fault}."),
            Text(
                "请停止占用该端口的程序，或改用别的端口（zhulian doctor 会列出设置）。",
                "Stop the program that uses this port, or set another one (zhulian doctor lists the settings).",
            ),
        ) from fault
    return listener
