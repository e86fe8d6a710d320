"""Keeps the parts of a platform running: one process a part, so that a crash stays where it happened.

Starts in order, each part when the one before is ready; restarts what ends, with growing pauses; stops in reverse.
About the least that does this; for production each part is also a command of its own for systemd or containers.
"""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path

from zhulian.cli.lifeline import die_with_parent

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
HEALTHY_AFTER_S = 30.0
GRACE_S = 10.0
READY_WITHIN_S = 90.0
LOG_BYTES, LOG_FILES = 2_000_000, 3
Show = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Part:
    """A process: what to run and how to tell that it is ready (a probe, or a line it prints)."""

    name: str
    arguments: tuple[str, ...]
    is_ready: Callable[[], Awaitable[bool]] | None = None
    ready_line: str = ""


def pause_s(failures: int) -> float:
    """How long to wait before the next start after ``failures`` early ends in a row."""
    return min(FIRST_PAUSE_S * 2.0 ** max(0, failures - 1), LONGEST_PAUSE_S)


class Keeper:
    """Runs one part for as long as it is wanted."""

    def __init__(self, part: Part, environment: Mapping[str, str], log: Path, show: Show) -> None:
        self.part = part
        self.ready = asyncio.Event()
        self._environment = environment
        self._show = show
        self._log = _log_file(part.name, log)
        self._process: asyncio.subprocess.Process | None = None
        self._is_wanted = True
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; :attr:`ready` is set as soon as the part can be used."""
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Ask it to end, wait :data:`GRACE_S`, then insist."""
        self._is_wanted = False
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), GRACE_S)
            except TimeoutError:
                self._show(f"{self.part.name} 未在 {GRACE_S:g} 秒内停止，强制结束 / did not stop, killed")
                self._process.kill()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _keep(self) -> None:
        loop, failures = asyncio.get_running_loop(), 0
        while self._is_wanted:
            started = loop.time()
            code = await self._run_once()
            failures = 1 if loop.time() - started > HEALTHY_AFTER_S else failures + 1
            if self._is_wanted:
                wait_s = pause_s(failures)
                self._show(f"{self.part.name} 退出（{code}），{wait_s:g} 秒后重启 / ended, restarting in {wait_s:g} s")
                await asyncio.sleep(wait_s)

    async def _run_once(self) -> int:
        self._process = await asyncio.create_subprocess_exec(
            *self.part.arguments,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            preexec_fn=die_with_parent,
            start_new_session=True,
        )
        probe = asyncio.create_task(self._probe())
        try:
            await self._pass_on(self._process)
            return await self._process.wait()
        finally:
            probe.cancel()
            self.ready.clear()

    async def _pass_on(self, process: asyncio.subprocess.Process) -> None:
        """Everything the part says goes into its log file; its ready line is listened for."""
        assert process.stdout is not None  # noqa: S101 - asked for above
        async for line in process.stdout:
            text = line.decode(errors="replace").rstrip()
            self._log.info(text)
            if self.part.ready_line and text.startswith(self.part.ready_line):
                self.ready.set()

    async def _probe(self) -> None:
        if self.part.is_ready is None:
            return
        while not await self.part.is_ready():  # noqa: ASYNC110 - it watches another process
            await asyncio.sleep(0.1)
        self.ready.set()


class Supervisor:
    """All parts of one platform, in the order in which they need each other."""

    def __init__(self, parts: Sequence[Part], environment: Mapping[str, str], logs: Path, show: Show) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._show = show
        self._keepers = [Keeper(part, environment, logs / f"{part.name}.log", show) for part in parts]

    async def start(self) -> None:
        """Start part after part. Raises TimeoutError with the name of a part that does not get ready."""
        for keeper in self._keepers:
            keeper.start()
            try:
                await asyncio.wait_for(keeper.ready.wait(), READY_WITHIN_S)
            except TimeoutError as fault:
                raise TimeoutError(keeper.part.name) from fault
            self._show(f"✓ {keeper.part.name}")

    async def stop(self) -> None:
        """Stop in reverse order."""
        for keeper in reversed(self._keepers):
            await keeper.stop()


def part(
    name: str, *arguments: str, is_ready: Callable[[], Awaitable[bool]] | None = None, ready_line: str = ""
) -> Part:
    """A part that is a ``zhulian`` command of its own."""
    return Part(name, (sys.executable, "-m", "zhulian.cli.main", *arguments), is_ready, ready_line)


def child_environment() -> dict[str, str]:
    """This process's environment, with output that is not held back."""
    return os.environ | {"PYTHONUNBUFFERED": "1"}


def _log_file(name: str, path: Path) -> logging.Logger:
    log = logging.getLogger(f"zhulian.parts.{name}")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.handlers = [RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8", delay=True)]
    return log
