"""A compressor runs hot, in a real browser: a rule from a template, an alarm before one's eyes, and what is kept of it.

Portal, telemetry and jobs are real processes. An engineer takes a template, confirms its limit, and leaves the list
open; a reading passes the limit, the alarm appears without a reload, is acknowledged with name and note, shelved,
returns to normal, and stands in the history and in the Excel file with the same words.
"""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from peers.browser import chromium, page_of
from peers.platform import Platform, running_platform, wait_until
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.readings import PointId, Reading, TenantId
from zhulian.wire import lane
from zhulian.wire.batch import encode, from_readings
from zhulian.wire.credentials import issue_token, load_or_create_key

WIDTHS = {1440: "1# 空压机", 390: "2# 空压机"}
"""A machine for each, so that neither journey meets the other's rule."""
KNOWN = """
from zhulian.organisations import workflows as w
from zhulian.organisations.models import Point
from zhulian.organisations.rules import credit_check_character
from zhulian.organisations.tenancy import SYSTEM
from zhulian.vocabulary.roles import Role
from zhulian.wire.configuration import DeviceConfig, PointConfig
code = "91341502DEM000019"
firm = w.create_enterprise(SYSTEM, w.NewEnterprise(name="试验厂", credit_code=code + credit_check_character(code),
    industry="C3130", district="341502"))
w.create_user(SYSTEM, "gong", "a-good-long-pass-phrase", full_name="李工")
w.give_role(SYSTEM, "gong", Role.ENGINEER, enterprise=firm)
gateway = w.create_gateway(SYSTEM, firm, "网关")
for name in ("1# 空压机", "2# 空压机"):
    device = DeviceConfig(name=name, protocol="modbus_tcp", address="192.0.2.10:502", options={"unit": 1},
        points=(PointConfig(name="排气温度", address="holding:0", type="uint16", unit="℃"),))
    w.save_machine(SYSTEM, w.MachineDraft(gateway, device, "空压站", "空压机", ""), lambda gateway, version: None)
for point in Point.objects.order_by("pk").select_related("machine"):
    print(firm, gateway, point.machine_id, point.pk)
"""


@dataclass
class Thermometer:
    """Sends what a compressor's thermometer reads, as its gateway does."""

    platform: Platform
    tenant: int
    gateway: int
    machine: int
    point: int
    sent: int = 0

    def reads(self, celsius: float) -> None:
        """One reading of now; returns once it is durable."""
        now_us, self.sent = system_clock(), self.sent + 1
        key = load_or_create_key(self.platform.folder / "data/keys/platform.pem")
        headers = {
            "Authorization": f"Bearer {issue_token(key, self.gateway, TenantId(self.tenant), now_us)}",
            "Content-Type": lane.CONTENT_TYPE, lane.H_EPOCH: f"life-{self.point}", lane.H_SENT: str(now_us),
            lane.H_FIRST: str(self.sent), lane.H_LAST: str(self.sent),
        }  # fmt: skip
        body = encode(from_readings([Reading(PointId(self.point), now_us, celsius)]))
        address = f"http://127.0.0.1:{self.platform.ingest_port}{lane.BATCHES}"
        assert urllib3.request("POST", address, body=body, headers=headers).status == 200

    def rules(self) -> int:
        """How many rules the engine judges."""
        return int(json.loads(self.platform.ask_store("/alarms/standing"))["rules"])


@pytest.fixture(scope="module")
def compressors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Thermometer]]:
    """By width of the screen; the whole platform runs."""
    with ExitStack() as stack:
        platform = stack.enter_context(running_platform(tmp_path_factory.mktemp("alarms")))
        lines = [map(int, line.split()) for line in platform.django(KNOWN).splitlines()]
        jobs = platform.part("jobs", "jobs")
        stack.callback(jobs.stop)
        jobs.start()
        yield {
            width: Thermometer(platform, firm, gateway, machine, point)
            for width, (firm, gateway, machine, point) in zip(WIDTHS, lines, strict=True)
        }


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("width", WIDTHS)
def test_an_alarm_from_its_template_to_the_file(
    compressors: dict[int, Thermometer], need_tool: Callable[[str], Path], width: int
) -> None:
    hot = compressors[width]
    with chromium(str(need_tool("chromium"))) as browser:
        page, faults = page_of(browser, width=width), []
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        sign_in(page, hot.platform.url)
        write_rule(page, hot)
        see_it_come(page, hot, width)
        see_it_go(page, deal_with_it(page), hot)
        look_back(page, hot, width)
        assert not faults


