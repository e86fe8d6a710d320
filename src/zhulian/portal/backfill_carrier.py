"""Carries waiting imports of past readings, one at a time, each in a process of its own; a thread of ``jobs``.

A process of its own gives back its memory, and cannot take the jobs process with it. It ends with this one; whatever
ends in the middle is gone on with a minute later, here or elsewhere.
"""

import logging
import os
import subprocess
import sys
import threading

from django.db import DatabaseError, close_old_connections

from zhulian.backfill.workflows import next_waiting

LOOK_EVERY_S = 2.0
STOP_S = 3.0
_log = logging.getLogger("zhulian.backfill")


class BackfillCarrier:
    """Run :meth:`run` in a thread; :meth:`end` ends it, and what it carries."""

    def __init__(self, command: tuple[str, ...] = (sys.executable, "-m", "zhulian.cli.main", "telemetry")) -> None:
        self._command = command
        self._ended = threading.Event()

    def run(self) -> None:
        """Look for work until :meth:`end`."""
        while not self._ended.wait(LOOK_EVERY_S):
            close_old_connections()
            try:
                number = next_waiting()
            except DatabaseError as fault:
                _log.warning("业务库暂不可用 / the records cannot be read: %s", fault)
                continue
            if number is not None:
                self.carry(number)
        close_old_connections()

    def end(self) -> None:
        """Begin nothing new, and stop what runs."""
        self._ended.set()

    def carry(self, number: int) -> int:
        """One import in a child; its exit code."""
        child = subprocess.Popen(  # noqa: S603 - our own command, a number as argument
            [*self._command, "import", "--json", "--resume", str(number), "--parent", str(os.getpid())],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            while True:
                try:
                    _, said = child.communicate(timeout=0.5)
                except subprocess.TimeoutExpired:
                    if self._ended.is_set():
                        child.terminate()
                        _, said = child.communicate(timeout=STOP_S)
                    else:
                        continue
                break
        except subprocess.TimeoutExpired:
            child.kill()
            _, said = child.communicate()
        if said.strip():
            _log.warning("import %d: %s", number, said.decode("utf-8", "replace")[-2000:])
        return child.returncode
