"""Listens to the telemetry process for alarms, brings them into the records and before people; a thread of ``jobs``.

It asks "what comes after number N" and waits for the answer, so an alarm is in the records a moment after its reading.
Whatever fails is tried again: the number and the occurrences are one transaction, and what is told has its key.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from zhulian.alarms import queries, workflows
from zhulian.desk.channels import Line
from zhulian.desk.workflows import deliver_due
from zhulian.portal.telemetry_access import telemetry
from zhulian.vocabulary.errors import ZhulianError

WAIT_S = 2.0
"""How long one question waits: also how soon a changed rule is handed over, and how long a stop may take."""
PAUSE_S = 2.0
ESCALATE_EVERY = timedelta(seconds=10)
_log = logging.getLogger("zhulian.alarms")


class AlarmListener:
    """Run :meth:`run` in a thread; :meth:`end` ends it."""

    def __init__(self, now: Callable[[], datetime] = timezone.now) -> None:
        self._now = now
        self._ended = threading.Event()
        self._escalated_at: datetime | None = None

    def run(self) -> None:
        """Listen until :meth:`end`."""
        try:
            while not self._ended.is_set():
                self._try_once()
        finally:
            close_old_connections()

    def end(self) -> None:
        """Come to an end after the present question."""
        self._ended.set()

    def _try_once(self) -> None:
        close_old_connections()
        try:
            self.once(WAIT_S)
        except (ZhulianError, DatabaseError) as fault:
            _log.warning("报警暂时收不到，稍后再试 / alarms are not heard for a moment: %s", fault)
            self._ended.wait(PAUSE_S)

    def once(self, wait_s: float) -> int:
        """One question, and everything that follows from its answer; how many events came."""
        known = queries.progress()
        heard = telemetry().alarm_events(known.number, known.log, wait_s)
        count = workflows.take_over(heard, self._now()) if heard.events or heard.log != known.log else 0
        if heard.rules_version != known.rules_version:
            telemetry().set_alarm_rules(queries.rule_set())
        self._tell()
        return count

    def _tell(self) -> None:
        now = self._now()
        told = workflows.tell(now)
        if self._escalated_at is None or now - self._escalated_at >= ESCALATE_EVERY:
            self._escalated_at = now
            told += workflows.end_shelves(now) + workflows.escalate(now)
        if told:
            deliver_due(Line.allowing(settings.ZHULIAN["ZHULIAN_WEBHOOK_HOSTS"]), settings.ZHULIAN.portal_url)