def sign_in(page: Page, url: str) -> None:
    page.goto(url)
    page.locator("input[name=login]").fill("gong")
    page.locator("input[name=password]").fill("a-good-long-pass-phrase")
    page.keyboard.press("Enter")
    expect(page.locator("#search")).to_be_visible()


def write_rule(page: Page, hot: Thermometer) -> None:
    """From the machine's page, by the template for compressors; without the tick nothing is saved."""
    before = hot.rules()
    page.goto(f"{hot.platform.url}/machines/{hot.machine}/")
    page.get_by_role("link", name="按模板新建").click()
    page.get_by_role("link", name="排气温度高").click()
    expect(page.locator("[name=limit]")).to_have_value("105")
    page.locator("[name=on_delay_s]").fill("0")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("[name=confirmed]:invalid")).to_have_count(1)
    page.locator("[name=confirmed]").check()
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("main")).to_contain_text("已保存，几秒内生效。")
    wait_until(lambda: hot.rules() == before + 1, 150, "the engine has the rule")


def see_it_come(page: Page, hot: Thermometer, width: int) -> None:
    """In the list that stands open; nothing is loaded anew but the list."""
    page.goto(f"{hot.platform.url}/alarms/?state=active")
    expect(page.locator("#alarm-lines")).to_contain_text("没有符合条件的报警")
    page.evaluate("window.stayed = true")
    hot.reads(90.0)
    hot.reads(110.0)
    expect(page.get_by_role("link", name="排气温度高")).to_be_visible()
    expect(page.locator("[data-alarm-count]")).to_have_text("1")
    expect(page.locator("#alarm-sentence")).to_contain_text("1 个正在持续的报警没有人确认")
    assert page.evaluate("window.stayed")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def deal_with_it(page: Page) -> Page:
    """A colleague has the same page open, and sees it without loading it anew."""
    page.get_by_role("link", name="排气温度高").click()
    expect(page.locator("[data-chart]")).to_have_attribute("data-drawn", "chart")
    other = page.context.new_page()
    other.goto(page.url)
    other.evaluate("window.stayed = true")
    other.get_by_text("搁置这条规则的报警…").click()
    other.locator("[name=reason]").fill("还在写")
    page.locator("[name=note]").fill("冷却水阀没开")
    page.get_by_role("button", name="确认：我看到了").click()
    expect(other.locator("#alarm-now")).to_contain_text("冷却水阀没开")
    expect(other.get_by_role("button", name="确认：我看到了")).to_have_count(0)
    expect(other.locator("[name=reason]")).to_have_value("还在写")
    expect(page.locator("dl")).to_contain_text("李工")
    expect(page.locator("dl")).to_contain_text("冷却水阀没开")
    page.get_by_text("搁置这条规则的报警…").click()
    page.locator("[name=reason]").fill("阀门已报修")
    page.get_by_role("button", name="搁置", exact=True).click()
    expect(page.locator("dl")).to_contain_text("搁置至")
    expect(other.get_by_role("button", name="取消搁置")).to_be_visible()
    return other


def see_it_go(page: Page, other: Page, hot: Thermometer) -> None:
    page.goto(f"{hot.platform.url}/alarms/?state=shelved")
    expect(page.get_by_role("link", name="排气温度高")).to_be_visible()
    expect(page.locator("[data-alarm-count]")).to_be_hidden()
    expect(other.locator("#alarm-now")).to_contain_text("还没有恢复")
    hot.reads(90.0)
    expect(page.locator("#alarm-lines")).to_contain_text("没有符合条件的报警")
    expect(other.locator("#alarm-now")).not_to_contain_text("还没有恢复")
    expect(other.locator("#alarm-standing")).to_contain_text("已恢复")
    assert other.evaluate("window.stayed")
    other.close()


def look_back(page: Page, hot: Thermometer, width: int) -> None:
    """The history, and the file with the same row."""
    page.goto(f"{hot.platform.url}/alarms/?state=all&machine={hot.machine}")
    rows = page.locator("#alarm-lines tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("李工")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Excel").first.click()
    sheet = load_workbook(io.BytesIO(waiting.value.path().read_bytes()), read_only=True).worksheets[0]
    kept = [row for row in sheet.iter_rows(values_only=True) if "排气温度高" in row]
    assert len(kept) == 1
    assert {WIDTHS[width], "李工", "冷却水阀没开", "已恢复", 110} <= set(kept[0])
