"""Pure decisions of the desk: whom something is for, how a task ends, when a person may be disturbed."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.roles import Role


class DeskError(ZhulianError):
    """Something about tasks, messages or channels that a person can put right."""


class TaskChangedError(DeskError):
    """A colleague was quicker."""

    def __init__(self) -> None:
        super().__init__(
            "task_changed",
            Text("这项待办刚刚被同事改动过，您的操作没有执行。", "A colleague has just changed this task."),
            Text("请看一眼现在的状态，再决定。", "Look at its present state, then decide."),
        )  # fmt: skip


class Outcome(StrEnum):
    """How a task ended."""

    DONE = "done"
    RETURNED = "returned"
    """Sent back: it cannot be done as it stands; the note says why."""
    WITHDRAWN = "withdrawn"
    """The reason for it has gone."""


OUTCOMES = {
    Outcome.DONE: Text("已办结", "Done"),
    Outcome.RETURNED: Text("已退回", "Returned"),
    Outcome.WITHDRAWN: Text("已撤销", "Withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a task or a message is for: one person, or everybody who holds ``role`` in that place or organisation.

    Fields that are given all have to hold; at least one is given. ``place`` without a role means its county officers.
    """

    person: int | None = None
    role: Role | None = None
    place: str = ""
    enterprise: int | None = None
    organisation: int | None = None

    def __post_init__(self) -> None:
        if not (self.person or self.role or self.place or self.enterprise or self.organisation):
            raise ValueError("an audience of nobody")


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours (Asia/Shanghai) in which nothing leaves the house. Equal hours mean: never quiet."""

    start: int = 21
    end: int = 8
    urgent_passes: bool = False

    def until(self, now: datetime, *, urgent: bool) -> datetime:
        """The first moment from ``now`` on at which something may be delivered."""
        local = now.astimezone(SHANGHAI)
        if (urgent and self.urgent_passes) or not self.covers(local.hour):
            return now
        end = datetime.combine(local.date(), time(self.end), SHANGHAI)
        return end if local < end else end + timedelta(days=1)

    def covers(self, hour: int) -> bool:
        """Whether ``hour`` (0–23) lies in the quiet hours, which may span midnight."""
        if self.start <= self.end:
            return self.start <= hour < self.end
        return hour >= self.start or hour < self.end


def retry_after(attempts: int) -> timedelta:
    """How long to wait after the ``attempts``-th failure: 1, 4, 16, 64 minutes, then every 4 hours."""
    return timedelta(minutes=min(4 ** (attempts - 1), 240))


MOST_ATTEMPTS = 12
"""About a day and a half of trying; after that a delivery counts as failed and stands on the administrator's page."""


def days_late(due: date | None, today: date) -> int:
    """Calendar days past the deadline, 0 when there is none or it is not over."""
    return max((today - due).days, 0) if due else 0
