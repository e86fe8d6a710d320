"""From a figure of the enterprise's file to where it comes from, in a real browser: a machine, a paper, a person."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from peers.browser import chromium, page_of
from peers.platform import Platform, wait_until

WORDS = "a-good-long-pass-phrase"
KNOWN = """
from datetime import date, timedelta
from django.conf import settings
from django.utils import timezone
from peers import papers
from zhulian.evidence import workflows as e
from zhulian.evidence.rules import EvidenceClass, of_enterprise
from zhulian.organisations import workflows as w
from zhulian.organisations.models import Point
from zhulian.organisations.rules import credit_check_character
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.organisations.models import User
from zhulian.vocabulary.roles import Role
from zhulian.wire.configuration import DeviceConfig, PointConfig
code = "91341502DEM000019"
firm = w.create_enterprise(SYSTEM, w.NewEnterprise(name="试验厂", credit_code=code + credit_check_character(code),
    industry="C3130", district="341502"))
w.create_user(SYSTEM, "wang", WORDS, full_name="王总")
w.give_role(SYSTEM, "wang", Role.OWNER, enterprise=firm)
gateway = w.create_gateway(SYSTEM, firm, "网关")
device = DeviceConfig(name="总进线电表", protocol="modbus_tcp", address="192.0.2.10:502", options={"unit": 1},
    points=(PointConfig(name="有功功率", address="40001", type="uint16", unit="kW"),))
draft = w.MachineDraft(gateway, device, "变电所", "电表", "铭牌")
machine = w.save_machine(SYSTEM, draft, lambda gateway, version: None)
point = Point.objects.get(machine=machine)
owner, day, about = visible_to(User.objects.get(username="wang")), timezone.localdate(), of_enterprise(firm)
e.state(SYSTEM, e.NewFact(subject=about, key="machines.networked_share", value=0.25, period_end=day,
    evidence_class=EvidenceClass.A, source="collector:machines", details={
        "method_zh": "联网 1 台 ÷ 登记 4 台。", "method_en": "1 networked of 4.", "readings": 86_400, "coverage": 0.98,
        "machines": [{"machine": machine, "name": "总进线电表", "points": [point.pk], "point_names": ["有功功率"],
            "readings": 86_400, "value": 1.0}]}))
given = e.NewDocument(enterprise=firm, kind="invoice", name="云服务发票.jpg", invoice_number="25340000000000000001",
    amount_fen=19_000_000, issued_on=day - timedelta(days=300))
paper = e.add_document(owner, settings.ZHULIAN.data.files, given, [papers.jpeg(papers.photo(3))])
year = day.year - 1
e.state(owner, e.NewFact(subject=about, key="cloud.spend_paid", value=19_000_000, evidence_class=EvidenceClass.B,
    document=paper, period_start=date(year, 1, 1), period_end=date(year, 12, 31)))
e.state(owner, e.NewFact(subject=about, key="business.employees", value=342, period_end=day, note="含劳务派遣"))
"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The portal by itself: what machines gave is a fact by now."""
    platform = Platform(tmp_path_factory.mktemp("origin"))
    platform.environment["PYTHONPATH"] = f"{platform.environment.get('PYTHONPATH', '')}:{Path(__file__).parents[1]}"
    platform.django(f"WORDS = {WORDS!r}\n{KNOWN}")
    platform.web.start()
    wait_until(lambda: platform.answers(f"{platform.url}/health"), 150, "the portal is ready")
    yield platform
    platform.web.stop()


@pytest.fixture(scope="module")
def browser(need_tool: Callable[[str], Path]) -> Iterator[Browser]:
    with chromium(str(need_tool("chromium"))) as browser:
        yield browser


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("width", [1440, 390])
def test_a_figure_leads_to_its_origin(portal: Platform, browser: Browser, width: int) -> None:
    page = page_of(browser, width=width)
    page.goto(f"{portal.url}/sign-in/")
    page.get_by_label("用户名或邮箱").fill("wang")
    page.get_by_label("密码", exact=True).fill(WORDS)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda address: "/sign-in/" not in address)

    chain = opened(page, portal, "设备联网率", "25")
    expect(chain.get_by_text("86,400 条读数")).to_be_visible()
    chain.get_by_role("link", name="总进线电表").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("总进线电表")

    chain = opened(page, portal, "上云实付金额", "19.00")
    expect(chain.get_by_text("25340000000000000001")).to_be_visible()
    chain.get_by_role("link", name="云服务发票.jpg").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("云服务发票.jpg")

    chain = opened(page, portal, "从业人数", "342")
    expect(chain.get_by_text("王总").first).to_be_visible()
    expect(chain.get_by_text("含劳务派遣", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing scrolls sideways"
    chain.get_by_role("link", name="试验厂").click()
    page.wait_for_url(f"{portal.url}/enterprises/1/facts/")


def opened(page: Page, portal: Platform, label: str, value: str) -> Locator:
    """The origin beside the file, once the figure of the file has been chosen."""
    page.goto(f"{portal.url}/enterprises/1/")
    figure = page.locator("a.z-figure", has_text=label)
    expect(figure).to_contain_text(value)
    figure.click()
    beside = page.get_by_role("dialog")
    expect(beside).to_contain_text(value)
    return beside
