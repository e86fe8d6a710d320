"""People in a real browser: invite a colleague, who accepts; hand over; second factors; a passkey.

Only the portal runs. The authenticator app is computed here (RFC 6238), the passkey is Chromium's virtual one.
"""

import base64
import hashlib
import hmac
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from peers.browser import chromium, page_of
from peers.platform import Platform, wait_until

PASSWORD = "a-good-long-pass-phrase"
PEOPLE = """
from zhulian.organisations import workflows as w
from zhulian.organisations.rules import credit_check_character
from zhulian.organisations.tenancy import SYSTEM
from zhulian.vocabulary.roles import Role
code = "91341502DEM000019"
firm = w.create_enterprise(SYSTEM, w.NewEnterprise(name="试验厂", credit_code=code + credit_check_character(code),
    industry="C3130", district="341502"))
w.create_user(SYSTEM, "zong", "a-good-long-pass-phrase", full_name="王总")
w.give_role(SYSTEM, "zong", Role.OWNER, enterprise=firm)
"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The portal by itself; nothing here needs readings."""
    platform = Platform(tmp_path_factory.mktemp("people"))
    # A passkey belongs to a name, and a bare address is none.
    platform.url = f"http://localhost:{platform.web_port}"
    platform.environment["ZHULIAN_PUBLIC_URL"] = platform.url
    platform.django(PEOPLE)
    platform.web.start()
    wait_until(lambda: platform.answers(f"http://127.0.0.1:{platform.web_port}/health"), 150, "the portal is ready")
    yield platform
    platform.web.stop()


@pytest.fixture(scope="module")
def browser(need_tool: Callable[[str], Path]) -> Iterator[Browser]:
    with chromium(str(need_tool("chromium"))) as browser:
        yield browser


def sign_in(page: Page, portal: Platform, name: str) -> None:
    page.goto(f"{portal.url}/sign-in/")
    page.get_by_label("用户名或邮箱").fill(name)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda address: "/sign-in/" not in address)


def totp(secret: str) -> str:
    """Six digits of RFC 6238 for this moment."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret + "=" * (-len(secret) % 8)), counter, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def invite(page: Page, portal: Platform, name: str) -> str:
    """The owner makes a link; returns it."""
    page.goto(f"{portal.url}/people/")
    page.get_by_role("link", name="邀请同事").last.click()
    page.get_by_text("工程师", exact=True).click()
    page.get_by_role("button", name="继续").click()
    page.get_by_label("姓名").fill(name)
    page.get_by_role("button", name="生成邀请链接").click()
    return page.locator("#link").inner_text()


def accept(page: Page, link: str, username: str) -> None:
    page.goto(link)
    expect(page.get_by_text("试验厂")).to_be_visible()
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="开通账号").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("试验厂")


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("width", [1440, 390])
def test_a_colleague_is_invited_and_hands_over(portal: Platform, browser: Browser, width: int) -> None:
    owner, guest = page_of(browser, width=width), page_of(browser, width=width)
    sign_in(owner, portal, "zong")
    link = invite(owner, portal, f"何工{width}")
    accept(guest, link, f"he{width}")
    page_of(browser).goto(link)
    owner.goto(f"{portal.url}/people/")
    owner.get_by_role("link", name=f"何工{width}").click()
    owner.get_by_role("link", name="离开，交接").click()
    owner.get_by_label("接任的人").select_option(label="王总")
    owner.get_by_role("button", name="交接并停用").click()
    expect(owner.get_by_text("的全部事项已交接，账号已停用")).to_be_visible()
    guest.reload()
    expect(guest.get_by_role("button", name="登录", exact=True)).to_be_visible()
    owner.get_by_role("button", name="撤销交接").first.click()
    expect(owner.get_by_text("交接已撤销")).to_be_visible()
    expect(owner.get_by_role("link", name=f"何工{width}")).to_be_visible()
    assert owner.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing scrolls sideways"
    sign_in(guest, portal, f"he{width}")
    expect(guest.get_by_role("heading", level=1)).to_contain_text("试验厂")


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_an_authenticator_app_guards_the_account(portal: Platform, browser: Browser) -> None:
    owner = page_of(browser)
    sign_in(owner, portal, "zong")
    page = page_of(browser)
    accept(page, invite(owner, portal, "周工"), "zhou")
    page.goto(f"{portal.url}/account/second-factor/")
    page.get_by_role("link", name="设置验证器").click()
    confirm(page, page.locator("#totp-secret"))
    secret = page.locator("#totp-secret").inner_text()
    page.get_by_label("验证器上的 6 位数").fill(totp(secret))
    page.get_by_role("button", name="启用验证器").click()
    expect(page.locator("#codes")).to_be_visible()
    codes = page.locator("#codes").inner_text().split()
    fresh = page_of(browser)
    sign_in(fresh, portal, "zhou")
    fresh.get_by_label("验证码或恢复码").fill(codes[0])
    fresh.get_by_role("button", name="登录", exact=True).click()
    expect(fresh.get_by_role("heading", level=1)).to_contain_text("试验厂")


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_a_passkey_replaces_the_password(portal: Platform, browser: Browser) -> None:
    owner = page_of(browser)
    sign_in(owner, portal, "zong")
    page = page_of(browser)
    virtual_authenticator(page)
    accept(page, invite(owner, portal, "吴工"), "wu")
    page.goto(f"{portal.url}/account/second-factor/webauthn/add/")
    confirm(page, page.get_by_role("heading", name="添加通行密钥", level=1))
    page.wait_for_load_state()  # the button does nothing before its script is there
    page.get_by_role("button", name="添加", exact=True).click()
    expect(page.locator("#codes")).to_be_visible()
    page.goto(f"{portal.url}/account/")
    page.get_by_role("button", name="退出登录").last.click()
    page.wait_for_url("**/sign-in/")
    page.goto(f"{portal.url}/sign-in/")
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("试验厂")


def confirm(page: Page, wanted: Locator) -> None:
    """Before something important the password is asked for again, unless it was typed a moment ago."""
    question = page.get_by_role("heading", name="请再次输入密码")
    expect(question.or_(wanted)).to_be_visible()
    if question.is_visible():
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="继续").click()
    expect(wanted).to_be_visible()


def virtual_authenticator(page: Page) -> None:
    """A platform authenticator with a finger that is always there."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
