"""From the officer's task to facts: asked once, kept as typed, told apart from colleagues, sent only when right."""

from datetime import date

import pytest

from peers.records import World
from zhulian.desk.calendar import today
from zhulian.desk.models import Message, Task
from zhulian.evidence import queries as evidence
from zhulian.evidence.models import Fact
from zhulian.evidence.rules import EvidenceClass, of_enterprise
from zhulian.evidence.workflows import NewFact, state
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.returns import queries, workflows
from zhulian.returns.models import Return
from zhulian.returns.queries import ReportingFilter, ReturnFilter
from zhulian.returns.rules import CONFIRMED, ReturnsError
from zhulian.returns.workflows import NewReporting, Typed

GOOD = {
    "business.employees": "120",
    "machines.total": "40",
    "machines.digital": "25",
    "cloud.information_system": "department",
    "cloud.services": "2",
    "management.plan": "started",
    "security.self_check": "yes",
}


def opened(world: World, **more: object) -> Return:
    """A reporting task to both enterprises; the return of A."""
    values: dict[str, object] = {
        "form": "digital_basics",
        "title": "三季度基本情况",
        "enterprises": [world.a.enterprise, world.b.enterprise],
        "period_end": today(),
        "working_days": 5,
        "contact": "陈经信 0564-0000000",
    }
    workflows.open_reporting(visible_to(world.bureau), NewReporting(**(values | more)), today())  # type: ignore[arg-type]
    return Return.objects.get(enterprise=world.a.enterprise)


def fill(world: World, row: Return, answers: dict[str, str]) -> None:
    typed = {key: Typed("", text) for key, text in answers.items()}
    assert workflows.save(visible_to(world.a.owner), row.pk, typed) == []


def test_a_reporting_task_is_a_task_for_each_owner(world: World) -> None:
    row = opened(world)
    tasks = {task.enterprise_id: task for task in Task.objects.all()}
    assert set(tasks) == {world.a.enterprise, world.b.enterprise}
    assert tasks[world.a.enterprise].link == f"/returns/{row.pk}/"
    assert tasks[world.a.enterprise].role == "owner"


def test_answers_become_facts_of_class_c_and_the_task_is_done(world: World) -> None:
    row, scope = opened(world), visible_to(world.a.owner)
    fill(world, row, GOOD)
    number = workflows.send(scope, row.pk)
    assert number == f"TB-{today():%Y}-{row.pk:06d}"
    facts = {fact.key: fact for fact in Fact.objects.filter(enterprise=world.a.enterprise)}
    assert facts["business.employees"].value == 120
    assert {fact.evidence_class for fact in facts.values()} == {"C"}
    assert Task.objects.get(key=f"return:{row.pk}:1").outcome == "done"
    assert Message.objects.get(key=f"return:{row.pk}:1:sent").link == f"/returns/{row.pk}/receipt/"
    bureau = visible_to(world.bureau)
    assert queries.reporting(bureau, ReportingFilter()).rows[0].sent == 1
    assert queries.reporting(visible_to(world.county_b), ReportingFilter()).rows[0].total == 1
    with pytest.raises(ReturnsError):
        workflows.save(scope, row.pk, {"machines.total": Typed("40", "41")})


def test_nothing_is_sent_while_something_is_wrong_and_all_typed_stays(world: World) -> None:
    row, scope = opened(world), visible_to(world.a.owner)
    fill(world, row, GOOD | {"machines.total": "四十来台"})
    with pytest.raises(ReturnsError):
        workflows.send(scope, row.pk)
    assert not Fact.objects.exists()
    asked = {one.question.key: one for one in queries.page(scope, row.pk).questions}
    assert asked["machines.total"].text == "四十来台"
    assert asked["machines.total"].fault is not None
    assert queries.page(scope, row.pk).next_number == 2


def known(world: World, key: str, value: int) -> None:
    subject = of_enterprise(world.a.enterprise)
    state(SYSTEM, NewFact(subject=subject, key=key, value=value, period_end=today(), source="import:list"))


def test_what_is_known_is_confirmed_without_a_new_fact(world: World) -> None:
    known(world, "business.employees", 118)
    row, scope = opened(world), visible_to(world.a.owner)
    first = queries.page(scope, row.pk).questions[0]
    assert first.known is not None
    assert first.known.value == 118
    fill(world, row, GOOD | {"business.employees": CONFIRMED})
    workflows.send(scope, row.pk)
    assert Fact.objects.filter(key="business.employees").count() == 1


def test_what_contradicts_stands_beside_what_was_known(world: World) -> None:
    known(world, "business.employees", 118)
    row, scope = opened(world), visible_to(world.a.owner)
    fill(world, row, GOOD | {"business.employees": "90"})
    workflows.send(scope, row.pk)
    settled = evidence.effective(scope, of_enterprise(world.a.enterprise), "business.employees", today())
    assert settled is not None
    assert {settled.value, *(fact.value for fact in settled.others)} == {118, 90}
    assert settled.is_disputed
    assert settled.fact.evidence_class is EvidenceClass.C


