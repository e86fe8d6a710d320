"""Flags: found every night, decided by an officer. Found again an open one is the same; nothing happens by itself.

A decision rests for ``QUIET_DAYS``; what is still so after that is a new episode. Called by the schedule and the page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType

from django.db import transaction

from zhulian.audit.rules import Subject as Noted
from zhulian.audit.workflows import record
from zhulian.desk import calendar
from zhulian.desk import workflows as desk
from zhulian.desk.rules import Audience, Outcome
from zhulian.evidence.flags import rules
from zhulian.evidence.flags.known import Hint, Known
from zhulian.evidence.flags.reading import read_known
from zhulian.evidence.models import Flag, FlagState, FlagStep
from zhulian.evidence.rules import EvidenceError
from zhulian.evidence.workflows.events import FlagRaised
from zhulian.organisations.models import Enterprise
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.telemetry.queries import Telemetry
from zhulian.vocabulary.clock import SHANGHAI, Clock, system_clock, to_datetime
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.events import announce

QUIET_DAYS = 90
DUE_WORKING_DAYS = 10
FLAG = Text("疑点", "flag")


@dataclass(frozen=True, slots=True)
class Raised:
    """What a night's look gave: new flags, and those that were known."""

    new: int = 0
    known: int = 0

    @property
    def words(self) -> Text:
        """As a sentence for the record of runs."""
        return Text(
            f"新发现 {self.new} 个疑点，已知的 {self.known} 个。", f"{self.new} new flags, {self.known} known before."
        )


def look(telemetry: Telemetry, clock: Clock = system_clock) -> Text:
    """Let every rule look at what is known now; read first, so that no transaction waits for the store."""
    now = to_datetime(clock())
    return raise_all(read_known(telemetry, clock()), now).words


def raise_all(known: Known, now: datetime) -> Raised:
    """Every hint of every rule as a flag."""
    new = [_raise(name, rule, hint, now) for name, rule, hint in _hints(known)]
    return Raised(sum(new), len(new) - sum(new))


def _hints(known: Known) -> Iterator[tuple[str, ModuleType, Hint]]:
    for name, rule in rules().items():
        for hint in rule.find(known):
            yield name, rule, hint


def _raise(name: str, rule: ModuleType, hint: Hint, now: datetime) -> bool:
    """Whether the flag is new."""
    key = f"{name}:{hint.enterprise}:{hint.key}"
    with transaction.atomic():
        last = Flag.objects.select_for_update().filter(key=key).order_by("-episode").first()
        if last is not None and not _is_over(last, now):
            _seen_again(last, hint, now)
            return False
        enterprise = Enterprise.objects.get(pk=hint.enterprise)
        flag = Flag.objects.create(
            key=key,
            episode=last.episode + 1 if last else 1,
            rule=name,
            rule_version=rule.VERSION,
            enterprise=enterprise,
            machine=hint.machine,
            is_sample=enterprise.is_sample,
            found_at=now,
            seen_at=now,
            **_words(hint),
        )
        _open_task(flag, enterprise, now)
        announce(FlagRaised(flag.pk, name, enterprise.pk, enterprise.reporting_area))
    return True


def _is_over(flag: Flag, now: datetime) -> bool:
    """Decided so long ago that it is worth another look."""
    return flag.decided_at is not None and now - flag.decided_at > timedelta(days=QUIET_DAYS)


def _seen_again(flag: Flag, hint: Hint, now: datetime) -> None:
    """An open flag shows what is so now; a decided one keeps what was decided upon."""
    flag.seen_at = now
    flag.times += 1
    if flag.state == FlagState.OPEN:
        for name, value in _words(hint).items():
            setattr(flag, name, value)
    flag.save()


def _words(hint: Hint) -> dict[str, object]:
    curves = [
        {
            "zh": curve.name.zh,
            "en": curve.name.en,
            "unit": curve.unit,
            "enterprise": curve.enterprise,
            "times": list(curve.times_us),
            "values": list(curve.values),
        }
        for curve in hint.curves
    ]
    proof = {
        "columns": [[column.zh, column.en] for column in hint.columns],
        "rows": [list(row) for row in hint.rows],
        "curves": curves,
        "others": list(hint.others),
    }
    said = {"title_zh": hint.title.zh[:200], "title_en": hint.title.en[:300]}
    return {**said, "said_zh": hint.said.zh, "said_en": hint.said.en, "proof": proof}


def _open_task(flag: Flag, enterprise: Enterprise, now: datetime) -> None:
    due = calendar.add_working_days(now.astimezone(SHANGHAI).date(), DUE_WORKING_DAYS)
    title = Text(f"核实疑点：{enterprise.name}，{flag.title_zh}", f"Look into: {enterprise.name}, {flag.title_en}")
    desk.open_task(
        f"flag:{flag.pk}",
        title,
        f"/flags/{flag.pk}/",
        Audience(place=enterprise.reporting_area),
        source="疑点核实",
        due=due,
        is_sample=flag.is_sample,
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """What an officer found. ``releases``: the enterprise may see flag and note; ``revision``: what they looked at."""

    state: FlagState
    note: str
    releases: bool
    revision: int


def decide(scope: Scope, flag_id: int, decision: Decision, clock: Clock = system_clock) -> None:
    """Record what was found; may be decided anew, each time as a further step. Every decision stands in the trail."""
    with transaction.atomic():
        flag = _one(scope, flag_id)
        _refuse(flag, decision)
        now = to_datetime(clock())
        before = FlagState(flag.state)
        flag.state, flag.is_released = decision.state, decision.releases
        flag.decided_at = None if decision.state is FlagState.OPEN else now
        flag.decided_by_name = "" if decision.state is FlagState.OPEN else scope.name
        flag.revision += 1
        flag.save()
        FlagStep.objects.create(
            flag=flag,
            at=now,
            by_id=scope.person,
            by_name=scope.name,
            state=decision.state,
            is_released=decision.releases,
            note=decision.note.strip(),
        )
        if decision.state is not FlagState.OPEN:
            desk.close_task(f"flag:{flag.pk}", Outcome.DONE, note=decision.note.strip()[:200], by=scope.person)
        record(
            actor(scope),
            "flag.decided",
            Noted("flag", flag.pk, flag.title_zh),
            organisation=flag.enterprise_id if decision.releases else None,
            changes={"state": (before.value, decision.state.value), "is_released": (None, decision.releases)},
            note=decision.note.strip(),
        )


def _one(scope: Scope, flag_id: int) -> Flag:
    """A flag that this person may decide: the officers of its place, the bureau."""
    found = Flag.objects.select_for_update().filter(pk=flag_id).first()
    if found is None or not (scope.whole_city or scope.areas):
        raise NotVisibleError(FLAG)
    enterprise = scope.enterprises().filter(pk=found.enterprise_id).first()
    if enterprise is None:
        raise NotVisibleError(FLAG)
    if not scope.may_keep_area(enterprise.reporting_area):
        raise NotAllowedError
    return found


def _refuse(flag: Flag, decision: Decision) -> None:
    if flag.revision != decision.revision:
        raise EvidenceError(
            "flag_changed_meanwhile",
            Text("刚才有人先处理了这个疑点，您的处理没有保存。", "Somebody decided this flag just before you."),
            Text("请看过新的结论，再决定是否改动。", "Look at the new outcome, then decide whether to change it."),
        )
    if not decision.note.strip():
        raise EvidenceError(
            "note_missing",
            Text("处理没有写明依据，没有保存。", "The decision gives no reason; nothing was saved."),
            Text("请写一句看到了什么、凭什么这样认定。", "Write what you saw and why you decided so."),
        )
