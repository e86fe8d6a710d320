"""Enterprise files: the state of any day, events, mergers; nothing that happens costs readings or rights."""

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from peers.records import World, credit_code
from peers.refusals import refused
from zhulian.audit.models import Entry
from zhulian.organisations import workflows
from zhulian.organisations.models import Enterprise, EnterpriseEvent, Machine, Membership
from zhulian.organisations.queries import files
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.rules.edits import ChangedMeanwhileError, merge
from zhulian.organisations.rules.files import (
    EventKind,
    Happening,
    fen_from_wan,
    longest_prefix,
    size_by_rule,
    state_on,
    wan_from_fen,
)
from zhulian.organisations.tenancy import SYSTEM, Scope, visible_to
from zhulian.organisations.workflows import NewEnterprise
from zhulian.organisations.workflows.announcements import EnterpriseChanged
from zhulian.organisations.workflows.dated import Entered, enter_event
from zhulian.organisations.workflows.files import save_file
from zhulian.organisations.workflows.history import Cause, withdraw_event
from zhulian.vocabulary import events
from zhulian.vocabulary.errors import ZhulianError

TODAY = date(2026, 6, 30)
DAYS = st.dates(date(2024, 1, 1), TODAY)
CHANGES = st.dictionaries(
    st.sampled_from(["name", "address", "above_scale", "employees"]), st.integers(0, 9), min_size=1, max_size=3
)


def on(days_ago: int) -> date:
    return timezone.localdate() - timedelta(days=days_ago)


def opened(days_ago: int = 1000, number: int = 51, **more: Any) -> int:
    return workflows.create_enterprise(
        SYSTEM, NewEnterprise("甲厂", credit_code(number), "C3360", "341502", on=on(days_ago), **more)
    )


# --- the state of a day, as a rule


@st.composite
def histories(draw: st.DrawFn) -> list[Happening]:
    later = draw(st.lists(st.tuples(DAYS, CHANGES, st.booleans()), max_size=8))
    first = Happening(
        1, date(2024, 6, 1), EventKind.REGISTERED, {"name": 0, "address": 0, "above_scale": 0, "employees": 0}
    )
    return [first] + [
        Happening(number, day, EventKind.CHANGED, changes, withdrawn)
        for number, (day, changes, withdrawn) in enumerate(later, start=2)
    ]


@given(histories(), st.randoms(), DAYS)
def test_the_order_of_entry_does_not_matter(history: list[Happening], dice: Any, day: date) -> None:
    shuffled = list(history)
    dice.shuffle(shuffled)
    assert state_on(shuffled, day) == state_on(history, day)


@given(histories(), DAYS)
def test_every_value_comes_from_the_last_event_that_names_it(history: list[Happening], day: date) -> None:
    found = state_on(history, day)
    for field, value in found.values.items():
        naming = [e for e in history if field in e.changes and e.on <= day and not e.is_withdrawn]
        last = max(naming, key=lambda e: (e.on, e.kind is not EventKind.REGISTERED, e.number))
        assert value == last.changes[field]


@given(histories(), DAYS)
def test_what_comes_later_never_changes_the_past(history: list[Happening], day: date) -> None:
    past = [event for event in history if event.on <= day]
    assert state_on(history, day) == state_on(past, day)


def test_a_file_is_not_open_before_its_opening() -> None:
    history = [
        Happening(1, TODAY, EventKind.REGISTERED, {"name": "n"}),
        Happening(2, date(2024, 1, 1), EventKind.SCALED_UP, {"above_scale": True}),
    ]
    before = state_on(history, date(2024, 2, 1))
    assert (before.is_open, before.values) == (False, {"above_scale": True})


# --- money, size, prefixes


@given(st.integers(0, 10**16))
def test_money_survives_the_form(fen: int) -> None:
    assert fen_from_wan(wan_from_fen(fen)) == fen


@pytest.mark.parametrize(
    ("typed", "fen"), [("1,200", 1_200_000_000), ("0.0001", 100), ("5000万元", 5_000_000_000), ("", None)]
)
def test_amounts_are_read_as_people_write_them(typed: str, fen: int | None) -> None:
    assert fen_from_wan(typed) == fen


