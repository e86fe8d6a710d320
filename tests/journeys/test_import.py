"""An officer brings a list in, in a real browser, on the desk and on the phone.

Upload, look at the columns, mend one cell on the preview, commit, find the enterprises, take all of it back.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from peers.browser import chromium, page_of
from peers.enterprise_lists import enterprise_rows, enterprise_workbook
from peers.platform import Platform, running_platform

WORDS = "a-good-long-pass-phrase"
PEOPLE = f"""
from zhulian.organisations import workflows as w
from zhulian.organisations.tenancy import SYSTEM
from zhulian.vocabulary.roles import Role
w.create_user(SYSTEM, "chen", "{WORDS}", full_name="陈经信")
w.give_role(SYSTEM, "chen", Role.BUREAU)
"""


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_a_list_goes_in_and_comes_out_again(tmp_path: Path, need_tool: Callable[[str], Path]) -> None:
    browser_path = str(need_tool("chromium"))
    rows = enterprise_rows(30)
    rows[7][2] = "9134150"
    file = tmp_path / "规上企业名单.xlsx"
    file.write_bytes(enterprise_workbook(rows))
    right = str(enterprise_rows(8)[7][2])
    with running_platform(tmp_path) as platform:
        platform.django(PEOPLE)
        with chromium(browser_path) as browser:
            for width in (1440, 390):
                page = page_of(browser, width=width)
                sign_in(page, platform)
                upload(page, platform, file)
                mend(page, right)
                commit_and_undo(page, platform)
                page.context.close()


def sign_in(page: Page, platform: Platform) -> None:
    page.goto(f"{platform.url}/sign-in/")
    page.get_by_label("用户名或邮箱").fill("chen")
    page.get_by_label("密码", exact=True).fill(WORDS)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


def upload(page: Page, platform: Platform, file: Path) -> None:
    page.goto(f"{platform.url}/imports/")
    page.get_by_role("link", name="导入企业").click()
    page.get_by_label("表格文件").set_input_files(file)
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_text("30 行，29 行可以导入，1 行有误")).to_be_visible()
    page.get_by_text("列的对应：14 列中认出 12 列").click()
    expect(page.get_by_label("统一社会信用代码").first).to_have_value("credit_code")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "only the table scrolls sideways"


def mend(page: Page, right: str) -> None:
    """The faulty cell is coloured and is a field; once it is right, nothing is faulty any more."""
    cell = page.locator("td.z-cell-fault input")
    expect(cell).to_have_value("9134150")
    reasons = page.get_by_text("应为 18 位")
    expect(reasons).to_have_count(2)  # beside the row's number and in the cell
    expect(reasons.first).to_be_visible()
    cell.fill(right)
    page.locator("tr", has=cell).get_by_role("button", name="保存").click()
    expect(page.get_by_text("30 行，30 行可以导入，0 行有误")).to_be_visible()


def commit_and_undo(page: Page, platform: Platform) -> None:
    run = page.url.split("?")[0]
    page.get_by_role("button", name="导入 30 行").click()
    expect(page.get_by_text("新增 30 条，更新 0 条 · 已导入")).to_be_visible()
    page.get_by_role("link", name="看企业列表").click()
    expect(page.get_by_role("link", name=re.compile("示例企业00007"))).to_be_visible()
    page.goto(run)
    page.get_by_role("button", name="撤销这次导入").click()
    expect(page.get_by_text("已撤销，库里恢复到导入之前。")).to_be_visible()
    page.goto(f"{platform.url}/enterprises/?q=示例企业")
    expect(page.get_by_role("link", name=re.compile("示例企业0"))).to_have_count(0)
