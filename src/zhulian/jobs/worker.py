"""The jobs process: opens what is due and carries out what is queued, one task at a time, until it is asked to end.

Started by ``zhulian jobs``. Idle it asks the records one cheap question every ``TICK_S``. Several may run beside each
other, on several machines too; a task that one of them dies over is given to another.
"""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from types import FrameType

from django.db import OperationalError, close_old_connections, connection
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker as TaskWorker
from django_tasks_db.models import DBTaskResult

from zhulian.jobs import workflows
from zhulian.jobs.queries import schedule
from zhulian.jobs.rules import BEAT_S, slot_of

TICK_S = 2.0
_log = logging.getLogger("zhulian.jobs")


class JobsProcess:
    """One worker with its own sign of life."""

    def __init__(self, now: Callable[[], datetime] = timezone.now) -> None:
        self.name = f"{socket.gethostname()[:24]}-{os.getpid()}-{os.urandom(4).hex()}"
        self._now = now
        self._ended = threading.Event()
        self._settled: dict[str, str] = {}
        self._tasks = TaskWorker(
            queue_names=["*"],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=self.name,
            excluded_queue_names=[],
        )

    def run(self, ready: Callable[[], None]) -> None:
        """Work until :meth:`end`; a task that has begun is finished first."""
        workflows.enter(self.name, self._now())
        beating = threading.Thread(target=self._beat, daemon=True)
        beating.start()
        try:
            ready()
            while not self._ended.wait(TICK_S):
                self._try_tick()
        finally:
            self._ended.set()
            beating.join()
            workflows.leave(self.name)

    def end(self) -> None:
        """Take nothing new."""
        self._ended.set()
        self._tasks.running = False

    def end_on_signals(self) -> None:
        """SIGTERM and SIGINT call :meth:`end`."""

        def asked(number: int, frame: FrameType | None) -> None:
            del number, frame
            self.end()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, asked)

    def tick(self) -> None:
        """Open what is due, then carry out what waits."""
        close_old_connections()
        now = self._now()
        fresh = [job for job in schedule() if self._settled.get(job.name) != slot_of(job.when.latest(now))]
        for job in workflows.open_due(fresh, now):
            self._settled[job.name] = slot_of(job.when.latest(now))
        if DBTaskResult.objects.ready().exists():
            self._tasks.run()

    def _try_tick(self) -> None:
        try:
            self.tick()
        except OperationalError:  # locked for longer than we waited, or the server restarts: the next tick may do it
            _log.exception("the records could not be used")
            connection.close()

    def _beat(self) -> None:
        while True:
            try:
                workflows.beat(self.name, self._now())
                workflows.recover(self._now())
            except OperationalError:
                _log.warning("no sign of life could be written")
            finally:
                connection.close()
            if self._ended.wait(BEAT_S):
                return
