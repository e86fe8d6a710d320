"""The enterprise's side: keep what is typed, tell the second of two colleagues, send what is right."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from zhulian.audit.rules import Subject as Noted
from zhulian.audit.workflows import record
from zhulian.desk.rules import Audience
from zhulian.desk.workflows import NewMessage, close_task
from zhulian.desk.workflows import send as tell
from zhulian.evidence.checks import period_of
from zhulian.evidence.rules import of_enterprise
from zhulian.evidence.workflows import NewFact, may_state, state_all
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.returns import queries
from zhulian.returns.models import Return
from zhulian.returns.queries import RETURN, ReturnPage
from zhulian.returns.rules import CONFIRMED, Put, ReturnsError, read, said
from zhulian.vocabulary.errors import Text

LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Typed:
    """One field as it comes: what stood there when the page was made, what stands there now."""

    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Clash:
    """A colleague changed the same field in the meantime; both texts are here, the colleague's stands."""

    key: str
    theirs: str
    by: str
    mine: str


def save(scope: Scope, return_id: int, typed: Mapping[str, Typed]) -> list[Clash]:
    """Keep what was typed, right or wrong. Fields that were not touched stay; what clashes is told and not kept."""
    with transaction.atomic():
        row = _open(scope, return_id)
        clashes: list[Clash] = []
        for key, one in typed.items():
            clash = _keep(scope, row, key, one)
            if clash:
                clashes.append(clash)
        row.saved_at = timezone.now()
        row.save(update_fields=["answers", "saved_at"])
    return clashes


def _keep(scope: Scope, row: Return, key: str, one: Typed) -> Clash | None:
    now = one.now.strip()[:LONGEST]
    kept = row.answers.get(key, {})
    stands, by = kept.get("text", ""), kept.get("by")
    if now in {one.was, stands}:
        return None
    if stands != one.was and by != scope.person:
        return Clash(key, stands, kept.get("by_name", ""), now)
    row.answers[key] = {"text": now, "by": scope.person, "by_name": scope.name}
    return None


def fill_from_sheet(scope: Scope, return_id: int, found: Mapping[str, str]) -> None:
    """Answers out of an uploaded workbook: cells that hold something replace what was typed before."""
    with transaction.atomic():
        row = _open(scope, return_id)
        for key, text in found.items():
            row.answers[key] = {"text": text.strip()[:LONGEST], "by": scope.person, "by_name": scope.name}
        row.saved_at = timezone.now()
        row.save(update_fields=["answers", "saved_at"])


def send(scope: Scope, return_id: int) -> str:
    """State every answer as a fact of class C; what was confirmed is known already. The receipt's number."""
    with transaction.atomic():
        row = _open(scope, return_id)
        page = queries.page(scope, return_id)
        wrong = [one for one in page.questions if one.fault]
        if wrong:
            raise ReturnsError(
                "return_incomplete",
                Text(f"还有 {len(wrong)} 题没有答好，没有提交。", f"Not sent: {len(wrong)} answers are not right."),
                Text("请逐题改好再提交，填过的内容都在。", "Put them right and send again; all you typed is kept."),
            )  # fmt: skip
        _state(scope, row, page)
        row.number = f"TB-{page.period_end:%Y}-{row.pk:06d}" + (f"-{row.round}" if row.round > 1 else "")
        row.sent_at, row.sent_by_name = timezone.now(), scope.name[:80]
        row.save()
        close_task(task_key(row), by=scope.person)
        changes = {"number": (None, row.number)}
        noted = Noted("return", row.pk, row.task.title)
        record(actor(scope), "return.sent", noted, organisation=row.enterprise_id, changes=changes)
        _receipt(scope, row)
    return row.number


def task_key(row: Return) -> str:
    """The key of the desk's task for this return and round."""
    return f"return:{row.pk}:{row.round}"


def _state(scope: Scope, row: Return, page: ReturnPage) -> None:
    """Facts in the order of the questions; the ledger keeps what it knew beside what contradicts it."""
    answered = [one for one in page.questions if one.typed and not one.is_confirmed]
    stated = state_all(scope, [_fact(row, page, one) for one in answered])
    numbers = {one.question.key: number for one, number in zip(answered, stated, strict=True)}
    row.sent = [_sent(one, numbers.get(one.question.key)) for one in page.questions if one.typed]


def _sent(one: Put, stated: int | None) -> list[object]:
    """An answer as the receipt keeps it: key, text or the mark of confirmation, fact, words with their unit."""
    words = one.known_words if one.is_confirmed else one.answer_words
    text = said(one.question, one.fact, one.text).zh if one.text else CONFIRMED
    known = one.known.settled.fact.id if one.known else None
    return [one.question.key, text, known if stated is None else stated, words.zh, words.en]


def _fact(row: Return, page: ReturnPage, one: Put) -> NewFact:
    value = read(one.question, one.fact, one.text)
    assert not isinstance(value, Text)  # noqa: S101 - faults were refused before
    start, end = period_of(one.fact, page.period_end)
    note = f"填报：{row.task.title}"
    return NewFact(
        subject=of_enterprise(row.enterprise_id),
        key=one.fact.key,
        value=value,
        period_start=start,
        period_end=end,
        source="statement:enterprise",  # of the platform's own hand only; people's follows from who they are
        note=note,
    )


def _receipt(scope: Scope, row: Return) -> None:
    if scope.person is None:
        return
    title = Text(f"填报回执 {row.number}：{row.task.title}", f"Receipt {row.number}: {row.task.title}")
    body = Text("已提交，无需再做什么。", "It was sent; nothing more needs to be done.")
    message = NewMessage(f"{task_key(row)}:sent", "填报", title, body, f"/returns/{row.pk}/receipt/")
    tell(message, Audience(person=scope.person))


def _open(scope: Scope, return_id: int) -> Return:
    seen = Return.objects.select_for_update(of=("self",)).select_related("task")
    row = seen.filter(pk=return_id, enterprise__in=scope.enterprises()).first()
    if row is None:
        raise NotVisibleError(RETURN)
    if not may_state(scope, row.enterprise_id):
        raise NotAllowedError
    if row.sent_at or row.task.closed_at:
        raise ReturnsError(
            "return_closed",
            Text("这份填报已经提交或任务已经结束，没有再改。", "It was sent already, or the task has ended."),
            Text("要更正，请联系任务的联系人退回。", "To correct it, ask the task's contact to give it back."),
        )  # fmt: skip
    return row
