"""Tasks: opened and closed by the rooms whose deadline they show; taken, finished and sent back by people."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from zhulian.audit.rules import Subject as Noted
from zhulian.audit.workflows import record
from zhulian.desk.models import Task
from zhulian.desk.queries.audiences import TASK, addressed_to
from zhulian.desk.rules import Audience, DeskError, Outcome, TaskChangedError
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.vocabulary.errors import Text


def open_task(
    key: str,
    title: Text,
    link: str,
    audience: Audience,
    *,
    source: str,
    due: date | None = None,
    urgent: bool = False,
    is_sample: bool = False,
) -> int:
    """Open the task ``key``, or bring the open one up to date. One that was closed stays closed: ``key`` names the
    reason, and a new reason has a new key.

    ``link`` is a path of this site where the work is done; ``source`` names the subject in Chinese: 企业认领, 证据续期.
    A deadline "in five working days" is ``desk.calendar.add_working_days(today, 5)``.
    """
    wanted: dict[str, object] = {
        "title_zh": title.zh[:300],
        "title_en": title.en[:300],
        "link": link,
        "source": source,
        "due": due,
        "urgent": urgent,
        "is_sample": is_sample,
        **fields_of(audience),
    }
    with transaction.atomic():
        task, _ = Task.objects.select_for_update().get_or_create(
            key=key, defaults={**wanted, "opened_at": timezone.now()}
        )
        if not task.closed_at and any(getattr(task, name) != value for name, value in wanted.items()):
            _update(task, wanted)
    return task.pk


def _update(task: Task, wanted: dict[str, object]) -> None:
    for name, value in wanted.items():
        setattr(task, name, value)
    _touch(task)


def close_task(key: str, outcome: Outcome = Outcome.DONE, *, note: str = "", by: int | None = None) -> bool:
    """End the open task ``key`` because its reason was dealt with; False when no such task is open."""
    with transaction.atomic():
        task = Task.objects.select_for_update().filter(key=key, closed_at=None).first()
        if task is None:
            return False
        _close(task, outcome, note, by)
        return True


def take(scope: Scope, task_id: int, revision: int) -> None:
    """Say "I do this one": colleagues see the name."""
    with transaction.atomic():
        task = _open(scope, task_id, revision)
        task.taken_by_id, task.taken_at = scope.person, timezone.now()
        _touch(task)


def put_back(scope: Scope, task_id: int, revision: int) -> None:
    """Leave a taken task to colleagues again."""
    with transaction.atomic():
        task = _open(scope, task_id, revision)
        task.taken_by, task.taken_at = None, None
        _touch(task)


def finish(scope: Scope, task_id: int, revision: int, note: str = "") -> None:
    """Done, with a note where one helps."""
    with transaction.atomic():
        _ended(scope, _open(scope, task_id, revision), Outcome.DONE, note)


def give_back(scope: Scope, task_id: int, revision: int, note: str) -> None:
    """It cannot be done as it stands; the note says why."""
    if not note.strip():
        raise DeskError(
            "note_missing",
            Text("退回要写明原因，这次没有执行。", "Returning a task needs a reason; nothing was done."),
            Text("请写一句缺什么、该由谁办。", "Write in one sentence what is missing or who should do it."),
        )
    with transaction.atomic():
        _ended(scope, _open(scope, task_id, revision), Outcome.RETURNED, note)


def fields_of(audience: Audience) -> dict[str, object]:
    """An audience as the columns of :class:`~zhulian.desk.models.Addressed`."""
    return {
        "person_id": audience.person,
        "role": audience.role.value if audience.role else "",
        "place": audience.place,
        "enterprise_id": audience.enterprise,
        "organisation": audience.organisation,
    }


def _open(scope: Scope, task_id: int, revision: int) -> Task:
    task = Task.objects.select_for_update().filter(addressed_to(scope), pk=task_id).first()
    if task is None:
        raise NotVisibleError(TASK)
    if task.closed_at or task.revision != revision:
        raise TaskChangedError
    return task


def _ended(scope: Scope, task: Task, outcome: Outcome, note: str) -> None:
    _close(task, outcome, note, scope.person)
    action = "task.finished" if outcome is Outcome.DONE else "task.returned"
    record(actor(scope), action, Noted("task", task.pk, task.title_zh), organisation=task.enterprise_id, note=task.note)


def _close(task: Task, outcome: Outcome, note: str, by: int | None) -> None:
    task.closed_at, task.closed_by_id = timezone.now(), by
    task.outcome, task.note = outcome.value, note.strip()
    _touch(task)


def _touch(task: Task) -> None:
    task.revision += 1
    task.save()
