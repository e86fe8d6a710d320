"""The only writer of the desk. Every function is one transaction, or joins the caller's.

Other rooms call :func:`open_task`, :func:`close_task` and :func:`send`: each is idempotent by its key, so that a room
may call it again whenever it is not sure. What is shown on a page is acted upon with the functions that take a scope.
"""

from zhulian.desk.workflows.messages import NewMessage, read_all, read_message, send
from zhulian.desk.workflows.tasks import close_task, finish, give_back, open_task, put_back, take

__all__ = [
    "NewMessage",
    "close_task",
    "finish",
    "give_back",
    "open_task",
    "put_back",
    "read_all",
    "read_message",
    "send",
    "take",
]
