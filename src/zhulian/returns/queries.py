"""The only reader of forms: one return with its questions, a person's returns, and who has sent what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from zhulian.evidence import queries as evidence
from zhulian.evidence.rules import of_enterprise
from zhulian.evidence.workflows import may_state
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope
from zhulian.returns.definitions import Form, forms
from zhulian.returns.models import ReportingTask, Return
from zhulian.returns.rules import Put, put
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import Page, page_of

RETURN, REPORTING = Text("填报表", "return"), Text("填报任务", "reporting task")


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """One enterprise's return in a list."""

    id: int
    task: int
    title: str
    form: str
    enterprise: int
    enterprise_name: str
    area: str
    due: date
    answered: int
    saved_at: datetime | None
    sent_at: datetime | None
    number: str
    sent: tuple[tuple[str, str], ...]
    sent_words: dict[str, Text]
    """Each answer as it is said, with its unit; what was sent before 0.3 has none."""
    reminded_at: datetime | None
    is_ended: bool
    is_sample: bool


@dataclass(frozen=True, slots=True)
class ReturnPage:
    """Everything the pages of one return show."""

    row: ReturnRow
    form: Form
    questions: list[Put]
    period_end: date
    note: str
    contact: str
    returned_note: str
    sent_by: str
    may_fill: bool

    @property
    def done(self) -> int:
        """Questions answered and right."""
        return sum(one.is_done for one in self.questions)

    @property
    def next_number(self) -> int:
        """The first question that still wants something; the last one when all are done."""
        return next((one.number for one in self.questions if not one.is_done), len(self.questions))


@dataclass(frozen=True, slots=True)
class ReportingRow:
    """One reporting task with how far it has come, counted within what the reader may see."""

    id: int
    title: str
    form: Form
    note: str
    contact: str
    period_end: date
    due: date
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    total: int
    sent: int
    is_sample: bool

    @property
    def missing(self) -> int:
        """Enterprises that have not sent it."""
        return self.total - self.sent


@dataclass(frozen=True, slots=True)
class ReturnFilter:
    """What a list of returns is narrowed to; ``text`` also finds the title of what is asked."""

    text: str = ""
    area: str = ""
    state: str = ""
    """missing or sent."""


@dataclass(frozen=True, slots=True)
class ReportingFilter:
    """What the list of reporting tasks is narrowed to."""

    text: str = ""
    state: str = ""
    """open or ended."""


def page(scope: Scope, return_id: int) -> ReturnPage:
    """One return with its questions, what is known and what was typed; five statements."""
    row = _seen(scope).filter(pk=return_id).first()
    if row is None:
        raise NotVisibleError(RETURN)
    form, facts = forms()[row.task.form], evidence.catalogue()
    subject = of_enterprise(row.enterprise_id)
    known = evidence.effective_of(scope, [subject], form.keys, row.task.period_end).get(subject, {})
    may_fill = may_state(scope, row.enterprise_id) and not row.sent_at and not row.task.closed_at
    is_theirs = bool(row.sent_at) or may_fill or row.enterprise_id in scope.own
    answers = row.answers.items() if is_theirs else ()  # a draft is nobody else's
    typed = {key: (kept.get("text", ""), kept.get("by_name", "")) for key, kept in answers}
    return ReturnPage(
        row=_row(row),
        form=form,
        questions=put(form, facts, known, typed, row.task.period_end),
        period_end=row.task.period_end,
        note=row.task.note,
        contact=row.task.contact,
        returned_note=row.returned_note,
        sent_by=row.sent_by_name,
        may_fill=may_fill,
    )


def own_returns(scope: Scope, wanted: ReturnFilter, number: int = 1, size: int = 20) -> Page[ReturnRow]:
    """The returns of one's own enterprises: what is open first, soonest first."""
    found = _matching(_own(scope), wanted)
    ordered = found.order_by(F("sent_at").asc(nulls_first=True), "task__due", "pk")
    return page_of(ordered, number, size, _row)


def waiting_returns(scope: Scope) -> int:
    """How many returns of one's own enterprises still want to be sent."""
    return _own(scope).filter(sent_at=None, task__closed_at=None).count()


