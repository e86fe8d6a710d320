"""A form from the officer to the owner and back, in a real browser: on the desk and on the phone.

The bureau sends a form out; the owner fills it on a phone one question a page, leaves, comes back, is told of an answer
that cannot be right, checks and sends; the officer sees it, and one enterprise less is to be reminded.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from peers.browser import chromium, page_of
from peers.platform import Platform, running_platform

WORDS = "a-good-long-pass-phrase"
PEOPLE = f"""
from datetime import date
from zhulian.evidence.rules import of_enterprise
from zhulian.evidence.workflows import NewFact, state
from zhulian.organisations import workflows as w
from zhulian.organisations.rules import credit_check_character
from zhulian.organisations.tenancy import SYSTEM
from zhulian.vocabulary.roles import Role
for number, name in ((1, "试验厂"), (2, "另一家厂")):
    code = "91341502DEM00001" + str(number)
    firm = w.create_enterprise(SYSTEM, w.NewEnterprise(name=name, credit_code=code + credit_check_character(code),
        industry="C3130", district="341502"))
    user = ("wang", "zhao")[number - 1]
    w.create_user(SYSTEM, user, "{WORDS}", full_name=user)
    w.give_role(SYSTEM, user, Role.OWNER, enterprise=firm)
    if number == 1:
        state(SYSTEM, NewFact(subject=of_enterprise(firm), key="business.employees", value=118,
            period_end=date(2026, 1, 5), source="import:list"))
w.create_user(SYSTEM, "chen", "{WORDS}", full_name="陈经信")
w.give_role(SYSTEM, "chen", Role.BUREAU)
"""


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_a_form_from_the_officer_to_the_owner_and_back(tmp_path: Path, need_tool: Callable[[str], Path]) -> None:
    browser_path = str(need_tool("chromium"))
    with running_platform(tmp_path) as platform:
        platform.django(PEOPLE)
        with chromium(browser_path) as browser:
            officer, owner = page_of(browser), page_of(browser, width=390)
            sign_in(officer, platform, "chen")
            send_out(officer, platform)
            sign_in(owner, platform, "wang")
            fill_on_the_phone(owner, platform)
            officer.reload()
            expect(officer.get_by_text("2 家中 1 家已填报，1 家还没有")).to_be_visible()
            expect(officer.get_by_role("button", name="提醒 1 家未填报的")).to_be_visible()


def sign_in(page: Page, platform: Platform, name: str) -> None:
    page.goto(f"{platform.url}/sign-in/")
    page.get_by_label("用户名或邮箱").fill(name)
    page.get_by_label("密码", exact=True).fill(WORDS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_url(lambda url: "sign-in" not in url)


def send_out(page: Page, platform: Platform) -> None:
    page.goto(f"{platform.url}/reporting/new/")
    page.get_by_label("标题").fill("三季度摸底")
    page.get_by_label("联系人和电话").fill("陈经信 0564-0000000")
    page.get_by_role("button", name="发出", exact=True).click()
    expect(page.get_by_text("2 家中 0 家已填报，2 家还没有")).to_be_visible()


def fill_on_the_phone(page: Page, platform: Platform) -> None:
    """The first question is known and only confirmed; in the middle the phone is put away."""
    page.goto(f"{platform.url}/desk/")
    page.get_by_role("link", name="填报：三季度摸底").click()
    page.get_by_role("link", name="去办理").click()
    page.get_by_role("link", name="开始填写").click()
    expect(page.get_by_text("118 人")).to_be_visible()
    page.get_by_text("对，就是这个").click()
    page.get_by_role("button", name="下一题").click()
    number = page.get_by_role("textbox", name="在用的生产设备一共有多少台？")
    number.fill("四十来台")
    page.get_by_role("button", name="下一题").click()
    expect(page.get_by_text("不是数字")).to_be_visible()
    expect(number).to_have_value("四十来台")
    page.get_by_role("link", name="以后再填").click()
    page.get_by_role("link", name="填报：三季度摸底").click()
    page.get_by_role("link", name="去办理").click()
    page.get_by_role("link", name="继续填写").click()
    expect(number).to_have_value("四十来台")
    number.fill("40")
    page.get_by_role("button", name="下一题").click()
    page.get_by_role("textbox", name="其中带数控").fill("25")
    page.get_by_role("button", name="下一题").click()
    for answer in ("没有信息系统", "正在考虑", "是"):
        page.get_by_text(answer, exact=True).click()
        page.get_by_role("button", name="下一题").click()
    page.get_by_text("否", exact=True).click()
    page.get_by_role("button", name="去核对").click()
    expect(page.get_by_role("heading", name="提交前核对")).to_be_visible()
    page.get_by_role("button", name="确认无误，提交").click()
    expect(page.get_by_text("回执编号 TB-")).to_be_visible()
    page.goto(f"{platform.url}/desk/")
    expect(page.get_by_role("heading", name="没有待办")).to_be_visible()
