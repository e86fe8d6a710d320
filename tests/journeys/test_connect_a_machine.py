"""The main job, in a real browser: an engineer connects a Modbus machine and sees it.

The machine is served by an independent server (Debian's libmodbus), the gateway is a real process, the page is shown by
Chromium: sign in, add a gateway, enrol it with its code, try a wrong address and read the cause, correct it, save,
watch the value change without a reload, see the chart, download Excel and open it.
"""

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, Route, expect

from peers import modbus_server
from peers.browser import chromium, page_of
from peers.platform import Part, Platform, running_platform, wait_until

PEOPLE = """
from zhulian.organisations import workflows as w
from zhulian.organisations.rules import credit_check_character
from zhulian.organisations.tenancy import SYSTEM as mayor
from zhulian.vocabulary.roles import Role
code = "91341502DEM000019"
firm = w.create_enterprise(mayor, w.NewEnterprise(name="试验厂", credit_code=code + credit_check_character(code),
    industry="C3130", district="341502"))
w.create_user(mayor, "gong", "a-good-long-pass-phrase", full_name="李工")
w.give_role(mayor, "gong", Role.ENGINEER, enterprise=firm)
"""
POINTS = "名称\t地址\t类型\t单位\n运行秒数\tholding:0\tuint32\ts\n温度\tholding:2\tfloat32\t°C"
WRONG = "名称\t地址\t类型\t单位\n温度\tholding:9000\tfloat32\t°C"


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_engineer_connects_a_machine(tmp_path: Path, need_tool: Callable[[str], Path]) -> None:
    browser_path = str(need_tool("chromium"))
    with modbus_server.serving(registers=200) as port, running_platform(tmp_path, is_new=True) as platform:
        platform.django(PEOPLE)
        with chromium(browser_path) as browser:
            page = page_of(browser)
            sign_in(page, platform)
            gateway = add_gateway(page, platform, tmp_path)
            try:
                connect(page, platform, f"127.0.0.1:{port}")
                watch(page)
                be_early(page)
                export(page)
            finally:
                gateway.stop()


def sign_in(page: Page, platform: Platform) -> None:
    page.goto(platform.url)
    page.get_by_label("用户名或邮箱").fill("gong")
    page.get_by_label("密码", exact=True).fill("a-good-long-pass-phrase")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("试验厂")


def add_gateway(page: Page, platform: Platform, folder: Path) -> Part:
    """Add a gateway on the page, then do on the factory's computer what the page says."""
    page.goto(f"{platform.url}/gateways/")
    page.get_by_label("名称").fill("东车间网关")
    page.get_by_role("button", name="添加并生成登记码").click()
    file = folder / "gateway.toml"
    file.write_text(page.locator("#config").inner_text(), encoding="utf-8")
    for command in page.locator("#enrol").inner_text().splitlines():
        gateway = platform.part("edge", *command.replace("gateway.toml", str(file)).split()[1:])
        gateway.start()
        if " enrol " in command:
            assert gateway.process is not None
            assert gateway.process.wait(150) == 0
    wait_until(lambda: '"connected":true' in platform.ask_store("/gateways"), 150, "the gateway is connected")
    return gateway


def connect(page: Page, platform: Platform, address: str) -> None:
    page.goto(f"{platform.url}/connect/")
    page.get_by_text("Modbus TCP").first.click()
    page.get_by_label("设备名称").fill("试验电表")
    page.get_by_label("地址", exact=True).fill(address)
    page.get_by_label("点表", exact=True).fill(WRONG)
    page.get_by_role("button", name="试读一次").click()
    expect(page.locator("#sample")).to_contain_text("非法地址")
    page.get_by_label("点表", exact=True).fill(POINTS)
    page.get_by_role("button", name="试读一次").click()
    expect(page.locator("#sample")).to_contain_text("21.5")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("试验电表")


def watch(page: Page) -> None:
    """The value changes on the open page, and the chart has a line."""
    seconds = page.locator("tr", has_text="运行秒数").locator("[data-number]")
    expect(seconds).not_to_have_text("—")
    first = seconds.inner_text()
    expect(seconds).not_to_have_text(first)
    page.reload()
    expect(page.locator("[data-chart] svg path").first).to_be_attached()


def be_early(page: Page) -> None:
    """A chart that was asked before anything was stored, or while the line was cut, asks again by itself."""
    early = [Route.abort, partial(Route.fulfill, json={"empty": "还没有"})]
    page.route("**/series.json*", lambda route: early.pop()(route) if early else route.continue_())
    page.reload()
    expect(page.locator("[data-chart] svg path").first).to_be_attached()
    assert not early


def export(page: Page) -> None:
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Excel").first.click()
    book = load_workbook(io.BytesIO(waiting.value.path().read_bytes()), read_only=True)
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row]
    assert 21.5 in cells
    assert any("试验电表" in str(cell) for cell in cells)