def returns(scope: Scope, task_id: int, wanted: ReturnFilter, number: int = 1, size: int = 20) -> Page[ReturnRow]:
    """Who has and who has not, of those in sight."""
    return page_of(_narrowed(scope, task_id, wanted), number, size, _row)


def every_return(scope: Scope, task_id: int, wanted: ReturnFilter) -> Iterable[ReturnRow]:
    """The same without paging, for an export."""
    return (_row(row) for row in _narrowed(scope, task_id, wanted).iterator(chunk_size=1_000))


def reporting(scope: Scope, wanted: ReportingFilter, number: int = 1, size: int = 20) -> Page[ReportingRow]:
    """The reporting tasks of which an officer sees at least one return, newest first; two statements."""
    found = _counted(scope).filter(total__gt=0)
    if wanted.text:
        found = found.filter(Q(title__icontains=wanted.text) | Q(opened_by_name__icontains=wanted.text))
    if wanted.state:
        found = found.filter(closed_at__isnull=wanted.state == "open")
    return page_of(found, number, size, _reporting)


def one_reporting(scope: Scope, task_id: int) -> ReportingRow:
    """One reporting task."""
    found = _counted(scope).filter(pk=task_id, total__gt=0).first()
    if found is None:
        raise NotVisibleError(REPORTING)
    return _reporting(found)


def _counted(scope: Scope) -> QuerySet[Any]:
    """Reporting tasks with ``total`` and ``sent``."""
    if not (scope.whole_city or scope.areas):
        return ReportingTask.objects.none().annotate(total=Count("pk"), sent=Count("pk"))
    mine = Q() if scope.whole_city else Q(returns__enterprise__in=scope.enterprises())
    return ReportingTask.objects.annotate(
        total=Count("returns", filter=mine & Q(returns__isnull=False)),
        sent=Count("returns", filter=mine & Q(returns__sent_at__isnull=False)),
    )


def _seen(scope: Scope) -> QuerySet[Return]:
    return Return.objects.filter(enterprise__in=scope.enterprises()).select_related("task", "enterprise")


def _own(scope: Scope) -> QuerySet[Return]:
    return _seen(scope).filter(enterprise__in=scope.own)


def _narrowed(scope: Scope, task_id: int, wanted: ReturnFilter) -> QuerySet[Return]:
    found = _matching(_seen(scope).filter(task=task_id), wanted)
    return found.order_by(F("sent_at").asc(nulls_first=True), "enterprise__name", "pk")


def _matching(found: QuerySet[Return], wanted: ReturnFilter) -> QuerySet[Return]:
    if wanted.text:
        named = Q(enterprise__name__icontains=wanted.text) | Q(task__title__icontains=wanted.text)
        found = found.filter(named | Q(number__iexact=wanted.text))
    if wanted.area:
        found = found.filter(enterprise__reporting_area=wanted.area)
    if wanted.state:
        found = found.filter(sent_at__isnull=wanted.state == "missing")
    return found


def _row(row: Return) -> ReturnRow:
    return ReturnRow(
        id=row.pk,
        task=row.task_id,
        title=row.task.title,
        form=row.task.form,
        enterprise=row.enterprise_id,
        enterprise_name=row.enterprise.name,
        area=row.enterprise.reporting_area,
        due=row.task.due,
        answered=sum(1 for kept in row.answers.values() if kept.get("text")),
        saved_at=row.saved_at,
        sent_at=row.sent_at,
        number=row.number,
        sent=tuple((str(one[0]), str(one[1])) for one in row.sent),
        sent_words={str(key): Text(zh, en) for key, _text, _fact, zh, en in (one for one in row.sent if len(one) > 3)},
        reminded_at=row.reminded_at,
        is_ended=row.task.closed_at is not None,
        is_sample=row.task.is_sample,
    )


def _reporting(row: Any) -> ReportingRow:  # noqa: ANN401 - with counts that no model declares
    return ReportingRow(
        id=row.pk,
        title=row.title,
        form=forms()[row.form],
        note=row.note,
        contact=row.contact,
        period_end=row.period_end,
        due=row.due,
        opened_by=row.opened_by_name,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        total=row.total,
        sent=row.sent,
        is_sample=row.is_sample,
    )