@pytest.mark.parametrize("typed", ["x", "-1", "0.0000001", "NaN", "1e99"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with refused("amount_wrong"):
        fen_from_wan(typed)


@pytest.mark.parametrize(
    ("industry", "people", "wan", "size"),
    [
        ("C33", 1_000, 40_000, "large"),
        ("C33", 1_000, 39_999, "medium"),
        ("C33", 300, 2_000, "medium"),
        ("C33", 299, 40_000, "small"),
        ("C33", 20, 300, "small"),
        ("C33", 19, 300, "micro"),
        ("I65", 5_000, 90_000, ""),
        ("C33", None, 300, ""),
    ],
)
def test_the_size_follows_from_people_and_revenue(industry: str, people: int | None, wan: int, size: str) -> None:
    assert size_by_rule(industry, people, wan * 1_000_000) == size


def test_the_longest_beginning_counts() -> None:
    assert longest_prefix("C3612", [("C36", 1), ("C361", 2), ("C4", 3)]) == 2
    assert longest_prefix("D44", [("C36", 1)]) is None


# --- two people at one record


WORDS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"), min_size=3, max_size=3)


@given(WORDS, WORDS, WORDS)
def test_nobody_loses_what_they_changed(was: dict[str, str], theirs: dict[str, str], mine: dict[str, str]) -> None:
    found = merge(was, theirs, mine)
    for name in "abc":
        expected = mine[name] if mine[name] != was[name] else theirs[name]
        assert found.values[name] == expected
        changed = theirs[name] not in {was[name], mine[name]}
        assert (name in {one.name for one in found.differences}) == changed


# --- files in the records


@pytest.mark.django_db
def test_an_edit_is_an_event_and_the_old_state_stays_known() -> None:
    firm = opened()
    assert save_file(SYSTEM, firm, {"employees": 40, "town": "341502001"}, 1, Cause(on(10)))
    assert files.file(SYSTEM, firm).values["employees"] == 40
    assert files.state(SYSTEM, firm, on(11)).values["employees"] is None
    assert files.state(SYSTEM, firm, on(10)).values["employees"] == 40
    assert not files.state(SYSTEM, firm, on(1001)).is_open
    assert save_file(SYSTEM, firm, {"employees": 40}, 2) is False
    assert Entry.objects.filter(action="enterprise.changed").count() == 1


@pytest.mark.django_db
def test_an_event_entered_late_takes_its_place_in_time() -> None:
    firm = opened()
    enter_event(SYSTEM, firm, Entered(EventKind.RENAMED, Cause(on(10), "皖市监〔2026〕9号"), {"name": "丙厂"}))
    enter_event(SYSTEM, firm, Entered(EventKind.RENAMED, Cause(on(20)), {"name": "乙厂"}))
    assert files.file(SYSTEM, firm).name == "丙厂"
    assert [files.state(SYSTEM, firm, on(day)).values["name"] for day in (30, 15, 5)] == ["甲厂", "乙厂", "丙厂"]


@pytest.mark.django_db
def test_news_from_before_the_opening_changes_today_and_history_does_not() -> None:
    firm = opened(days_ago=100)
    enter_event(SYSTEM, firm, Entered(EventKind.SCALED_UP, Cause(on(200))))
    assert files.file(SYSTEM, firm).values["above_scale"] is True
    assert files.state(SYSTEM, firm, on(150)).values == {"above_scale": True}
    enter_event(SYSTEM, firm, Entered(EventKind.RENAMED, Cause(on(300), is_news=False), {"name": "甲作坊"}))
    assert files.file(SYSTEM, firm).name == "甲厂"
    assert files.state(SYSTEM, firm, on(250)).values["name"] == "甲作坊"


@pytest.mark.django_db
def test_a_withdrawn_event_is_as_if_it_had_not_been() -> None:
    firm = opened()
    up = enter_event(SYSTEM, firm, Entered(EventKind.SCALED_UP, Cause(on(100))))
    assert files.file(SYSTEM, firm).values["above_scale"] is True
    with refused("reason_missing"):
        withdraw_event(SYSTEM, up, " ")
    withdraw_event(SYSTEM, up, "录错企业")
    assert files.file(SYSTEM, firm).values["above_scale"] is False
    assert files.state(SYSTEM, firm, on(50)).values["above_scale"] is False
    assert [row.withdrawn_reason for row in files.events(SYSTEM, firm)] == ["录错企业", ""]
    with refused("event_withdrawn"):
        withdraw_event(SYSTEM, up, "again")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "days_ago", "values", "code"),
    [
        (EventKind.RENAMED, -1, {"name": "乙"}, "event_in_future"),
        (EventKind.RENAMED, 1, {"name": "甲厂"}, "event_changes_nothing"),
        (EventKind.SCALED_DOWN, 1, {}, "event_changes_nothing"),
        (EventKind.REOPENED, 1, {}, "event_not_closed"),
        (EventKind.MOVED, 1, {"district": "341502", "reporting_area": "341503"}, "area_elsewhere"),
        (EventKind.ABSORBED, 1, {}, "event_unknown"),
    ],
)
def test_what_cannot_have_happened_is_refused(kind: EventKind, days_ago: int, values: Any, code: str) -> None:
    firm = opened()
    with refused(code):
        enter_event(SYSTEM, firm, Entered(kind, Cause(on(days_ago)), values))
    assert EnterpriseEvent.objects.filter(enterprise=firm).count() == 1


