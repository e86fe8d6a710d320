"""The officer's side: send a form to enterprises, remind those who are missing, give one back, end it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from zhulian.audit.rules import Subject as Noted
from zhulian.audit.workflows import record
from zhulian.desk.calendar import add_working_days
from zhulian.desk.rules import Audience, Outcome
from zhulian.desk.workflows import NewMessage, close_task, open_task
from zhulian.desk.workflows import send as tell
from zhulian.evidence.catalogue import catalogue
from zhulian.evidence.checks import period_of
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.returns.definitions import forms
from zhulian.returns.models import ReportingTask, Return
from zhulian.returns.queries import REPORTING, RETURN
from zhulian.returns.rules import ReturnsError
from zhulian.returns.workflows.filling import task_key
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.roles import Role

MOST = 2_000
"""Enterprises of one reporting task; more are several tasks."""
SOURCE = "填报"


@dataclass(frozen=True, slots=True)
class NewReporting:
    """What an officer decides. ``working_days`` from ``today`` lead to the deadline."""

    form: str
    title: str
    enterprises: Sequence[int]
    period_end: date
    working_days: int
    contact: str
    note: str = ""
    is_sample: bool = False


def open_reporting(scope: Scope, new: NewReporting, today: date) -> int:
    """Send the form out: a return and a task for each enterprise's owner."""
    _check(scope, new, today)
    wanted = sorted(set(new.enterprises))
    with transaction.atomic():
        kept = set(scope.kept_enterprises().filter(pk__in=wanted).values_list("pk", flat=True))
        if len(kept) < len(wanted):
            raise NotVisibleError(Text("所选企业", "enterprise"))
        task = ReportingTask.objects.create(
            form=new.form,
            title=new.title.strip()[:120],
            note=new.note.strip(),
            contact=new.contact.strip()[:120],
            period_end=new.period_end,
            due=add_working_days(today, new.working_days),
            opened_by_id=scope.person,
            opened_by_name=scope.name[:80],
            opened_at=timezone.now(),
            is_sample=new.is_sample,
        )
        Return.objects.bulk_create([Return(task=task, enterprise_id=one) for one in wanted])
        for row in Return.objects.filter(task=task).select_related("task"):
            _ask(row, task.due)
        noted = Noted("reporting_task", task.pk, task.title)
        record(actor(scope), "reporting.opened", noted, organisation=None, changes={"enterprises": (0, len(wanted))})
    return task.pk


def remind(scope: Scope, task_id: int, today: date) -> int:
    """Tell those who have not sent it yet; once a day at most. How many were told."""
    with transaction.atomic():
        task = _task(scope, task_id)
        missing = _kept(scope, task).filter(sent_at=None)
        rows = [row for row in missing if not (row.reminded_at and timezone.localdate(row.reminded_at) == today)]
        for row in rows:
            title = Text(f"请在 {task.due} 前填报：{task.title}", f"Please send by {task.due}: {task.title}")
            body = Text(f"有疑问请联系 {task.contact}。", f"Questions: {task.contact}.")
            key, link = f"{task_key(row)}:reminded:{today}", f"/returns/{row.pk}/"
            message = NewMessage(key, SOURCE, title, body, link, is_sample=task.is_sample)
            tell(message, Audience(role=Role.OWNER, enterprise=row.enterprise_id))
        Return.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=timezone.now())
    return len(rows)


def give_back(scope: Scope, return_id: int, note: str, today: date) -> None:
    """A sent return goes back to the enterprise with the reason; it has three working days or the old deadline."""
    if not note.strip():
        raise _wrong("退回要写明原因", "giving it back needs a reason")
    with transaction.atomic():
        row = Return.objects.select_for_update(of=("self",)).select_related("task").filter(pk=return_id).first()
        if row is None or not scope.kept_enterprises().filter(pk=row.enterprise_id).exists() or not _keeps(scope):
            raise NotVisibleError(RETURN)
        if not row.sent_at or row.task.closed_at:
            raise _wrong("它还没有提交，或任务已经结束", "it was not sent yet, or the task has ended")
        row.sent_at, row.round, row.returned_note = None, row.round + 1, note.strip()[:500]
        row.save()
        _ask(row, max(row.task.due, add_working_days(today, 3)))
        noted = Noted("return", row.pk, row.task.title)
        record(actor(scope), "return.given_back", noted, organisation=row.enterprise_id, note=row.returned_note)


def close_reporting(scope: Scope, task_id: int) -> None:
    """End it: what has not been sent is no longer asked for."""
    with transaction.atomic():
        task = _task(scope, task_id)
        if not scope.keeps_city and task.opened_by_id != scope.person:
            raise NotAllowedError
        for row in Return.objects.filter(task=task, sent_at=None).select_related("task"):
            close_task(task_key(row), Outcome.WITHDRAWN, by=scope.person)
        task.closed_at = timezone.now()
        task.save(update_fields=["closed_at"])
        record(actor(scope), "reporting.closed", Noted("reporting_task", task.pk, task.title), organisation=None)


def _ask(row: Return, due: date) -> None:
    open_task(
        task_key(row),
        Text(f"填报：{row.task.title}", f"Return: {row.task.title}"),
        f"/returns/{row.pk}/",
        Audience(role=Role.OWNER, enterprise=row.enterprise_id),
        source=SOURCE,
        due=due,
        is_sample=row.task.is_sample,
    )


def _kept(scope: Scope, task: ReportingTask) -> QuerySet[Return]:
    return Return.objects.filter(task=task, enterprise__in=scope.kept_enterprises()).select_related("task")


def _task(scope: Scope, task_id: int) -> ReportingTask:
    task = ReportingTask.objects.select_for_update().filter(pk=task_id, closed_at=None).first()
    if task is None or not _keeps(scope) or not _kept(scope, task).exists():
        raise NotVisibleError(REPORTING)
    return task


def _keeps(scope: Scope) -> bool:
    return scope.keeps_city or bool(scope.keeps_areas)


def _check(scope: Scope, new: NewReporting, today: date) -> None:
    if not _keeps(scope):
        raise NotAllowedError
    if new.form not in forms():
        raise _wrong("没有这张表", "there is no such form")
    if not new.title.strip() or not new.contact.strip():
        raise _wrong("请写标题和联系人电话，企业有疑问时要找得到人", "give it a title and somebody to call")
    if not 1 <= new.working_days <= 250:
        raise _wrong("期限应在 1 到 250 个工作日之间", "the deadline lies between 1 and 250 working days")
    if new.period_end > today:
        raise _wrong("统计截止日不能晚于今天", "the day that figures speak of cannot lie ahead")
    facts = catalogue()
    if any(period_of(facts[key], new.period_end)[1] > today for key in forms()[new.form].keys):
        raise _wrong(
            "这张表按整年或整月统计，统计截止日所在的期间还没有结束；可选去年 12 月 31 日",
            "it asks for whole years or months, and that one has not ended; choose 31 December of last year",
        )
    if not 1 <= len(set(new.enterprises)) <= MOST:
        raise _wrong(f"请选择 1 到 {MOST} 家企业", f"choose 1 to {MOST} enterprises")


def _wrong(zh: str, en: str) -> ReturnsError:
    return ReturnsError(
        "reporting_wrong",
        Text(f"没有执行：{zh}。", f"Nothing was done: {en}."),
        Text("请改正后重试。", "Correct it and try again."),
    )
