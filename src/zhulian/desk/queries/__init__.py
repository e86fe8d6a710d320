"""The only reader of the desk: what somebody has to do, what they were told, what is on its way out.

Values are frozen, lists are paged, and the number of statements does not grow with the rows.
"""

from zhulian.desk.queries.audiences import addressed_to, or_administrators, people_of
from zhulian.desk.queries.calendars import YearRow, years
from zhulian.desk.queries.inbox import MessageFilter, MessageRow, message, messages, subjects
from zhulian.desk.queries.preferences import Wish, own_preference, wishes
from zhulian.desk.queries.tasks import Badge, TaskFilter, TaskRow, badge, every_task, sources, task, tasks
from zhulian.desk.queries.ways_out import ChannelRow, DeliveryRow, channel, channels, deliveries, delivery_counts

__all__ = [
    "Badge",
    "ChannelRow",
    "DeliveryRow",
    "MessageFilter",
    "MessageRow",
    "TaskFilter",
    "TaskRow",
    "Wish",
    "YearRow",
    "addressed_to",
    "badge",
    "channel",
    "channels",
    "deliveries",
    "delivery_counts",
    "every_task",
    "message",
    "messages",
    "or_administrators",
    "own_preference",
    "people_of",
    "sources",
    "subjects",
    "task",
    "tasks",
    "wishes",
    "years",
]
