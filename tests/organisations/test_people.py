"""Inviting, seating, deputising, handing over, keys: who may, what happens, and that nothing is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from peers.records import World, person
from zhulian.audit.models import Entry
from zhulian.organisations import workflows
from zhulian.organisations.models import ApiKey, Delegation, HandOver, Invitation, Membership, User
from zhulian.organisations.queries import people as queries
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, RecordsError
from zhulian.organisations.tenancy import SYSTEM, Scope, visible_to
from zhulian.organisations.workflows import NewInvitation
from zhulian.organisations.workflows.events import Seat
from zhulian.vocabulary.roles import ROLE_NAMES, Role

PASSWORD = "three-unrelated-words"


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(RecordsError) as fault:
        yield
    assert fault.value.code == code
    assert all(fault.value.as_json().values())


def engineer_of(world: World) -> Seat:
    return Seat(Role.ENGINEER, enterprise=world.a.enterprise)


def acting(user: User, delegation: int) -> Scope:
    user.acting_for = delegation
    try:
        return visible_to(user)
    finally:
        user.acting_for = None


# --- invitations


def test_a_colleague_is_invited_and_joins(world: World) -> None:
    link = workflows.invite(visible_to(world.a.owner), NewInvitation(engineer_of(world), "何工"))
    assert link.secret not in str(Invitation.objects.filter(pk=link.id).values())
    user = workflows.accept_invitation(link.secret, "hegong", PASSWORD, full_name="何工", email="he@example.com")
    assert user.check_password(PASSWORD)
    assert visible_to(user).configures == {world.a.enterprise}
    assert [entry.action for entry in Entry.objects.order_by("-pk")[:2]] == [
        "account.role_given",
        "invitation.accepted",
    ]
    with refused("invitation_unusable"):
        workflows.accept_invitation(link.secret, "second", PASSWORD, full_name="x")


def test_links_end(world: World) -> None:
    scope = visible_to(world.a.owner)
    link = workflows.invite(scope, NewInvitation(engineer_of(world), days=1))
    Invitation.objects.filter(pk=link.id).update(expires_at=timezone.now())
    with refused("invitation_unusable"):
        workflows.open_invitation(link.secret)
    other = workflows.invite(scope, NewInvitation(engineer_of(world)))
    workflows.withdraw_invitation(scope, other.id)
    with refused("invitation_unusable"):
        workflows.open_invitation(other.secret)
    with refused("invitation_unusable"):
        workflows.open_invitation("guessed")


def test_a_weak_password_leaves_the_link_unused(world: World) -> None:
    link = workflows.invite(visible_to(world.a.owner), NewInvitation(engineer_of(world)))
    with refused("password_weak"):
        workflows.accept_invitation(link.secret, "hegong", "password", full_name="何工")
    with refused("invitation_wrong"):
        workflows.accept_invitation(link.secret, world.a.owner.username, PASSWORD, full_name="何工")
    workflows.accept_invitation(link.secret, "hegong", PASSWORD, full_name="何工")


def test_somebody_with_an_account_takes_one_more_seat(world: World) -> None:
    link = workflows.invite(visible_to(world.a.owner), NewInvitation(engineer_of(world)))
    workflows.accept_as(link.secret, world.b.engineer)
    assert visible_to(world.b.engineer).configures == {world.a.enterprise, world.b.enterprise}


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("owner_a", {Role.ENGINEER, Role.OWNER}),
        ("county_a", {Role.COUNTY, Role.OWNER}),
        ("platform_a", {Role.PLATFORM}),
        ("bank", {Role.BANK}),
        ("engineer_a", set()),
        ("expert", set()),
        ("auditor", set()),
        ("security", set()),
        ("administrator", set(Role)),
    ],
)
def test_who_may_give_what(world: World, who: str, may: set[Role]) -> None:
    assert set(visible_to(world.people()[who]).roles_to_give()) == may


def test_nobody_gives_beyond_their_house(world: World) -> None:
    for who in ("owner_b", "county_b", "platform_b", "engineer_a"):
        with pytest.raises((NotVisibleError, NotAllowedError)):
            workflows.invite(visible_to(world.people()[who]), NewInvitation(engineer_of(world)))
    platform, bank = world.organisations["platform_a"], world.organisations["bank"]
    with pytest.raises(NotAllowedError):
        workflows.invite(visible_to(world.others["bank"]), NewInvitation(Seat(Role.PLATFORM, organisation=platform)))
    with refused("role_incomplete"):
        workflows.invite(SYSTEM, NewInvitation(Seat(Role.PLATFORM, organisation=bank)))
    with refused("role_incomplete"):
        workflows.invite(SYSTEM, NewInvitation(Seat(Role.BANK)))
    workflows.invite(visible_to(world.others["bank"]), NewInvitation(Seat(Role.BANK, organisation=bank)))


# --- seats


def test_the_last_of_a_kind_stays(world: World) -> None:
    owner = world.a.owner.memberships.get()
    with refused("last_of_kind"):
        workflows.take_seat(SYSTEM, owner.pk)
    with refused("last_of_kind"):
        workflows.take_seat(SYSTEM, world.administrator.memberships.get().pk)
    with refused("last_of_kind"):
        workflows.take_seat(SYSTEM, world.others["bank"].memberships.get().pk)
    person("second-owner", Role.OWNER, world.a.enterprise)
    workflows.take_seat(visible_to(User.objects.get(username="second-owner")), owner.pk)
    assert not visible_to(world.a.owner).owns


# --- delegation


def test_a_deputy_acts_within_the_rights_of_the_other(world: World) -> None:
    now = timezone.now()
    scope = visible_to(world.a.owner)
    made = workflows.delegate(scope, world.a.owner.pk, world.a.engineer.pk, now, now + timedelta(days=2))
    deputy = acting(world.a.engineer, made)
    assert deputy.owns == {world.a.enterprise}
    assert not deputy.configures
    assert (deputy.person, deputy.on_behalf_of) == (world.a.engineer.pk, world.a.owner.pk)
    assert world.a.engineer.username in deputy.name
    assert world.a.owner.username in deputy.name
    workflows.invite(deputy, NewInvitation(engineer_of(world)))
    assert Entry.objects.filter(action="invitation.made").latest("pk").actor_name == deputy.name
    for refusal in (
        lambda: workflows.delegate(deputy, world.a.owner.pk, world.a.engineer.pk, now, now + timedelta(days=1)),
        lambda: workflows.create_api_key(deputy, "x", frozenset({"records:read"}), 30),
    ):
        with pytest.raises(NotAllowedError):
            refusal()


def test_a_delegation_ends(world: World) -> None:
    now = timezone.now()
    scope = visible_to(world.a.owner)
    made = workflows.delegate(scope, world.a.owner.pk, world.a.engineer.pk, now, now + timedelta(days=2))
    own = visible_to(world.a.engineer)
    assert acting(world.b.engineer, made) == visible_to(world.b.engineer)
    for change in (
        {"starts_at": now + timedelta(days=1)},
        {"starts_at": now - timedelta(days=2), "ends_at": now - timedelta(days=1)},
    ):
        Delegation.objects.filter(pk=made).update(**change)
        assert acting(world.a.engineer, made) == own
    Delegation.objects.filter(pk=made).update(starts_at=now, ends_at=now + timedelta(days=1))
    workflows.end_delegation(visible_to(world.a.engineer), made)
    assert acting(world.a.engineer, made) == own
    with refused("delegation_wrong"):
        workflows.delegate(scope, world.a.owner.pk, world.a.engineer.pk, now, now + timedelta(days=365))


# --- hand-over


def test_everything_goes_to_the_successor_and_comes_back(world: World) -> None:
    workflows.give_role(SYSTEM, world.a.engineer.username, Role.ENGINEER, enterprise=world.b.enterprise)
    leaving, taking = world.a.engineer, world.a.owner
    key = workflows.create_api_key(visible_to(leaving), "board", frozenset({"records:read"}), 30)
    before = set(Membership.objects.values_list("pk", "user"))
    made = workflows.hand_over(SYSTEM, leaving.pk, taking.pk)
    leaving.refresh_from_db()
    assert not leaving.is_active
    assert not leaving.memberships.exists()
    assert visible_to(taking).configures == {world.a.enterprise, world.b.enterprise}
    holder = workflows.key_holder(key.text)
    assert holder is not None
    assert holder.user == taking
    workflows.undo_hand_over(SYSTEM, made)
    leaving.refresh_from_db()
    assert leaving.is_active
    assert set(Membership.objects.values_list("pk", "user")) == before
    assert ApiKey.objects.get(pk=key.id).user == leaving
    with refused("hand_over_final"):
        workflows.undo_hand_over(SYSTEM, made)


def test_a_seat_that_both_hold_is_not_doubled(world: World) -> None:
    twin = person("twin", Role.ENGINEER, world.a.enterprise)
    before = set(Membership.objects.values_list("pk", "user", "role", "leads"))
    made = workflows.hand_over(visible_to(world.a.owner), twin.pk, world.a.engineer.pk)
    assert world.a.engineer.memberships.count() == 1
    workflows.undo_hand_over(visible_to(world.a.owner), made)
    assert set(Membership.objects.values_list("pk", "user", "role", "leads")) == before


def test_the_last_owner_leaves_with_a_successor(world: World) -> None:
    workflows.hand_over(visible_to(world.a.owner), world.a.owner.pk, world.a.engineer.pk)
    assert visible_to(world.a.engineer).owns == {world.a.enterprise}


def test_delegations_go_along(world: World) -> None:
    now = timezone.now()
    third = person("third", Role.OWNER, world.a.enterprise)
    scope = visible_to(third)
    given = workflows.delegate(scope, third.pk, world.a.engineer.pk, now, now + timedelta(days=2))
    held = workflows.delegate(visible_to(world.a.owner), world.a.owner.pk, third.pk, now, now + timedelta(days=2))
    workflows.hand_over(visible_to(world.a.owner), third.pk, world.a.owner.pk)
    assert Delegation.objects.get(pk=given).person == world.a.owner
    assert Delegation.objects.get(pk=held).ended_at is not None, "nobody deputises themselves"


def test_a_hand_over_is_final_after_a_day(world: World) -> None:
    made = workflows.hand_over(SYSTEM, world.a.engineer.pk, world.a.owner.pk)
    HandOver.objects.update(at=timezone.now() - timedelta(days=1, minutes=1))
    with refused("hand_over_final"):
        workflows.undo_hand_over(SYSTEM, made)


def test_nobody_hands_over_what_is_not_theirs_to_take(world: World) -> None:
    workflows.give_role(SYSTEM, world.a.engineer.username, Role.ENGINEER, enterprise=world.b.enterprise)
    for who in (world.a.owner, world.b.owner):
        with pytest.raises((NotAllowedError, NotVisibleError)):
            workflows.hand_over(visible_to(who), world.a.engineer.pk, who.pk)
    with pytest.raises(NotVisibleError):
        workflows.hand_over(visible_to(world.a.engineer), world.a.engineer.pk, world.county_b.pk)


# --- keys


def test_a_key_reads_what_its_person_sees_and_changes_nothing(world: World) -> None:
    made = workflows.create_api_key(visible_to(world.a.engineer), "board", frozenset({"records:read"}), 30)
    assert made.text.startswith("zl_")
    assert made.text.split("_", 2)[2] not in str(ApiKey.objects.values()), "the secret itself, which may hold a _"
    found = workflows.key_holder(made.text)
    assert found is not None
    found.user.key_scopes = frozenset(found.scopes)
    scope = visible_to(found.user)
    assert set(scope.enterprises().values_list("pk", flat=True)) == {world.a.enterprise}
    assert not scope.may_configure(world.a.enterprise)
    with pytest.raises(NotAllowedError):
        workflows.create_gateway(scope, world.a.enterprise, "x")


def test_a_key_ends(world: World) -> None:
    scope = visible_to(world.a.engineer)
    made = workflows.create_api_key(scope, "board", frozenset({"records:read"}), 30)
    for wrong in ("", "zl_", made.text[:-1], made.text.upper(), "zl_" + "a" * 300):
        assert workflows.key_holder(wrong) is None
    with pytest.raises(NotVisibleError):
        workflows.revoke_api_key(visible_to(world.b.engineer), made.id)
    workflows.revoke_api_key(scope, made.id)
    assert workflows.key_holder(made.text) is None
    late = workflows.create_api_key(scope, "board", frozenset({"records:read"}), 30)
    ApiKey.objects.filter(pk=late.id).update(expires_at=timezone.now())
    assert workflows.key_holder(late.text) is None
    for name, scopes, days in (
        ("", {"records:read"}, 30),
        ("x", set(), 30),
        ("x", {"all"}, 30),
        ("x", {"facts:read"}, 9),
    ):
        with refused("key_wrong"):
            workflows.create_api_key(scope, name, frozenset(scopes), days)


# --- reading


def test_seats_out_of_sight_are_counted_only(world: World) -> None:
    workflows.give_role(SYSTEM, world.a.engineer.username, Role.ENGINEER, enterprise=world.b.enterprise)
    row = queries.person(visible_to(world.a.owner), world.a.engineer.pk)
    assert [seat.where.zh for seat in row.seats] == ["Alderney Works"]
    assert row.hidden == 1
    with pytest.raises(NotVisibleError):
        queries.person(visible_to(world.a.owner), world.bureau.pk)


def test_a_list_of_people_takes_a_few_statements(world: World, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    for number in range(40):
        person(f"p{number}", Role.ENGINEER, world.a.enterprise)
    scope = visible_to(world.administrator)
    with django_assert_max_num_queries(4):
        assert len(queries.people(scope, queries.PeopleFilter(), 1, 100).rows) >= 40


def test_people_are_found_and_counted(world: World) -> None:
    scope = visible_to(world.a.owner)
    found = queries.people(scope, queries.PeopleFilter(text="engineer"))
    assert [row.username for row in found.rows] == ["alderney-engineer"]
    assert queries.people(scope, queries.PeopleFilter(role="owner")).total == 1
    assert scope.hidden_people() == User.objects.count() - scope.people().count()
    assert set(ROLE_NAMES) == set(Role)
