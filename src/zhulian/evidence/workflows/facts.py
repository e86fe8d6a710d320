"""Facts are stated, superseded and withdrawn; each time by a new row.

A source that speaks again about the same period supersedes what it said before; saying the same again changes nothing.
So a nightly collector may run twice, and a person who corrects a figure need not know about the earlier one.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, transaction

from zhulian.audit.rules import Draft
from zhulian.audit.rules import Subject as Noted
from zhulian.audit.workflows import record_all
from zhulian.evidence import queries
from zhulian.evidence.catalogue import FactKey, unknown_key
from zhulian.evidence.checks import check_period, check_source, check_value
from zhulian.evidence.models import FOREVER, Fact
from zhulian.evidence.rules import EvidenceClass, EvidenceError, FactId, Subject, SubjectKind, Value
from zhulian.evidence.workflows.events import FactsStated
from zhulian.evidence.workflows.expiry import close_renewed
from zhulian.evidence.workflows.permission import is_platform, may_state, refuse_unless_own
from zhulian.organisations.queries import ENTERPRISE, MACHINE
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.vocabulary.clock import SHANGHAI, Clock, system_clock, to_datetime
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.events import announce


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFact:
    """What somebody wants to state.

    A state speaks of one day (``period_start`` = ``period_end``); ``unit`` and ``valid_until`` come from the catalogue
    unless given. ``source`` is given by the platform's own hand ("collector:machines"); for people it follows from the
    document or from who they are. ``details`` say how a collector came to the value, see docs/explanation/evidence.md.
    """

    subject: Subject
    key: str
    value: Value
    period_end: date
    period_start: date | None = None
    evidence_class: EvidenceClass = EvidenceClass.C
    source: str = ""
    valid_until: date | None = None
    supersedes: FactId | None = None
    document: int | None = None
    details: Mapping[str, object] = field(default_factory=dict)
    note: str = ""


class _Slot(NamedTuple):
    """Where one source can say one thing at a time."""

    kind: str
    subject: int
    key: str
    start: date
    end: date
    source: str


def state(scope: Scope, new: NewFact, clock: Clock = system_clock) -> FactId:
    """Add one fact to the ledger; the id of the standing one when it says the same already."""
    return state_all(scope, [new], clock)[0]


def state_all(scope: Scope, news: Sequence[NewFact], clock: Clock = system_clock) -> list[FactId]:
    """Add many facts at once, all or none; a constant number of statements. Ids come back in the order given."""
    if not news:
        return []
    keys = queries.catalogue()
    moment = to_datetime(clock())
    with transaction.atomic():
        tenants = _tenants(scope, {new.subject for new in news})
        drafts = [_draft(scope, new, keys, tenants, moment) for new in news]
        chosen, fresh = _write(scope, drafts)
        _record(scope, "fact.stated", fresh)
    return chosen


def withdraw(scope: Scope, fact: FactId, reason: str, clock: Clock = system_clock) -> FactId:
    """Say that a fact no longer counts, and why. What it superseded does not come back: state the value anew."""
    if not reason.strip():
        raise EvidenceError(
            "reason_missing",
            Text("撤回没有写明原因。", "The withdrawal gives no reason."),
            Text("请写一句原因，它会和事实一起保留。", "Give one sentence; it is kept with the fact."),
        )
    with transaction.atomic():
        old = queries.one_record(scope, fact)
        refuse_unless_own(scope, old)
        row = Fact(
            enterprise_id=old.enterprise_id,
            subject_kind=old.subject_kind,
            subject=old.subject,
            key=old.key,
            value=None,
            unit=old.unit,
            period_start=old.period_start,
            period_end=old.period_end,
            source=old.source,
            evidence_class=old.evidence_class,
            captured_at=to_datetime(clock()),
            captured_by_id=scope.person,
            captured_by_name=scope.name,
            valid_until=old.valid_until,
            supersedes=old,
            is_withdrawal=True,
            note=reason.strip()[:500],
        )
        _insert([row])
        _tell([row])
        _record(scope, "fact.withdrawn", [row])
    return FactId(row.pk)


def _tenants(scope: Scope, subjects: set[Subject]) -> dict[Subject, int | None]:
    """The tenant of each subject; refuses the whole when one is out of sight. At most two statements."""
    by_kind = {kind: {one.id for one in subjects if one.kind is kind} for kind in SubjectKind}
    found: dict[Subject, int | None] = {}
    if by_kind[SubjectKind.ENTERPRISE]:
        seen = (
            scope.enterprises().filter(id__in=by_kind[SubjectKind.ENTERPRISE]).order_by().values_list("id", flat=True)
        )
        found |= {Subject(SubjectKind.ENTERPRISE, one): one for one in seen}
    if by_kind[SubjectKind.MACHINE]:
        rows = (
            scope.machines().filter(id__in=by_kind[SubjectKind.MACHINE]).order_by().values_list("id", "enterprise_id")
        )
        found |= {Subject(SubjectKind.MACHINE, one): tenant for one, tenant in rows}
    if scope.whole_city:
        found |= {one: None for one in subjects if one.kind in {SubjectKind.AREA, SubjectKind.CITY}}
    for missing in subjects - found.keys():
        raise NotVisibleError(MACHINE if missing.kind is SubjectKind.MACHINE else ENTERPRISE)
    return found


def _draft(
    scope: Scope, new: NewFact, keys: Mapping[str, FactKey], tenants: Mapping[Subject, int | None], moment: datetime
) -> Fact:
    key = keys.get(new.key)
    if key is None or key.is_off:
        raise unknown_key(new.key)
    tenant = tenants[new.subject]
    _refuse_class(scope, new, key, tenant)
    start = new.period_start or new.period_end
    check_value(key, new.value)
    check_period(key, start, new.period_end, moment.astimezone(SHANGHAI).date())
    until = new.valid_until or _valid_until(key, new.period_end)
    if until < new.period_end:
        raise EvidenceError(
            "validity_backwards",
            Text("有效期早于事实所说的期间。", "It would end to be valid before the period that it speaks of."),
            Text("请核对有效期。", "Check the end of validity."),
        )
    return Fact(
        enterprise_id=tenant,
        subject_kind=new.subject.kind.value,
        subject=new.subject.id,
        key=new.key,
        value=list(new.value) if isinstance(new.value, tuple) else new.value,
        unit=key.unit,
        period_start=start,
        period_end=new.period_end,
        source=_source(scope, new, tenant),
        evidence_class=new.evidence_class.value,
        captured_at=moment,
        captured_by_id=scope.person,
        captured_by_name=scope.name,
        valid_until=until,
        supersedes_id=new.supersedes,
        document_id=new.document,
        details=dict(new.details),
        note=new.note.strip()[:500],
    )


def _refuse_class(scope: Scope, new: NewFact, key: FactKey, tenant: int | None) -> None:
    if new.evidence_class is EvidenceClass.A and not is_platform(scope):
        raise NotAllowedError
    if not may_state(scope, tenant):
        raise NotAllowedError
    if not key.allows(new.evidence_class):
        allowed = "、".join(key.classes)
        raise EvidenceError(
            "class_not_allowed",
            Text(
                f"“{key.name.zh}”不接受 {new.evidence_class.value} 级依据，只接受 {allowed} 级。",
                f"“{key.name.en}” takes class {', '.join(key.classes)} only, not {new.evidence_class.value}.",
            ),
            Text("请附上证明文件，或由设备数据得出。", "Prove it with a document, or have it measured."),
        )
    if (new.evidence_class is EvidenceClass.B) != (new.document is not None):
        raise EvidenceError(
            "document_missing",
            Text(
                "B 级依据要有证明文件，其他等级没有。", "Class B is proven by a document, the other classes have none."
            ),
            Text("请先上传文件，再登记这个数。", "Upload the file first, then state the figure."),
        )
    if new.document is not None:
        queries.refuse_foreign_document(scope, new.document, tenant)


def _valid_until(key: FactKey, period_end: date) -> date:
    return FOREVER if key.validity_days is None else period_end + timedelta(days=key.validity_days)


def _source(scope: Scope, new: NewFact, tenant: int | None) -> str:
    if new.document is not None:
        return f"document:{new.document}"
    if is_platform(scope):
        check_source(new.source)
        return new.source
    if tenant is not None and tenant in scope.own:
        return "statement:enterprise"
    return "statement:bureau" if scope.keeps_city else "statement:county"


def _write(scope: Scope, drafts: list[Fact]) -> tuple[list[FactId], list[Fact]]:
    standing = _standing(drafts)
    _refuse_strange_corrections(scope, drafts)
    seen: set[_Slot] = set()
    fresh: list[Fact] = []
    chosen: list[Fact] = []
    for draft in drafts:
        slot = _slot(draft)
        if slot in seen:
            raise EvidenceError(
                "said_twice",
                Text(
                    f"同一批里“{draft.key}”的同一期间出现两次。", f"One batch says “{draft.key}” twice for one period."
                ),
                Text("请只保留一个。", "Keep one of them."),
            )
        seen.add(slot)
        before = standing.get(slot)
        if before is not None and draft.supersedes_id in {None, before.pk}:
            if _says_the_same(before, draft):
                chosen.append(before)
                continue
            draft.supersedes_id = before.pk
        fresh.append(draft)
        chosen.append(draft)
    _insert(fresh)
    _tell(fresh)
    return [FactId(row.pk) for row in chosen], fresh


def _record(scope: Scope, action: str, rows: Sequence[Fact]) -> None:
    """What people do stands in the trail; what collectors measure stands in the ledger, with its origin."""
    if not is_platform(scope):
        record_all(
            [
                Draft(
                    actor(scope),
                    action,
                    Noted("fact", row.pk, row.key),
                    row.enterprise_id,
                    {"value": (None, row.value), "evidence_class": (None, row.evidence_class)},
                    row.note,
                    "",
                )
                for row in rows
            ]
        )


def _tell(rows: Sequence[Fact]) -> None:
    by_enterprise: dict[int, list[Fact]] = defaultdict(list)
    for row in rows:
        if row.enterprise_id is not None:
            by_enterprise[row.enterprise_id].append(row)
    for enterprise, found in by_enterprise.items():
        announce(FactsStated(enterprise, frozenset(row.key for row in found), tuple(FactId(row.pk) for row in found)))
        if spoken := [row for row in found if row.evidence_class != EvidenceClass.A.value]:
            close_renewed(spoken, spoken[0].captured_at.astimezone(SHANGHAI).date())


def _standing(drafts: Sequence[Fact]) -> dict[_Slot, Fact]:
    """What each source has said about each period and not taken back, in one statement."""
    found = Fact.objects.filter(
        subject_kind__in={draft.subject_kind for draft in drafts},
        subject__in={draft.subject for draft in drafts},
        key__in={draft.key for draft in drafts},
        period_end__in={draft.period_end for draft in drafts},
        superseded_by=None,
        is_withdrawal=False,
    )
    return {_slot(row): row for row in found}


def _slot(row: Fact) -> _Slot:
    return _Slot(row.subject_kind, row.subject, row.key, row.period_start, row.period_end, row.source)


def _says_the_same(one: Fact, other: Fact) -> bool:
    names = ("value", "unit", "evidence_class", "valid_until", "document_id", "note")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _refuse_strange_corrections(scope: Scope, drafts: Sequence[Fact]) -> None:
    """A correction speaks of the same thing, and evidence is never corrected by weaker evidence."""
    named = {draft.supersedes_id for draft in drafts if draft.supersedes_id is not None}
    olds = {row.pk: row for row in queries.records(scope).filter(pk__in=named)} if named else {}
    for draft in drafts:
        if draft.supersedes_id is None:
            continue
        old = olds.get(draft.supersedes_id)
        if old is None:
            raise NotVisibleError(queries.FACT)
        refuse_unless_own(scope, old)
        about = (old.subject_kind, old.subject, old.key)
        if about != (draft.subject_kind, draft.subject, draft.key) or draft.evidence_class > old.evidence_class:
            raise EvidenceError(
                "correction_strange",
                Text(
                    "不能这样取代：对象、事实不同，或依据等级更低。",
                    "It speaks of something else, or is weaker evidence.",
                ),
                Text(
                    "请作为新的事实登记，两者会并列显示。",
                    "State it as a fact of its own; both are shown side by side.",
                ),
            )


def _insert(rows: list[Fact]) -> None:
    try:
        with transaction.atomic():
            Fact.objects.bulk_create(rows, batch_size=500)
    except IntegrityError as fault:
        raise EvidenceError(
            "superseded_meanwhile",
            Text(
                "刚才有人先更正了这条事实，您的更正没有保存。",
                "Somebody corrected this fact just before you; nothing was saved.",
            ),
            Text("请看过新的值，再决定是否更正。", "Look at the new value, then decide whether to correct it."),
        ) from fault