def test_a_question_that_does_not_apply_is_not_put(world: World) -> None:
    row, scope = opened(world), visible_to(world.a.owner)
    assert "cloud.services" in [one.question.key for one in queries.page(scope, row.pk).questions]
    fill(world, row, {"cloud.information_system": "none"})
    assert "cloud.services" not in [one.question.key for one in queries.page(scope, row.pk).questions]


def test_the_second_of_two_colleagues_is_told_and_nothing_is_lost(world: World) -> None:
    row = opened(world)
    owner, engineer = visible_to(world.a.owner), visible_to(world.a.engineer)
    workflows.save(owner, row.pk, {"business.employees": Typed("", "120"), "machines.total": Typed("", "40")})
    (clash,) = workflows.save(
        engineer, row.pk, {"business.employees": Typed("", "95"), "machines.digital": Typed("", "9")}
    )
    assert (clash.theirs, clash.mine, clash.by) == ("120", "95", owner.name)
    kept = {one.question.key: one.text for one in queries.page(owner, row.pk).questions}
    assert (kept["business.employees"], kept["machines.total"], kept["machines.digital"]) == ("120", "40", "9")
    assert workflows.save(engineer, row.pk, {"business.employees": Typed("120", "95")}) == []
    assert workflows.save(engineer, row.pk, {"business.employees": Typed("120", "96")}) == []


def test_reminding_tells_who_is_missing_once_a_day(world: World) -> None:
    row, bureau = opened(world), visible_to(world.bureau)
    assert workflows.remind(bureau, row.task_id, today()) == 2
    assert workflows.remind(bureau, row.task_id, today()) == 0
    fill(world, row, GOOD)
    workflows.send(visible_to(world.a.owner), row.pk)
    assert [one.enterprise for one in queries.returns(bureau, row.task_id, ReturnFilter(state="missing")).rows] == [
        world.b.enterprise
    ]
    assert workflows.remind(visible_to(world.county_b), row.task_id, date(2126, 1, 1)) == 1


def test_given_back_with_a_reason_and_sent_again(world: World) -> None:
    row = opened(world)
    fill(world, row, GOOD)
    workflows.send(visible_to(world.a.owner), row.pk)
    with pytest.raises(ReturnsError):
        workflows.give_back(visible_to(world.bureau), row.pk, " ", today())
    workflows.give_back(visible_to(world.county_a), row.pk, "设备数与现场不符", today())
    assert Task.objects.get(key=f"return:{row.pk}:2").closed_at is None
    workflows.save(visible_to(world.a.owner), row.pk, {"machines.total": Typed("40", "42")})
    assert workflows.send(visible_to(world.a.owner), row.pk).endswith("-2")
    newest = evidence.effective(SYSTEM, of_enterprise(world.a.enterprise), "machines.total", today())
    assert newest is not None
    assert newest.value == 42


def test_an_ended_task_asks_nobody_any_more(world: World) -> None:
    row = opened(world)
    workflows.close_reporting(visible_to(world.bureau), row.task_id)
    assert {task.outcome for task in Task.objects.all()} == {"withdrawn"}
    with pytest.raises(ReturnsError):
        fill(world, row, GOOD)


def test_only_those_who_may(world: World) -> None:
    row = opened(world)
    for stranger in (world.b.owner, world.county_b, world.others["bank"]):
        with pytest.raises(NotVisibleError):
            queries.page(visible_to(stranger), row.pk)
        with pytest.raises(NotVisibleError):
            workflows.save(visible_to(stranger), row.pk, {})
    with pytest.raises(NotAllowedError):
        workflows.save(visible_to(world.others["auditor"]), row.pk, {})
    for nobody in (world.a.owner, world.others["auditor"]):
        with pytest.raises(NotAllowedError):
            workflows.open_reporting(
                visible_to(nobody), NewReporting("digital_basics", "t", [1], today(), 5, "c"), today()
            )
    assert queries.reporting(visible_to(world.a.owner), ReportingFilter()).total == 0
    elsewhere = NewReporting("digital_basics", "t", [world.b.enterprise], today(), 5, "c")
    with pytest.raises(NotVisibleError):
        workflows.open_reporting(visible_to(world.county_a), elsewhere, today())


def test_a_yearly_form_wants_a_year_that_has_ended(world: World) -> None:
    with pytest.raises(ReturnsError):
        opened(world, form="yearly_business")
    row = opened(world, form="yearly_business", period_end=date(today().year - 1, 12, 31))
    fill(world, row, {"business.revenue": "3500", "business.output": "3600", "business.rd_spend": "120",
                      "business.digital_spend": "60"})  # fmt: skip
    workflows.send(visible_to(world.a.owner), row.pk)
    fact = Fact.objects.get(key="business.revenue")
    assert (fact.value, fact.period_start) == (3_500_000_000, date(today().year - 1, 1, 1))