@pytest.mark.django_db
def test_a_closed_enterprise_stays_and_can_come_back() -> None:
    firm = opened()
    enter_event(SYSTEM, firm, Entered(EventKind.CLOSED, Cause(on(5))))
    assert files.file(SYSTEM, firm).values["status"] == "closed"
    with refused("event_after_end"):
        enter_event(SYSTEM, firm, Entered(EventKind.SCALED_UP, Cause(on(1))))
    enter_event(SYSTEM, firm, Entered(EventKind.REOPENED, Cause(on(1), note="注销公告有误")))
    assert files.file(SYSTEM, firm).is_active


@pytest.mark.django_db
def test_a_split_opens_a_second_file() -> None:
    firm = opened()
    child = {
        "name": "甲厂新材料", "credit_code": credit_code(52), "industry": "C30",
        "district": "341502", "reporting_area": "341502",
    }  # fmt: skip
    enter_event(SYSTEM, firm, Entered(EventKind.SPLIT, Cause(on(3)), child))
    made = Enterprise.objects.get(credit_code=credit_code(52))
    assert [row.other for row in files.events(SYSTEM, firm)] == [made.pk, None]
    assert files.events(SYSTEM, made.pk)[0].other == firm


@pytest.mark.django_db
def test_files_of_the_foundation_open_with_what_they_say() -> None:
    firm = Enterprise.objects.create(
        name="旧档", credit_code=credit_code(53), industry="C33", district="341502", reporting_area="341502"
    )
    assert files.state(SYSTEM, firm.pk, timezone.localdate()).values["name"] == "旧档"
    save_file(SYSTEM, firm.pk, {"employees": 3}, 1)
    assert [row.kind for row in files.events(SYSTEM, firm.pk)] == [EventKind.CHANGED, EventKind.REGISTERED]


# --- who may, and who came first


def test_owners_change_their_own_and_officers_their_area(world: World) -> None:
    firm, owner = world.a.enterprise, visible_to(world.a.owner)
    assert save_file(owner, firm, {"website": "https://alderney.example", "name": "Other"}, 1)
    now = files.file(owner, firm)
    assert (now.values["website"], now.name) == ("https://alderney.example", "Alderney Works")
    assert save_file(visible_to(world.county_a), firm, {"legal_representative": "王某"}, 2)
    with pytest.raises(NotAllowedError):
        save_file(visible_to(world.a.engineer), firm, {"employees": 1}, 3)
    with pytest.raises(NotVisibleError):
        save_file(visible_to(world.county_b), firm, {"employees": 1}, 3)
    with pytest.raises(NotAllowedError):
        enter_event(owner, firm, Entered(EventKind.CLOSED, Cause(on(0))))


