"""The outbox: nothing lost, nothing twice, quiet at night, failures in sight."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings as DjangoSettings

from peers.receivers import Hook, Mailbox, mail_server, web_hook
from peers.records import World
from zhulian.desk import queries, workflows
from zhulian.desk.channels import Line
from zhulian.desk.models import Channel, Delivery
from zhulian.desk.rules import MOST_ATTEMPTS, Audience, Quiet, retry_after
from zhulian.desk.workflows.outbox import LEASE, Counted
from zhulian.organisations.models import User
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.roles import Role

SITE = "https://city.example"
MORNING = datetime(2126, 11, 25, 10, 0, tzinfo=SHANGHAI)
"""After anything that the tests write now."""
NIGHT = datetime(2126, 11, 25, 23, 0, tzinfo=SHANGHAI)


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_hook() as found:
        yield found


@pytest.fixture
def post(settings: DjangoSettings) -> Iterator[Mailbox]:
    with mail_server() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_SSL = "127.0.0.1", box.port, False
        settings.DEFAULT_FROM_EMAIL = "zhulian@city.example"
        yield box


def robot(hook: Hook, audience: Audience, **more: object) -> int:
    draft = workflows.ChannelDraft("县区群", "json", hook.url, "s", audience, **more)  # type: ignore[arg-type]
    return workflows.save_channel(SYSTEM, draft, line(hook))


def line(hook: Hook) -> Line:
    return Line(frozenset({hook.host}))


def say(key: str, audience: Audience, *, urgent: bool = False) -> None:
    title = Text(f"通知 {key}", f"note {key}")
    workflows.send(workflows.NewMessage(key, "通知", title, Text("内容", "body"), "/desk/", urgent), audience)


def reachable(user: User, address: str, email: str = "each") -> None:
    User.objects.filter(pk=user.pk).update(email=address)
    workflows.prefer(visible_to(user), email, Quiet())


def run(hook: Hook | None, now: datetime) -> Counted:
    return workflows.deliver_due(line(hook) if hook else Line(), SITE, lambda: now)


def test_e_mail_reaches_those_who_want_each_message(world: World, post: Mailbox) -> None:
    reachable(world.a.owner, "owner@a.example")
    reachable(world.a.engineer, "engineer@a.example", "digest")
    say("one", Audience(enterprise=world.a.enterprise))
    say("one", Audience(enterprise=world.a.enterprise))
    assert run(None, MORNING) == Counted(sent=1)
    assert run(None, MORNING) == Counted()
    (mail,) = post.mails
    assert post.recipients == ["owner@a.example"]
    assert mail["Subject"] == "通知 one"
    assert f"{SITE}/desk/" in mail.get_content()
    assert mail["Message-ID"].endswith("@city.example>")


def test_a_refused_recipient_fails_at_once_and_in_sight(world: World, post: Mailbox) -> None:
    post.refused.add("owner@a.example")
    reachable(world.a.owner, "owner@a.example")
    say("one", Audience(person=world.a.owner.pk))
    assert run(None, MORNING) == Counted(failed=1)
    (row,) = queries.deliveries(visible_to(world.administrator), "failed").rows
    assert row.fault is not None
    assert row.fault.code == "smtp_recipient"
    post.refused.clear()
    workflows.send_again(visible_to(world.administrator), row.id)
    assert run(None, MORNING) == Counted(sent=1)


def test_a_dead_mail_server_is_tried_again_until_it_works(world: World, settings: DjangoSettings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_SSL = "127.0.0.1", False
    reachable(world.a.owner, "owner@a.example")
    say("one", Audience(person=world.a.owner.pk))
    with mail_server() as box:
        settings.EMAIL_PORT = box.port
    assert run(None, MORNING) == Counted(failed=1)
    assert run(None, MORNING) == Counted()
    with mail_server() as box:
        settings.EMAIL_PORT = box.port
        assert run(None, MORNING + retry_after(1)) == Counted(sent=1)
        assert len(box.mails) == 1


def test_a_channel_gets_what_is_meant_for_all_of_its_readers(world: World, hook: Hook) -> None:
    robot(hook, Audience(role=Role.COUNTY, place="341502"))
    say("the place", Audience(place="341502"))
    say("role and place", Audience(role=Role.COUNTY, place="341502"))
    say("every county", Audience(role=Role.COUNTY))
    say("another place", Audience(place="341524"))
    say("one person", Audience(person=world.county_a.pk))
    say("the bureau", Audience(role=Role.BUREAU))
    assert run(hook, MORNING).sent == 3
    assert {hook.json(n)["title"] for n in range(3)} == {"通知 the place", "通知 role and place", "通知 every county"}


def test_a_channel_for_a_whole_enterprise_gets_nothing_meant_for_its_owner(world: World, hook: Hook) -> None:
    robot(hook, Audience(enterprise=world.a.enterprise))
    say("owner only", Audience(role=Role.OWNER, enterprise=world.a.enterprise))
    assert run(hook, MORNING) == Counted()


def test_nothing_leaves_at_night_but_what_is_urgent_and_allowed(world: World, hook: Hook) -> None:
    robot(hook, Audience(place="341502"))
    say("calm", Audience(place="341502"))
    say("urgent", Audience(place="341502"), urgent=True)
    assert run(hook, NIGHT) == Counted(waiting=2)
    assert run(hook, NIGHT + timedelta(hours=8)) == Counted()
    Channel.objects.update(urgent_passes=True)
    say("very urgent", Audience(place="341502"), urgent=True)
    assert run(hook, NIGHT) == Counted(sent=1)
    assert run(hook, NIGHT + timedelta(hours=9)).sent == 2


def test_back_off_and_giving_up_in_sight(world: World, hook: Hook) -> None:
    hook.status = 500
    robot(hook, Audience(place="341502"), quiet=Quiet(0, 0))
    say("one", Audience(place="341502"))
    now, waits = MORNING, []
    while (row := Delivery.objects.get()).failed_at is None:
        assert run(hook, now) == Counted(failed=1)
        after = Delivery.objects.get()
        waits.append(after.next_try_at - now)
        now = after.next_try_at
        assert row.attempts < MOST_ATTEMPTS
    assert waits[:4] == [timedelta(minutes=n) for n in (1, 4, 16, 64)]
    assert len(hook.bodies) == MOST_ATTEMPTS
    assert queries.delivery_counts(visible_to(world.administrator), now).failed == 1


def test_two_workers_send_once(world: World, hook: Hook) -> None:
    """The second worker comes while the first is at it: the receiver itself starts the second round."""
    robot(hook, Audience(place="341502"))
    say("one", Audience(place="341502"))
    rounds: list[Counted] = []

    def resolve(_host: str, _port: int) -> list[str]:
        if not rounds:
            rounds.append(Counted())
            rounds.append(workflows.deliver_due(inner, SITE, lambda: MORNING))
        return ["127.0.0.1"]

    inner = Line(frozenset({hook.host}), resolve)
    assert workflows.deliver_due(inner, SITE, lambda: MORNING) == Counted(sent=1)
    assert rounds[1] == Counted()
    assert len(hook.bodies) == 1


class Killed(BaseException):
    """The process ends here."""


def test_killed_after_sending_before_recording_is_the_only_second_copy(world: World, hook: Hook) -> None:
    robot(hook, Audience(place="341502"))
    say("one", Audience(place="341502"))
    times = iter([MORNING, MORNING])

    def clock() -> datetime:
        try:
            return next(times)
        except StopIteration:
            raise Killed from None

    with pytest.raises(Killed):
        workflows.deliver_due(line(hook), SITE, clock)
    assert len(hook.bodies) == 1
    assert run(hook, MORNING + LEASE - timedelta(seconds=1)) == Counted()
    assert run(hook, MORNING + LEASE) == Counted(sent=1)
    first, second = hook.headers
    assert first["Idempotency-Key"] == second["Idempotency-Key"]


def test_a_shut_channel_leaves_nothing_waiting(world: World, hook: Hook) -> None:
    number = robot(hook, Audience(place="341502"))
    say("one", Audience(place="341502"))
    workflows.close_channel(SYSTEM, number)
    assert run(hook, MORNING) == Counted()
    assert Delivery.objects.get().failed_at is not None
    say("two", Audience(place="341502"))
    assert Delivery.objects.count() == 1


@given(start=st.integers(0, 23), end=st.integers(0, 23), minutes=st.integers(0, 60 * 24 * 3))
def test_quiet_hours_end_and_are_never_longer_than_a_day(start: int, end: int, minutes: int) -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC) + timedelta(minutes=minutes)
    quiet = Quiet(start, end, urgent_passes=True)
    until = quiet.until(now, urgent=False)
    assert now <= until <= now + timedelta(days=1)
    assert not quiet.covers(until.astimezone(SHANGHAI).hour)
    assert quiet.until(now, urgent=True) == now
