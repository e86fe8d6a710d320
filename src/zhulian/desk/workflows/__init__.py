"""The only writer of the desk. Every function is one transaction, or joins the caller's.

Other rooms call :func:`open_task`, :func:`close_task` and :func:`send`: each is idempotent by its key, so that a room
may call it again whenever it is not sure. What is shown on a page is acted upon with the functions that take a scope.
The schedule calls :func:`remind`, :func:`digest` and :func:`deliver_due`.
"""

from zhulian.desk.workflows.messages import NewMessage, read_all, read_message, send
from zhulian.desk.workflows.outbox import Counted, deliver_due
from zhulian.desk.workflows.preferences import EMAILS, YearDraft, forget_year, prefer, save_year
from zhulian.desk.workflows.reminders import digest, remind
from zhulian.desk.workflows.tasks import close_task, finish, give_back, open_task, put_back, take
from zhulian.desk.workflows.ways_out import (
    ChannelDraft,
    close_channel,
    save_channel,
    send_again,
    try_channel,
    try_mail,
)

__all__ = [
    "EMAILS",
    "ChannelDraft",
    "Counted",
    "NewMessage",
    "YearDraft",
    "close_channel",
    "close_task",
    "deliver_due",
    "digest",
    "finish",
    "forget_year",
    "give_back",
    "open_task",
    "prefer",
    "put_back",
    "read_all",
    "read_message",
    "remind",
    "save_channel",
    "save_year",
    "send",
    "send_again",
    "take",
    "try_channel",
    "try_mail",
]