def test_the_second_of_two_edits_is_told_who_was_first(world: World) -> None:
    firm = world.a.enterprise
    save_file(visible_to(world.bureau), firm, {"employees": 12}, 1)
    with pytest.raises(ChangedMeanwhileError) as told:
        save_file(visible_to(world.county_a), firm, {"address": "一号路"}, 1)
    assert told.value.by == "bureau"
    assert files.file(SYSTEM, firm).values["address"] == ""


# --- nothing that happens costs readings or rights


STEPS = st.lists(st.sampled_from(["rename", "move", "up", "down", "close", "reopen", "merge", "edit"]), max_size=8)


@pytest.mark.django_db
@settings(max_examples=15)
@given(STEPS)
def test_no_event_loses_a_tenant_a_machine_or_a_role(modules_world: World, steps: list[str]) -> None:
    from django.db import transaction

    with transaction.atomic():
        world = deepcopy(modules_world)
        keep = Membership.objects.values_list("user", "role", "enterprise", "place")
        tenants, rights = set(Machine.objects.values_list("pk", "enterprise")), set(keep)
        for number, step in enumerate(steps):
            _do(world, step, number)
        assert set(Machine.objects.values_list("pk", "enterprise")) == tenants
        assert set(keep) >= rights
        for enterprise in (world.a.enterprise, world.b.enterprise):
            row = files.file(SYSTEM, enterprise)
            assert dict(row.values) == dict(files.state(SYSTEM, enterprise, timezone.localdate()).values)
        assert {row.id for row in files_seen(visible_to(world.a.owner))} >= {world.a.enterprise}
        transaction.set_rollback(True)


def files_seen(scope: Scope) -> list[files.EnterpriseFile]:
    return [files.file(scope, pk) for pk in scope.enterprises().values_list("pk", flat=True)]


def _do(world: World, step: str, number: int) -> None:
    firm, today = world.a.enterprise, Cause(on(0))
    entered = {
        "rename": Entered(EventKind.RENAMED, today, {"name": f"第{number}名"}),
        "move": Entered(
            EventKind.MOVED,
            today,
            {
                "district": ("341503", "341504")[number % 2],
                "reporting_area": ("341503", "341504")[number % 2],
                "town": "",
            },
        ),
        "up": Entered(EventKind.SCALED_UP, today),
        "down": Entered(EventKind.SCALED_DOWN, today),
        "close": Entered(EventKind.CLOSED, today),
        "reopen": Entered(EventKind.REOPENED, today),
        "merge": Entered(EventKind.MERGED, today, other=world.b.enterprise),
    }
    try:
        if step == "edit":
            save_file(SYSTEM, firm, {"employees": number}, files.file(SYSTEM, firm).revision)
        else:
            enter_event(SYSTEM, firm, entered[step])
    except ZhulianError as fault:
        if not fault.code.startswith("event_"):
            raise


def test_after_a_merger_the_survivors_people_see_both(world: World) -> None:
    enter_event(
        SYSTEM, world.a.enterprise, Entered(EventKind.MERGED, Cause(on(1), "市批〔2026〕1号"), other=world.b.enterprise)
    )
    scope = visible_to(world.b.owner)
    assert scope.own == {world.a.enterprise, world.b.enterprise}
    merged = files.file(scope, world.a.enterprise)
    assert (merged.values["status"], merged.successor_name) == ("merged", "Balthazar Works")
    assert files.file(scope, world.b.enterprise).absorbed == ((world.a.enterprise, "Alderney Works"),)
    assert visible_to(world.a.owner).own == {world.a.enterprise}
    hidden = files.file(visible_to(world.a.owner), world.a.enterprise)
    assert (hidden.successor, hidden.successor_name) == (world.b.enterprise, "")


def test_what_changed_is_told_upwards(world: World) -> None:
    heard: list[EnterpriseChanged] = []
    events.listen(EnterpriseChanged, heard.append)
    save_file(SYSTEM, world.a.enterprise, {"employees": 9}, 1)
    events._listeners[EnterpriseChanged].remove(heard.append)
    assert [(one.enterprise, one.fields) for one in heard] == [(world.a.enterprise, {"employees"})]
