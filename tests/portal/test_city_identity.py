"""Signing in with the city's identity service, against an OpenID Connect provider that others wrote."""

from collections.abc import Iterator
from typing import Any

import oidc_provider_mock
import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from pytest_django import Settings as DjangoSettings

from peers.records import World
from zhulian.organisations import workflows
from zhulian.organisations.models import User
from zhulian.organisations.tenancy import visible_to
from zhulian.organisations.workflows import NewInvitation
from zhulian.organisations.workflows.events import Seat
from zhulian.portal.city_identity_setting import providers
from zhulian.portal.headers import policy
from zhulian.vocabulary.roles import Role
from zhulian.vocabulary.settings import read_settings

# The provider is the one that calls what its own library is about to give up.
pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """The provider, in a thread of its own."""
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture(autouse=True)
def switched_on(service: str, settings: DjangoSettings) -> None:
    environ = {
        "ZHULIAN_OIDC_ISSUER": service,
        "ZHULIAN_OIDC_CLIENT_ID": "zhulian",
        "ZHULIAN_OIDC_CLIENT_SECRET": "a-secret",
    }
    settings.ZHULIAN = read_settings(environ)
    settings.SOCIALACCOUNT_PROVIDERS = providers(settings.ZHULIAN)


def comes_back(service: str, client: Client, subject: str, **claims: Any) -> Any:
    """Press the button, sign in over there as ``subject``, and follow the way back."""
    requests.put(f"{service}/users/{subject}", json=claims, timeout=100).raise_for_status()
    there = client.post("/sign-in/oidc/city/login/").headers["Location"]
    assert there.startswith(service)
    back = requests.post(there, data={"sub": subject}, allow_redirects=False, timeout=100).headers["Location"]
    return client.get(back.removeprefix("http://testserver"))


def test_the_button_stands_on_the_sign_in_page_only_when_it_is_on(db: None, settings: DjangoSettings) -> None:
    assert "统一身份认证" in Client().get("/sign-in/").content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "统一身份认证" not in Client().get("/sign-in/").content.decode()
    assert Client().post("/sign-in/oidc/city/login/").status_code == 404


def test_the_browser_may_follow_the_button_to_the_service(service: str, db: None) -> None:
    """``form-action`` holds for redirects too: without the service in it, the button does nothing in a browser."""
    assert Client().get("/sign-in/").headers["Content-Security-Policy"].endswith(f"form-action 'self' {service}")
    assert policy("").endswith("form-action 'self'")
    assert policy("https://id.example/realms/city/").endswith("form-action 'self' https://id.example")


def test_a_known_account_is_opened_by_its_verified_address(service: str, world: World) -> None:
    User.objects.filter(pk=world.a.owner.pk).update(email="wang@example.com")
    client = Client()
    answer = comes_back(service, client, "subject-1", email="Wang@example.com", email_verified=True)
    assert answer.status_code == 302
    assert client.get("/account/").context["request"].user == world.a.owner
    User.objects.filter(pk=world.a.owner.pk).update(email="new@example.com")
    again = Client()
    comes_back(service, again, "subject-1", email="moved@example.com", email_verified=True)
    assert again.get("/account/").status_code == 200, "known by subject from now on"


def test_an_invitation_at_the_address_is_taken_up(service: str, world: World) -> None:
    seat = Seat(Role.ENGINEER, enterprise=world.a.enterprise)
    workflows.invite(visible_to(world.a.owner), NewInvitation(seat, "何工", "he@example.com"))
    client = Client()
    comes_back(service, client, "subject-2", email="he@example.com", email_verified=True)
    user = client.get("/account/").context["request"].user
    assert visible_to(user).configures == {world.a.enterprise}
    assert not user.has_usable_password()


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "stranger@example.com", "email_verified": True},
        {"email": "wang@example.com", "email_verified": False},
        {},
    ],
)
def test_everybody_else_gets_a_clear_page(service: str, world: World, claims: dict[str, object]) -> None:
    User.objects.filter(pk=world.a.owner.pk).update(email="wang@example.com")
    before = User.objects.count()
    client = Client()
    answer = comes_back(service, client, f"subject-{len(claims)}-{claims.get('email_verified')}", **claims)
    assert answer.status_code == 403
    assert "还没有与之对应的账号" in answer.content.decode()
    assert client.get("/account/").status_code == 302
    assert (User.objects.count(), SocialAccount.objects.count()) == (before, 0)


def test_a_closed_account_stays_closed(service: str, world: World) -> None:
    User.objects.filter(pk=world.a.owner.pk).update(email="wang@example.com", is_active=False)
    client = Client()
    comes_back(service, client, "subject-closed", email="wang@example.com", email_verified=True)
    assert client.get("/account/").status_code == 302
