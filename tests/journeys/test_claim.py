"""Claiming a file in a real browser, on the desk and on the phone.

A person without an enterprise finds the firm by its code, sees what is known, and hands the licence in. The officer of
the district has a task, looks, and confirms or refuses with a reason. The claimant is told, and keeps the file.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from peers.browser import chromium, page_of
from peers.papers import jpeg, photo
from peers.platform import Platform, wait_until
from zhulian.organisations.rules import credit_check_character

WORDS = "a-good-long-pass-phrase"
WIDTHS = (1440, 390)
PEOPLE = """
from zhulian.organisations import workflows as w
from zhulian.organisations.tenancy import SYSTEM
from zhulian.vocabulary.roles import Role
for name, code in FIRMS.items():
    known = {"employees": 118, "legal_representative": "马力"}
    new = w.NewEnterprise(name=name, credit_code=code, industry="C3130", district="341502", more=known)
    w.create_enterprise(SYSTEM, new)
for name in CLAIMANTS:
    w.create_user(SYSTEM, name, WORDS, full_name="马力")
w.create_user(SYSTEM, "zhou", WORDS, full_name="周金安")
w.give_role(SYSTEM, "zhou", Role.COUNTY, place="341502")
"""


def code_of(name: str, width: int) -> str:
    """A right credit code of a firm that does not exist."""
    first = f"91341502DEM{width:05d}{'0' if name == '待认' else '1'}"
    return first + credit_check_character(first)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The portal by itself; nothing here needs readings."""
    platform = Platform(tmp_path_factory.mktemp("claim"))
    firms = {f"{name}{width}厂": code_of(name, width) for name in ("待认", "拒认") for width in WIDTHS}
    claimants = [f"ma{width}" for width in WIDTHS]
    platform.django(f"FIRMS, CLAIMANTS, WORDS = {firms!r}, {claimants!r}, {WORDS!r}\n{PEOPLE}")
    platform.web.start()
    wait_until(lambda: platform.answers(f"{platform.url}/health"), 150, "the portal is ready")
    yield platform
    platform.web.stop()


@pytest.fixture(scope="module")
def browser(need_tool: Callable[[str], Path]) -> Iterator[Browser]:
    with chromium(str(need_tool("chromium"))) as browser:
        yield browser


@pytest.fixture(scope="module")
def licence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("licence") / "营业执照.jpg"
    file.write_bytes(jpeg(photo(7)))
    return file


def sign_in(page: Page, portal: Platform, name: str) -> None:
    page.goto(f"{portal.url}/sign-in/")
    page.get_by_label("用户名或邮箱").fill(name)
    page.get_by_label("密码", exact=True).fill(WORDS)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda address: "/sign-in/" not in address)


def hand_in(page: Page, portal: Platform, code: str, licence: Path) -> None:
    """From the page of somebody without a role to a claim that waits."""
    page.goto(portal.url)
    page.get_by_role("link", name="认领企业").last.click()
    page.get_by_label("统一社会信用代码").fill(code.lower())
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_text("项，认领后可见，不用重复填写")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("118", use_inner_text=True)
    page.get_by_label("您的职务").fill("总经理")
    page.get_by_label("联系电话").fill("0564-0000000")
    page.get_by_label("营业执照").set_input_files(licence)
    page.get_by_role("button", name="提交认领").click()
    expect(page.get_by_text("等待金安区核对")).to_be_visible()
    fits(page)


def open_task(page: Page, portal: Platform, firm: str) -> None:
    """The officer's list of tasks, the task, and the licence beside what the file says."""
    page.goto(f"{portal.url}/desk/")
    page.get_by_role("link", name=f"核对认领：{firm}").click()
    page.get_by_role("link", name="去办理").click()
    picture = page.get_by_role("img", name="上传的营业执照")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 800
    expect(page.get_by_text("总经理")).to_be_visible()
    fits(page)


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing scrolls sideways"


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_file_is_claimed(portal: Platform, browser: Browser, licence: Path, width: int) -> None:
    claimant, officer = page_of(browser, width=width), page_of(browser, width=width)
    sign_in(claimant, portal, f"ma{width}")
    sign_in(officer, portal, "zhou")
    refused, mine = f"拒认{width}厂", f"待认{width}厂"
    hand_in(claimant, portal, code_of("拒认", width), licence)
    open_task(officer, portal, refused)
    officer.get_by_role("button", name="退回").click()
    expect(officer.get_by_role("alert")).to_be_visible()
    officer.get_by_label("理由").fill("执照照片看不清名称")
    officer.get_by_role("button", name="退回").click()
    expect(officer.get_by_text("已退回，申请人会看到理由")).to_be_visible()
    read_message(claimant, portal, f"认领未通过：{refused}", "执照照片看不清名称")

    hand_in(claimant, portal, code_of("待认", width), licence)
    open_task(officer, portal, mine)
    officer.get_by_role("button", name="确认，交给申请人管理").click()
    expect(officer.get_by_text("已确认，申请人现在是该企业的企业主")).to_be_visible()
    officer.goto(f"{portal.url}/desk/")
    expect(officer.get_by_text(f"核对认领：{mine}")).to_have_count(0)
    read_message(claimant, portal, f"认领已确认：{mine}", "您现在可以维护这家企业的档案")
    claimant.get_by_role("link", name="查看", exact=True).click()
    expect(claimant.get_by_role("heading", level=1)).to_contain_text(mine)
    expect(claimant.get_by_text("118 人")).to_be_visible()
    expect(claimant.get_by_role("link", name="修改资料")).to_be_visible()
    fits(claimant)


def read_message(page: Page, portal: Platform, title: str, words: str) -> None:
    page.goto(f"{portal.url}/desk/messages/")
    page.get_by_role("link", name=title).click()
    expect(page.get_by_text(words)).to_be_visible()
    fits(page)
