"""How people want to be told, and the holiday notices that an administrator enters."""

import re
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.utils import timezone

from zhulian.audit.rules import Subject as Noted
from zhulian.audit.workflows import record
from zhulian.desk.models import Preference, WorkingYear
from zhulian.desk.rules import DeskError, Quiet
from zhulian.organisations.rules import NotAllowedError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.vocabulary.errors import Text

EMAILS = {
    "off": Text("不发邮件", "No e-mail"),
    "each": Text("每条消息都发", "Each message"),
    "digest": Text("每个工作日一封汇总", "One digest a working day"),
}
_HOLIDAY = re.compile(r"(?P<first>[\d-]{10})\s*(?:至|到|~|—|\.\.)?\s*(?P<last>[\d-]{10})?\s+(?P<name>\S.*)")


@dataclass(frozen=True, slots=True)
class YearDraft:
    """A year's notice as typed: a holiday a line (``2027-02-05 至 2027-02-11 春节``), worked days one a line."""

    year: int
    notice: str
    title: str
    source: str
    holidays: str
    working: str = ""


@dataclass(frozen=True, slots=True)
class _Read:
    holidays: list[list[str]] = field(default_factory=list)
    working: list[str] = field(default_factory=list)


def prefer(scope: Scope, email: str, quiet: Quiet, *, enterprise: int | None = None) -> None:
    """Remember one's own wish, or (owners) what an enterprise's people get who chose nothing."""
    if email not in EMAILS or not (0 <= quiet.start < 24 and 0 <= quiet.end < 24):
        raise _wrong("免打扰时间应在 0 到 23 点之间", "quiet hours lie between 0 and 23")
    if scope.person is None or (enterprise is not None and enterprise not in scope.owns and not scope.administers):
        raise NotAllowedError
    wanted: dict[str, object] = {
        "email": email,
        "quiet_start": quiet.start,
        "quiet_end": quiet.end,
        "urgent_passes": quiet.urgent_passes,
    }
    if enterprise is None:
        Preference.objects.update_or_create(person_id=scope.person, defaults=wanted)
    else:
        Preference.objects.update_or_create(enterprise_id=enterprise, defaults=wanted)


def save_year(scope: Scope, draft: YearDraft) -> None:
    """Enter or correct a year's holiday notice. From now on deadlines are counted by it; set ones stay."""
    if not scope.administers:
        raise NotAllowedError
    if not draft.notice.strip() or not draft.source.strip():
        raise _wrong("请写明通知的文号和出处", "name the number and the source of the notice")
    found = _read(draft)
    with transaction.atomic():
        WorkingYear.objects.update_or_create(
            year=draft.year,
            defaults={
                "notice": draft.notice.strip()[:60],
                "title": draft.title.strip()[:120],
                "source": draft.source.strip()[:300],
                "holidays": found.holidays,
                "working": found.working,
                "entered_by": scope.name[:80],
                "entered_at": timezone.now(),
            },
        )
        noted = Noted("working_year", draft.year, str(draft.year))
        record(actor(scope), "working_year.saved", noted, organisation=None, note=draft.notice.strip())


def forget_year(scope: Scope, year: int) -> None:
    """Take an entered year back; a shipped one shows again."""
    if not scope.administers:
        raise NotAllowedError
    with transaction.atomic():
        WorkingYear.objects.filter(year=year).delete()
        record(actor(scope), "working_year.forgotten", Noted("working_year", year, str(year)), organisation=None)


def _read(draft: YearDraft) -> _Read:
    if not 2000 <= draft.year <= 2100:
        raise _wrong("年份应在 2000 到 2100 之间", "the year lies between 2000 and 2100")
    read = _Read()
    for number, line in enumerate(draft.holidays.splitlines(), 1):
        if line.strip():
            read.holidays.append(_holiday(draft.year, number, line.strip()))
    if not read.holidays:
        raise _wrong("至少要有一个节假日", "there is at least one holiday")
    for number, line in enumerate(re.split(r"[\n,，、]", draft.working), 1):
        if line.strip():
            read.working.append(_worked(draft.year, number, line.strip()))
    return read


def _holiday(year: int, number: int, line: str) -> list[str]:
    found = _HOLIDAY.fullmatch(line)
    if not found:
        raise _line_wrong("节假日", "holidays", number, line)
    first, last = _day(found["first"], number, line), _day(found["last"] or found["first"], number, line)
    if last < first or (last - first).days > 30 or first.year != year != last.year:
        raise _line_wrong("节假日", "holidays", number, line)
    return [found["name"].strip(), first.isoformat(), last.isoformat()]


def _worked(year: int, number: int, line: str) -> str:
    day = _day(line, number, line)
    if day.year != year or day.weekday() < 5:
        raise _wrong(
            f"{day} 不是 {year} 年的周末，不能作为调休上班日",
            f"{day} is no weekend day of {year}, so it cannot be worked in exchange",
        )
    return day.isoformat()


def _day(text: str, number: int, line: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise _line_wrong("日期", "dates", number, line) from fault


def _line_wrong(zh: str, en: str, number: int, line: str) -> DeskError:
    return _wrong(
        f"{zh}第 {number} 行“{line[:40]}”看不懂，应写成“2027-02-05 至 2027-02-11 春节”",
        f"line {number} of the {en}, “{line[:40]}”, is not understood; write “2027-02-05 至 2027-02-11 春节”",
    )


def _wrong(zh: str, en: str) -> DeskError:
    return DeskError(
        "desk_form_wrong",
        Text(f"没有保存：{zh}。", f"Nothing was saved: {en}."),
        Text("请改正后再保存。", "Correct it and save again."),
    )
