"""Keeps the parts of a platform running: one process a part, so that a crash stays where it happened.

Starts each part as soon as those that it needs are ready, restarts what ends with growing pauses, stops in reverse.
About the least that does this; for production each part is also a command of its own for systemd or containers.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path

from zhulian.cli.lifeline import die_with_parent

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
HEALTHY_AFTER_S = 30.0
GRACE_S = 10.0
READY_WITHIN_S = 90.0
LOG_BYTES, LOG_FILES = 2_000_000, 3
LONGEST_LINE_BYTES = 8_000
LAST_WORDS_S = 0.5
STARTS_BEFORE_GIVING_UP = 5
"""For a part that never became ready; one that once was is started again for ever."""
Show = Callable[[str], None]
Wait = Callable[[float], Awaitable[None]]


class NeverReadyError(Exception):
    """``name`` ended again and again before it was ready once; ``last_line`` is the last that it said."""

    def __init__(self, name: str, last_line: str) -> None:
        super().__init__(name)
        self.name, self.last_line = name, last_line


@dataclass(frozen=True, slots=True)
class Part:
    """A process: what to run, how to tell that it is ready (a probe, or a line it prints), and which parts it needs."""

    name: str
    arguments: tuple[str, ...]
    is_ready: Callable[[], Awaitable[bool]] | None = None
    ready_line: str = ""
    grace_s: float = GRACE_S
    needs: tuple[str, ...] = ()
    """Started once these are ready; those that do not run here are not waited for."""


def pause_s(failures: int) -> float:
    """How long to wait before the next start after ``failures`` early ends in a row."""
    return min(FIRST_PAUSE_S * 2.0 ** max(0, failures - 1), LONGEST_PAUSE_S)


class Keeper:
    """Runs one part for as long as it is wanted."""

    def __init__(  # ``wait`` stands in for time in tests
        self, part: Part, environment: Mapping[str, str], log: Path, show: Show, wait: Wait = asyncio.sleep
    ) -> None:
        self.part = part
        self.ready = asyncio.Event()
        self.process_id = 0
        self.last_line = ""
        self._was_ready = False
        self._wait = wait
        self._environment = environment
        self._show = show
        self._log = _log_file(part.name, log)
        self._process: asyncio.subprocess.Process | None = None
        self._is_wanted = True
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; :attr:`ready` is set as soon as the part can be used."""
        self._task = asyncio.create_task(self._keep())

    async def until_ready(self) -> None:
        """Return when the part is ready; raises :class:`NeverReadyError` when it will not be."""
        assert self._task is not None  # noqa: S101 - started before
        ready = asyncio.create_task(self.ready.wait())
        try:
            await asyncio.wait((ready, self._task), return_when=asyncio.FIRST_COMPLETED)
            if not ready.done():
                self._task.result()
        finally:
            ready.cancel()

    async def stop(self) -> None:
        """Ask it to end, wait its grace, then insist."""
        self._is_wanted = False
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), self.part.grace_s)
            except TimeoutError:
                self._show(f"{self.part.name} 未在 {self.part.grace_s:g} 秒内停止，强制结束 / did not stop, killed")
                _end_group(self._process.pid)
        if self._task is not None:
            await asyncio.wait((self._task,), timeout=LAST_WORDS_S)
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, NeverReadyError):
                await self._task

    async def _keep(self) -> None:
        loop, failures, starts = asyncio.get_running_loop(), 0, 0
        while self._is_wanted:
            started = loop.time()
            code = await self._run_once()
            starts += 1
            failures = 1 if loop.time() - started > HEALTHY_AFTER_S else failures + 1
            if self._is_wanted and not self._was_ready and starts >= STARTS_BEFORE_GIVING_UP:
                raise NeverReadyError(self.part.name, self.last_line)
            if self._is_wanted:
                wait_s = pause_s(failures)
                self._show(f"{self.part.name} 退出（{code}），{wait_s:g} 秒后重启 / ended, restarting in {wait_s:g} s")
                await self._wait(wait_s)

    async def _run_once(self) -> int:
        self._process = await asyncio.create_subprocess_exec(
            *self.part.arguments,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            preexec_fn=partial(die_with_parent, os.getpid()),
            start_new_session=True,
        )
        self.process_id = self._process.pid
        listening = asyncio.create_task(self._pass_on(self._process))
        probe = asyncio.create_task(self._probe())
        try:
            return await _ended(self._process)
        finally:
            probe.cancel()
            self.ready.clear()
            # Its workers go with it: one left behind would keep the port, and the pipe that is read above.
            _end_group(self._process.pid)
            await listening

    async def _pass_on(self, process: asyncio.subprocess.Process) -> None:
        """Everything the part says goes into its log file; its ready line is listened for."""
        assert process.stdout is not None  # noqa: S101 - asked for above
        async for text in _lines(process.stdout):
            self.last_line = text or self.last_line
            self._log.info(text)
            if self.part.ready_line and text.startswith(self.part.ready_line):
                self._is_ready()

    def _is_ready(self) -> None:
        self._was_ready = True
        self.ready.set()

    async def _probe(self) -> None:
        if self.part.is_ready is None:
            return
        while not await self.part.is_ready():  # noqa: ASYNC110 - it watches another process
            await asyncio.sleep(0.1)
        self._is_ready()


