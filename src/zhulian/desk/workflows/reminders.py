"""Reminders and the daily digest, called by the schedule with the date; each may run again and tells nobody twice."""

from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from zhulian.desk.calendar import WorkingDays, working_days
from zhulian.desk.models import Channel, Receipt, Task
from zhulian.desk.queries.audiences import addressed_to, or_administrators
from zhulian.desk.queries.preferences import Wish, wishes
from zhulian.desk.rules import Audience
from zhulian.desk.workflows.messages import NewMessage, send
from zhulian.desk.workflows.outbox import queue_text
from zhulian.organisations.models import User
from zhulian.organisations.tenancy import visible_to
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.roles import Role

SUBJECT = "待办提醒"
LATE_EVERY = 5
"""Working days between two reminders of the same overdue task."""


def remind(today: date) -> int:
    """Remind of tasks that end on the next working day, end today or are overdue. Says nothing on days off."""
    calendar = working_days()
    if not calendar.is_working(today):
        return 0
    due = Task.objects.filter(closed_at=None, due__lte=calendar.add(today, 1)).order_by("pk")
    told = [send(_reminder(task, calendar, today), _who(task)) for task in due.iterator(chunk_size=500)]
    return len(told)


def _reminder(task: Task, calendar: WorkingDays, today: date) -> NewMessage:
    assert task.due is not None  # noqa: S101 - selected by its deadline
    day = task.due.isoformat()
    if task.due > today:
        stage, what = "before", Text(f"{day} 到期", f"Due on {day}")
    elif task.due == today:
        stage, what = "today", Text("今天到期", "Due today")
    else:
        late = calendar.between(task.due, today)
        stage = f"late-{late // LATE_EVERY}"
        what = Text(f"已逾期 {late} 个工作日", f"Overdue by {late} working days")
    return NewMessage(
        key=f"task:{task.pk}:{day}:{stage}",
        subject=SUBJECT,
        title=Text(f"{what.zh}：{task.title_zh}", f"{what.en}: {task.title_en}"),
        body=Text("办结或退回后不再提醒。", "Nothing more is said once it is done or returned."),
        link=f"/desk/tasks/{task.pk}/",
        urgent=task.urgent,
        is_sample=task.is_sample,
    )


def _who(task: Task) -> Audience:
    """Whoever took it; while nobody has, everybody it is for; the administrators where that is nobody."""
    if task.taken_by_id:
        return Audience(person=task.taken_by_id)
    return or_administrators(
        Audience(
            person=task.person_id,
            role=Role(task.role) if task.role else None,
            place=task.place,
            enterprise=task.enterprise_id,
            organisation=task.organisation,
        )
    )


def digest(today: date) -> int:
    """One e-mail a working day for those who want a digest and have something open, and one line for each channel."""
    if not working_days().is_working(today):
        return 0
    now = timezone.now()
    reachable = User.objects.filter(is_active=True).exclude(email="").values_list("pk", flat=True)
    wanted = [wish for wish in wishes(reachable) if wish.email == "digest"]
    written = sum(_digest_of(wish, today, now) for wish in wanted)
    return written + sum(_channel_digest(channel, today, now) for channel in Channel.objects.filter(closed_at=None))


def _digest_of(wish: Wish, today: date, now: datetime) -> bool:
    person = User.objects.get(pk=wish.person)
    tasks = Task.objects.filter(addressed_to(visible_to(person)), closed_at=None)
    unread = Receipt.objects.filter(person=person, read_at=None).select_related("message").order_by("-message_id")
    found, news = _lines(tasks, today), list(unread[:10])
    if not found and not news:
        return False
    count = unread.count() if len(news) == 10 else len(news)
    title = Text(f"今日待办 {len(found)} 项，未读消息 {count} 条", f"{len(found)} open tasks, {count} unread messages")
    body = [*found, *(Text(f"· {one.message.title_zh}", f"· {one.message.title_en}") for one in news)]
    queue_text(f"digest:{today}:person:{person.pk}", title, _joined(body), wish, now)
    return True


def _channel_digest(channel: Channel, today: date, now: datetime) -> bool:
    """Only how many: a group is no place for names."""
    same = {"role": channel.role, "place": channel.place, "enterprise": channel.enterprise_id,
            "organisation": channel.organisation, "person": None}  # fmt: skip
    dues = list(Task.objects.filter(closed_at=None, **same).values_list("due", flat=True))
    if not dues:
        return False
    late = sum(1 for due in dues if due and due < today)
    title = Text(f"待办 {len(dues)} 项，其中逾期 {late} 项", f"{len(dues)} open tasks, {late} of them overdue")
    queue_text(f"digest:{today}:channel:{channel.pk}", title, Text("", ""), channel, now)
    return True


def _lines(tasks: QuerySet[Task], today: date) -> list[Text]:
    """One line a task, soonest first; the list itself is one link away."""
    rows = sorted(tasks, key=lambda task: (task.due is None, task.due or today, task.pk))
    return [_line(task, today) for task in rows]


def _line(task: Task, today: date) -> Text:
    if task.due is None:
        return Text(f"· {task.title_zh}", f"· {task.title_en}")
    if task.due < today:
        return Text(f"· 已逾期（{task.due}） {task.title_zh}", f"· Overdue ({task.due}) {task.title_en}")
    return Text(f"· {task.due} 前 {task.title_zh}", f"· By {task.due}: {task.title_en}")


def _joined(lines: list[Text]) -> Text:
    return Text("\n".join(line.zh for line in lines), "\n".join(line.en for line in lines))
