"""Signing in: throttling, idle and ended sessions, second factors, deputies; through the real views."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone
from pytest_django import Settings as DjangoSettings

from peers.records import World
from zhulian.organisations import workflows
from zhulian.organisations.models import User
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.organisations.workflows.events import Seat
from zhulian.portal.session_rules import SEEN, person_of
from zhulian.vocabulary.roles import Role

PASSWORD = "three-unrelated-words"


def sign_in(client: Client, name: str, password: str = PASSWORD, **extra: str) -> int:
    return client.post("/sign-in/", {"login": name, "password": password}, **extra).status_code  # type: ignore[arg-type]


@pytest.fixture
def user(world: World) -> User:
    world.a.owner.set_password(PASSWORD)
    world.a.owner.email = "owner@example.com"
    world.a.owner.save()
    return world.a.owner


def totp_code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


# --- throttling


def test_guessing_is_slowed_down_by_name_and_address(user: User, settings: DjangoSettings) -> None:
    client = Client()
    statuses = [sign_in(client, user.username, "wrong") for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert statuses[:-1] == [200] * (settings.AXES_FAILURE_LIMIT - 1)
    locked = client.post("/sign-in/", {"login": user.username, "password": PASSWORD})
    assert locked.status_code == 429
    assert 0 < int(locked.headers["Retry-After"]) <= 15 * 60
    assert "15 分钟后再试" in locked.content.decode()
    english = client.post(
        "/sign-in/", {"login": user.username, "password": PASSWORD}, headers={"Accept-Language": "en"}
    )
    assert "Try again in 15 min" in english.content.decode()
    assert sign_in(Client(REMOTE_ADDR="192.0.2.77"), user.username) == 302, "another address is another matter"


def test_name_and_address_of_one_person_count_together(user: User, settings: DjangoSettings) -> None:
    client = Client()
    for number in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, (user.username.upper(), "OWNER@example.com", user.username)[number % 3], "wrong")
    assert sign_in(client, user.email) == 429


def test_the_pause_ends_by_itself_and_success_forgets(user: User, settings: DjangoSettings) -> None:
    client = Client()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, user.username, "wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - settings.AXES_COOLOFF_TIME)
    assert sign_in(client, user.username) == 302
    assert not AccessAttempt.objects.exists()


def test_no_password_is_written_down(user: User) -> None:
    sign_in(Client(), user.username, "a-secret-slip")
    assert "a-secret-slip" not in str(AccessAttempt.objects.values())


# --- sessions


def test_an_idle_session_ends(user: User, settings: DjangoSettings) -> None:
    client = Client()
    sign_in(client, user.username)
    assert client.get("/account/").status_code == 200
    session = client.session
    session[SEEN] = time.time() - settings.SESSION_IDLE_S - 1
    session.save()
    assert person_of(session.session_key) is None, "live streams end too"
    assert client.get("/account/").status_code == 302
    assert "较长时间没有操作" in client.get("/sign-in/").content.decode()


def test_one_session_or_all_others_are_ended(user: User) -> None:
    here, phone, other = Client(), Client(headers={"User-Agent": "Mozilla/5.0 (iPhone) Safari/604"}), Client()
    for client in (here, phone, other):
        sign_in(client, user.username)
    page = here.get("/account/sessions/").content.decode()
    assert "Safari · iPhone" in page
    one = page.split('name="session" value="')[1].split('"')[0]
    here.post("/account/sessions/", {"session": one})
    assert sorted(client.get("/account/").status_code for client in (phone, other)) == [200, 302]
    here.post("/account/sessions/")
    assert [client.get("/account/").status_code for client in (here, phone, other)] == [200, 302, 302]


def test_nobody_ends_anothers_session(user: User, world: World, signed_in: Callable[[User], Client]) -> None:
    victim = Client()
    sign_in(victim, user.username)
    stranger = signed_in(world.b.owner)
    for number in range(1, 5):
        stranger.post("/account/sessions/", {"session": number})
    assert victim.get("/account/").status_code == 200


def test_a_new_password_and_a_closed_account_end_sessions(user: User, world: World) -> None:
    here, other = Client(), Client()
    for client in (here, other):
        sign_in(client, user.username)
    new = "four-rather-unrelated-words"
    here.post("/account/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert [client.get("/account/").status_code for client in (here, other)] == [200, 302]
    workflows.hand_over(SYSTEM, user.pk, world.a.engineer.pk)
    assert here.get("/account/").status_code == 302
    assert "/account/inactive/" in Client().post("/sign-in/", {"login": user.username, "password": new}).headers.get(
        "Location", "/account/inactive/"
    )


def test_a_session_begun_by_an_invitation_is_listed_and_ends_for_good(world: World) -> None:
    scope = visible_to(world.a.owner)
    seat = Seat(Role.ENGINEER, enterprise=world.a.enterprise)
    made = workflows.invite(scope, workflows.NewInvitation(seat=seat, name="新同事"))
    client = Client()
    client.post(f"/invitation/{made.secret}/", {"username": "newcomer", "password": PASSWORD, "full_name": "新同事"})
    assert ">当前<" in client.get("/account/sessions/").content.decode()
    leaving = User.objects.get(username="newcomer")
    over = workflows.hand_over(scope, leaving.pk, world.a.owner.pk)
    assert client.get("/account/").status_code == 302
    workflows.undo_hand_over(scope, over)
    assert client.get("/account/").status_code == 302, "who comes back signs in anew"


# --- second factors


def test_a_second_factor_is_asked_for_and_recovery_codes_help_once(user: User) -> None:
    client = Client()
    sign_in(client, user.username)
    page = client.get("/account/second-factor/totp/activate/", follow=True)
    if "请再次输入密码" in page.content.decode():
        client.post("/account/confirm/?next=/account/second-factor/totp/activate/", {"password": PASSWORD})
        page = client.get("/account/second-factor/totp/activate/")
    secret = page.context["form"].secret
    done = client.post("/account/second-factor/totp/activate/", {"code": totp_code(secret)}, follow=True)
    codes = done.context["unused_codes"]
    assert len(codes) == 10
    again = client.get("/account/second-factor/recovery-codes/")
    assert not set(codes) & set(again.content.decode().split()), "shown once"
    fresh = Client()
    assert (
        fresh.post("/sign-in/", {"login": user.username, "password": PASSWORD})
        .headers["Location"]
        .startswith("/account/second-factor/authenticate/")
    )
    assert fresh.get("/account/").status_code == 302, "the password alone opens nothing"
    assert fresh.post("/account/second-factor/authenticate/", {"code": "000000"}).status_code == 200
    assert fresh.post("/account/second-factor/authenticate/", {"code": codes[0]}).status_code == 302
    assert fresh.get("/account/").status_code == 200
    third = Client()
    sign_in(third, user.username)
    assert third.post("/account/second-factor/authenticate/", {"code": codes[0]}).status_code == 200, "used up"


def test_some_roles_need_a_second_factor(
    world: World, settings: DjangoSettings, signed_in: Callable[[User], Client]
) -> None:
    settings.ZHULIAN_SECOND_FACTOR_ROLES = frozenset({"administrator"})
    client = signed_in(world.administrator)
    for path in ("/", "/people/", "/account/", "/nowhere/else/"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/account/second-factor/?needed=1") or (
            answer.status_code == 404
        )
    assert client.get("/account/second-factor/").status_code == 200
    assert client.get("/api/v1/areas").json()["code"] == "second_factor_missing"
    assert signed_in(world.bureau).get("/").status_code == 200
    TOTP.activate(world.administrator, "JBSWY3DPEHPK3PXP")
    assert client.get("/").status_code == 200


def test_anothers_passkey_does_not_exist(world: World, signed_in: Callable[[User], Client]) -> None:
    data = {"name": "键", "credential": {}}
    kept = Authenticator.objects.create(user=world.a.owner, type=Authenticator.Type.WEBAUTHN, data=data)
    client = signed_in(world.b.owner)
    for what in ("remove", "edit"):
        for answer in (
            client.get(f"/account/second-factor/webauthn/keys/{kept.pk}/{what}/"),
            client.post(f"/account/second-factor/webauthn/keys/{kept.pk}/{what}/", {"name": "x"}),
        ):
            assert answer.status_code in {302, 404}
    assert Authenticator.objects.get(pk=kept.pk).data == data


# --- deputies


def test_a_deputy_switches_and_every_page_says_so(world: World, signed_in: Callable[[User], Client]) -> None:
    now = timezone.now()
    scope = visible_to(world.a.owner)
    made = workflows.delegate(scope, world.a.owner.pk, world.a.engineer.pk, now, now + timedelta(days=1))
    client = signed_in(world.a.engineer)
    assert client.get("/people/").status_code == 403
    client.post("/account/act-for/", {"delegation": made})
    page = client.get("/people/")
    assert page.status_code == 200
    assert "您正在以" in page.content.decode()
    client.post("/account/act-for/")
    assert client.get("/people/").status_code == 403
    assert signed_in(world.b.engineer).post("/account/act-for/", {"delegation": made}).status_code == 404


def test_an_invitation_is_accepted_on_its_page(world: World, signed_in: Callable[[User], Client]) -> None:
    owner = signed_in(world.a.owner)
    shown = owner.post("/people/invite/", {"role": "engineer", "enterprise": world.a.enterprise, "name": "何工"})
    address = (
        shown.content.decode().split('id="link" class="z-pre">')[1].split("<")[0].removeprefix("http://127.0.0.1:8000")
    )
    assert address not in owner.get("/people/").content.decode(), "shown once"
    guest = Client()
    assert "Alderney Works" in guest.get(address).content.decode()
    weak = guest.post(address, {"full_name": "何工", "username": "hegong", "password": "123"})
    assert weak.status_code == 422
    assert 'value="hegong"' in weak.content.decode(), "nothing typed is lost"
    joined = guest.post(address, {"full_name": "何工", "username": "hegong", "password": PASSWORD})
    assert joined.headers["Location"] == "/"
    assert guest.get("/account/").status_code == 200
    assert "已经用过" in Client().get(address).content.decode()


def test_only_the_sample_city_names_its_accounts(world: World, settings: DjangoSettings, client: Client) -> None:
    file = settings.ZHULIAN.data.sample_city
    assert "演示账户" not in client.get("/sign-in/").content.decode()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('{"people": {"bureau": "bureau"}}', "utf-8")
    try:
        page = client.get("/sign-in/").content.decode()
    finally:
        file.unlink()
    assert "<code>bureau</code>" in page
    assert "市经信局" in page
