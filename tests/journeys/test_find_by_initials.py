"""Finding an enterprise by the initials of its name, in a real browser: by keyboard on a desk, by touch on a phone.

An officer types a few letters, the suggestions say what fits, and the enterprise's page opens; a slip is forgiven, and
what is out of sight is not suggested.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from peers.browser import chromium, page_of
from peers.platform import Platform, wait_until

PEOPLE = """
from zhulian.organisations import workflows as w
from zhulian.organisations.rules import credit_check_character
from zhulian.organisations.tenancy import SYSTEM
from zhulian.vocabulary.roles import Role
for number, (name, place) in enumerate([("六安金安轴承制造有限公司", "341502"), ("霍邱铁基新材有限公司", "341522"),
                                        ("六安京安纺织有限公司", "341522")]):
    code = f"91341502DEM0001{number:02d}"
    w.create_enterprise(SYSTEM, w.NewEnterprise(name, code + credit_check_character(code), "C3451", place))
w.create_user(SYSTEM, "county", "a-good-long-pass-phrase", full_name="金安区")
w.give_role(SYSTEM, "county", Role.COUNTY, place="341502")
"""
NAME = "六安金安轴承制造有限公司"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The portal alone: finding needs no telemetry."""
    platform = Platform(tmp_path_factory.mktemp("finding"))
    platform.django(PEOPLE)
    platform.web.start()
    try:
        wait_until(lambda: platform.answers(f"{platform.url}/health"), 150, "the portal is ready")
        yield platform
    finally:
        platform.web.stop()


def signed_in(browser: Browser, portal: Platform, width: int) -> Page:
    page = page_of(browser, width=width)
    page.goto(portal.url)
    page.locator("input[name=login]").fill("county")
    page.locator("input[name=password]").fill("a-good-long-pass-phrase")
    page.keyboard.press("Enter")
    expect(page.locator("#search")).to_be_visible()
    return page


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("width", [1440, 390])
def test_an_enterprise_is_found_by_its_initials(portal: Platform, need_tool: Callable[[str], Path], width: int) -> None:
    with chromium(str(need_tool("chromium"))) as browser:
        page = signed_in(browser, portal, width)
        field, options = page.locator("#search"), page.locator("#search-options [role=option]")
        field.press_sequentially("lajazc", delay=30)
        expect(options.first).to_contain_text(NAME)
        expect(page.locator("#search-options")).not_to_contain_text("京安")
        expect(field).to_have_attribute("aria-expanded", "true")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width > 640:
            page.keyboard.press("ArrowDown")
            expect(options.first).to_have_attribute("aria-selected", "true")
            expect(field).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "")
            page.keyboard.press("Enter")
        else:
            options.first.click()
        expect(page.locator("h1")).to_contain_text(NAME)
        every_stop_is_marked(page)
        slip(page)


def every_stop_is_marked(page: Page) -> None:
    """Whoever goes by keyboard sees where they are, on links, buttons and tabs alike."""
    page.locator("#page").focus()
    for _ in range(8):
        page.keyboard.press("Tab")
        ring = page.evaluate("getComputedStyle(document.activeElement).boxShadow")
        assert ring != "none", page.evaluate("document.activeElement.outerHTML")


def slip(page: Page) -> None:
    """The results' page, with a wrong letter; Escape closes the suggestions first."""
    field = page.locator("#search")
    field.fill("jinanzhouchemg")
    expect(page.locator("#search-options [role=option]").first).to_contain_text(NAME)
    page.keyboard.press("Escape")
    expect(page.locator("#search-options")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
    expect(page.locator("main")).to_contain_text(NAME)
    expect(page.locator("main")).to_contain_text("没有完全一致的")
    expect(page.locator("main")).to_contain_text("本市另有 2 家企业")