async def _ended(process: asyncio.subprocess.Process) -> int:
    """The exit code, as soon as there is one: ``wait()`` would also wait for whoever else holds the pipe."""
    while process.returncode is None:  # noqa: ASYNC110 - asyncio sets it without telling
        await asyncio.sleep(0.1)
    return process.returncode


class Supervisor:
    """All parts of one platform, each after those that it needs."""

    def __init__(
        self,
        parts: Sequence[Part],
        environment: Mapping[str, str],
        logs: Path,
        show: Show,
        wait: Wait = asyncio.sleep,
    ) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._show = show
        self.keepers = [Keeper(part, environment, logs / f"{part.name}.log", show, wait) for part in parts]

    async def start(self) -> None:
        """Start all parts. Raises :class:`NeverReadyError` for one that does not get ready; the others are let be."""
        starting = [asyncio.create_task(self._start(keeper)) for keeper in self.keepers]
        try:
            await asyncio.gather(*starting)
        finally:
            for task in starting:
                task.cancel()

    async def _start(self, keeper: Keeper) -> None:
        for needed in self.keepers:
            if needed.part.name in keeper.part.needs:
                await needed.ready.wait()
        keeper.start()
        try:
            await asyncio.wait_for(keeper.until_ready(), READY_WITHIN_S)
        except TimeoutError as fault:
            raise NeverReadyError(keeper.part.name, keeper.last_line) from fault
        self._show(f"✓ {keeper.part.name}")

    async def stop(self) -> None:
        """Stop in reverse order."""
        for keeper in reversed(self.keepers):
            await keeper.stop()


def part(
    name: str,
    *arguments: str,
    is_ready: Callable[[], Awaitable[bool]] | None = None,
    ready_line: str = "",
    needs: tuple[str, ...] = (),
) -> Part:
    """A part that is a ``zhulian`` command of its own."""
    return Part(
        name, (sys.executable, "-m", "zhulian.cli.main", *arguments), is_ready, ready_line=ready_line, needs=needs
    )


def child_environment() -> dict[str, str]:
    """This process's environment, with output that is not held back."""
    return os.environ | {"PYTHONUNBUFFERED": "1"}


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """The lines of ``stream``; one that never ends is cut, instead of filling memory or ending the reader."""
    rest = b""
    while chunk := await stream.read(65_536):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield _text(line)
        if len(rest) > LONGEST_LINE_BYTES:
            yield _text(rest)
            rest = b""
    if rest:
        yield _text(rest)


def _text(line: bytes) -> str:
    return line[:LONGEST_LINE_BYTES].decode(errors="replace").rstrip()


def _end_group(process_id: int) -> None:
    """End what the part started and left behind: each part leads a process group of its own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process_id, signal.SIGKILL)


def _log_file(name: str, path: Path) -> logging.Logger:
    log = logging.getLogger(f"zhulian.parts.{name}")
    log.setLevel(logging.INFO)
    log.handlers = [RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8", delay=True)]
    return log
