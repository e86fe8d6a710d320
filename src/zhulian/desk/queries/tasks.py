"""What somebody has to do: the list, one task, the number in the top bar."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from zhulian.desk.models import Receipt, Task
from zhulian.desk.queries.audiences import TASK, addressed_to
from zhulian.organisations.models import User
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import Page, page_of
from zhulian.vocabulary.roles import Role


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What a list of tasks is narrowed to; the empty one shows what is open."""

    text: str = ""
    source: str = ""
    state: str = "open"
    """open, late, today, mine (taken by me), closed or all."""
    order: str = "due"
    """due, -due, opened or -opened."""


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task as its audience sees it."""

    id: int
    key: str
    title: Text
    link: str
    source: str
    due: date | None
    urgent: bool
    opened_at: datetime
    role: Role | None
    place: str
    enterprise: int | None
    enterprise_name: str
    is_mine_alone: bool
    taken_by: str
    taken_by_me: bool
    closed_at: datetime | None
    closed_by: str
    outcome: str
    note: str
    revision: int
    is_sample: bool


@dataclass(frozen=True, slots=True)
class Badge:
    """The numbers in the top bar."""

    tasks: int = 0
    late: int = 0
    unread: int = 0


def tasks(scope: Scope, wanted: TaskFilter, today: date, number: int = 1, size: int = 20) -> Page[TaskRow]:
    """The tasks for this person that ``wanted`` leaves; three statements."""
    return page_of(_narrowed(scope, wanted, today), number, size, lambda row: _row(row, scope))


def every_task(scope: Scope, wanted: TaskFilter, today: date) -> Iterable[TaskRow]:
    """The same rows without paging, for an export."""
    return (_row(row, scope) for row in _narrowed(scope, wanted, today).iterator(chunk_size=1_000))


def task(scope: Scope, task_id: int) -> TaskRow:
    """One task; 404 for whom it is not meant."""
    found = _seen(scope).filter(pk=task_id).first()
    if found is None:
        raise NotVisibleError(TASK)
    return _row(found, scope)


def sources(scope: Scope) -> list[str]:
    """Where this person's tasks come from, for the filter."""
    return sorted(set(Task.objects.filter(addressed_to(scope)).values_list("source", flat=True).distinct()))


def badge(scope: Scope, today: date) -> Badge:
    """Open and overdue tasks, unread messages; three statements."""
    mine = Task.objects.filter(addressed_to(scope), closed_at=None)
    dues = mine.values_list("due", flat=True)
    unread = Receipt.objects.filter(person=scope.person, read_at=None).count()
    late = sum(1 for due in dues if due and due < today)
    return Badge(len(dues), late, unread)


def _seen(scope: Scope) -> QuerySet[Task]:
    return Task.objects.filter(addressed_to(scope)).select_related("enterprise", "taken_by", "closed_by")


def _narrowed(scope: Scope, wanted: TaskFilter, today: date) -> QuerySet[Task]:
    found = _seen(scope).filter(_state(scope, wanted.state, today))
    for word in wanted.text.split():
        found = found.filter(
            Q(title_zh__icontains=word) | Q(title_en__icontains=word) | Q(enterprise__name__icontains=word)
        )
    if wanted.source:
        found = found.filter(source=wanted.source)
    return found.annotate(no_day=_without_a_day()).order_by(*_order(wanted.order))


def _state(scope: Scope, state: str, today: date) -> Q:
    open_now = Q(closed_at=None)
    return {
        "late": open_now & Q(due__lt=today),
        "today": open_now & Q(due=today),
        "mine": open_now & Q(taken_by=scope.person),
        "closed": Q(closed_at__isnull=False),
        "all": Q(),
    }.get(state, open_now)


def _without_a_day() -> Case:
    """Tasks without a deadline come last, on both databases."""
    return Case(When(due=None, then=Value(1)), default=Value(0), output_field=IntegerField())


def _order(wanted: str) -> tuple[str, ...]:
    named = {"due": "due", "-due": "-due", "opened": "opened_at", "-opened": "-opened_at"}.get(wanted, "due")
    return ("no_day", named, "id") if named.endswith("due") else (named, "id")


def _row(row: Task, scope: Scope) -> TaskRow:
    return TaskRow(
        id=row.pk,
        key=row.key,
        title=Text(row.title_zh, row.title_en),
        link=row.link,
        source=row.source,
        due=row.due,
        urgent=row.urgent,
        opened_at=row.opened_at,
        role=Role(row.role) if row.role else None,
        place=row.place,
        enterprise=row.enterprise_id,
        enterprise_name=row.enterprise.name if row.enterprise else "",
        is_mine_alone=row.person_id is not None,
        taken_by=_name(row.taken_by),
        taken_by_me=row.taken_by_id is not None and row.taken_by_id == scope.person,
        closed_at=row.closed_at,
        closed_by=_name(row.closed_by),
        outcome=row.outcome,
        note=row.note,
        revision=row.revision,
        is_sample=row.is_sample,
    )


def _name(user: User | None) -> str:
    return (user.get_full_name() or user.username) if user else ""
