"""Flags for those who judge them, and for the enterprise what was released to it.

Officers see every flag about enterprises in their sight. An enterprise sees a flag, and how it was explained, only when
an officer released it; of another enterprise that a flag concerns nobody learns more than rights allow.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from zhulian.evidence.models import Flag, FlagState, FlagStep
from zhulian.organisations.queries import one_of
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import Page, page_of
from zhulian.vocabulary.readings import TenantId

FLAG = Text("疑点", "flag")


@dataclass(frozen=True, slots=True)
class FlagFilter:
    """What the list of flags is narrowed to."""

    text: str = ""
    """Part of the enterprise's name or of the flag's title."""
    rule: str = ""
    state: str = ""
    area: str = ""
    enterprise: int | None = None


@dataclass(frozen=True, slots=True)
class FlagRow:
    """One flag in a list."""

    id: int
    rule: str
    enterprise: TenantId
    enterprise_name: str
    area: str
    is_sample: bool
    title: Text
    state: FlagState
    found_at: datetime
    seen_at: datetime
    times: int
    decided_at: datetime | None
    decided_by: str
    is_released: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One decision."""

    at: datetime
    by: str
    state: FlagState
    note: str
    is_released: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A curve to draw; ``name`` is empty where it is another's and rights hide whose."""

    name: Text
    unit: str
    times_us: Sequence[int]
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class FlagFile:
    """One flag with its proof and history. ``others`` are the names of further enterprises in sight."""

    row: FlagRow
    said: Text
    columns: Sequence[Text]
    rows: Sequence[Sequence[object]]
    curves: Sequence[Drawn]
    others: Sequence[tuple[int, str]]
    others_hidden: int
    machine: int | None
    steps: Sequence[Step]
    revision: int
    may_decide: bool


def flags(scope: Scope, wanted: FlagFilter, number: int = 1, size: int = 50) -> Page[FlagRow]:
    """Flags in sight that ``wanted`` leaves, open ones first; two statements."""
    found = _narrowed(_visible(scope), wanted).select_related("enterprise")
    return page_of(found.order_by("-found_at", "-id"), number, size, _row)


def flags_by_state(scope: Scope, wanted: FlagFilter) -> Mapping[str, int]:
    """How many flags there are in each state, with the other filters kept."""
    found = _narrowed(_visible(scope), FlagFilter(wanted.text, wanted.rule, "", wanted.area, wanted.enterprise))
    return dict(found.order_by().values_list("state").annotate(number=Count("id")))


def flag(scope: Scope, flag_id: int) -> FlagFile:
    """One flag; four statements."""
    found = one_of(_visible(scope).select_related("enterprise"), flag_id, FLAG)
    is_officer = judges(scope)
    named = dict(scope.enterprises().filter(pk__in=found.proof["others"]).values_list("id", "name"))
    steps = found.steps.all() if is_officer else found.steps.filter(is_released=True)
    return FlagFile(
        row=_row(found),
        said=Text(found.said_zh, found.said_en),
        columns=[Text(*column) for column in found.proof["columns"]],
        rows=found.proof["rows"],
        curves=list(_drawn(found, set(named) | {found.enterprise_id})),
        others=sorted(named.items()),
        others_hidden=len(set(found.proof["others"]) - set(named)),
        machine=found.machine,
        steps=[_step(step) for step in steps],
        revision=found.revision,
        may_decide=is_officer and scope.may_keep_area(found.enterprise.reporting_area),
    )


def judges(scope: Scope) -> bool:
    """Whether this person looks at flags as an officer, not as the enterprise concerned."""
    return scope.whole_city or bool(scope.areas)


def _visible(scope: Scope) -> QuerySet[Flag]:
    everything: QuerySet[Flag] = Flag.objects.all()
    if scope.whole_city:
        return everything
    if scope.areas:
        return everything.filter(enterprise__in=scope.enterprises())
    return everything.filter(enterprise__in=scope.owns | scope.configures, is_released=True)


def _narrowed(found: QuerySet[Flag], wanted: FlagFilter) -> QuerySet[Flag]:
    if wanted.text:
        text = wanted.text
        in_title = Q(title_zh__icontains=text) | Q(title_en__icontains=text)
        found = found.filter(Q(enterprise__name__icontains=text) | in_title)
    exact = {
        "rule": wanted.rule,
        "state": wanted.state,
        "enterprise__reporting_area": wanted.area,
        "enterprise_id": wanted.enterprise,
    }
    return found.filter(**{name: value for name, value in exact.items() if value})


def _drawn(found: Flag, seen: set[int]) -> Iterator[Drawn]:
    for curve in found.proof["curves"]:
        if curve["enterprise"] in seen:
            yield Drawn(Text(curve["zh"], curve["en"]), curve["unit"], curve["times"], curve["values"])


def _row(found: Flag) -> FlagRow:
    return FlagRow(
        id=found.pk,
        rule=found.rule,
        enterprise=TenantId(found.enterprise_id),
        enterprise_name=found.enterprise.name,
        area=found.enterprise.reporting_area,
        is_sample=found.is_sample,
        title=Text(found.title_zh, found.title_en),
        state=FlagState(found.state),
        found_at=found.found_at,
        seen_at=found.seen_at,
        times=found.times,
        decided_at=found.decided_at,
        decided_by=found.decided_by_name,
        is_released=found.is_released,
    )


def _step(step: FlagStep) -> Step:
    return Step(step.at, step.by_name, FlagState(step.state), step.note, step.is_released)
