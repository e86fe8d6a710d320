"""What was odd at 03:10, in a real browser: points found by initials, laid over each other, zoomed into and shared.

The figures come from memory, so that the journey is about the page: what it asks for, and what it shows of the answer.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from peers.browser import LONGEST_MS, chromium, page_of
from peers.platform import Platform, wait_until

WORDS = "a-good-long-pass-phrase"
KNOWN = """
from zhulian.organisations import workflows as w
from zhulian.organisations.rules import credit_check_character
from zhulian.organisations.tenancy import SYSTEM
from zhulian.vocabulary.roles import Role
from zhulian.wire.configuration import DeviceConfig, PointConfig
for number, (firm, people) in enumerate([("试验厂", ["li", "wang"]), ("隔壁厂", ["zhao"])]):
    code = f"91341502DEM0002{number:02d}"
    made = w.create_enterprise(SYSTEM, w.NewEnterprise(name=firm, credit_code=code + credit_check_character(code),
        industry="C3130", district="341502"))
    for name in people:
        w.create_user(SYSTEM, name, "a-good-long-pass-phrase", full_name=name)
        w.give_role(SYSTEM, name, Role.ENGINEER, enterprise=made)
    gateway = w.create_gateway(SYSTEM, made, "网关")
    for machine in ("总进线电表", "空压站电表"):
        points = tuple(PointConfig(name=name, address=f"holding:{at}", type="uint16", unit=unit)
            for at, (name, unit) in enumerate([("有功功率", "kW"), ("机体温度", "°C"), ("运行", "")]))
        device = DeviceConfig(name=machine, protocol="modbus_tcp", address="192.0.2.10:502", options={"unit": 1},
            points=points)
        w.save_machine(SYSTEM, w.MachineDraft(gateway, device, "变电所", "电表", ""), lambda gateway, version: None)
"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The portal alone; the browser answers for telemetry."""
    platform = Platform(tmp_path_factory.mktemp("exploring"))
    platform.django(KNOWN)
    platform.web.start()
    try:
        wait_until(lambda: platform.answers(f"{platform.url}/health"), 150, "the portal is ready")
        yield platform
    finally:
        platform.web.stop()


class Figures:
    """Answers for telemetry: a value each 600th of what is asked for; remembers every question."""

    def __init__(self, page: Page) -> None:
        self.asked: list[tuple[int, int, int]] = []
        page.route("**/explore/points/*.json*", self.answer)
        page.route("**/live/points/*", lambda route: route.fulfill(status=204))

    def answer(self, route: Route) -> None:
        address = urlparse(route.request.url)
        point = int(address.path.rsplit("/", 1)[1].removesuffix(".json"))
        start, end = (int(parse_qs(address.query)[name][0]) for name in ("start", "end"))
        self.asked.append((point, start, end))
        width = max(1, (end - start) // 600)
        rows = [[at, 100 + point, 90, 110, 5] for at in range(start, end, width)]
        route.fulfill(json={
            "point": point, "start": start, "end": end, "bucket_s": width / 1000, "source": "raw", "gap_s": width / 400,
            "total": 3000, "last": end, "coverage": 1.0, "rows": rows, "doubtful": [],
        })  # fmt: skip


def signed_in(browser: Browser, portal: Platform, who: str, width: int) -> tuple[Page, Figures, list[str]]:
    page, faults = page_of(browser, width=width), []
    figures = Figures(page)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(portal.url)
    page.locator("input[name=login]").fill(who)
    page.locator("input[name=password]").fill(WORDS)
    page.keyboard.press("Enter")
    expect(page.locator("#search")).to_be_visible()
    return page, figures, faults


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("width", [1440, 390])
def test_two_points_are_laid_over_each_other_and_shared(
    portal: Platform, need_tool: Callable[[str], Path], width: int
) -> None:
    with chromium(str(need_tool("chromium"))) as browser:
        page, figures, faults = signed_in(browser, portal, "li", width)
        page.goto(f"{portal.url}/explore/")
        choose(page, "yggl", width)
        page.locator("[data-mode=overlay]").click()
        expect(page.locator("[data-picture]")).to_have_attribute("data-drawn", "chart")
        expect(page.locator("[data-row]")).to_have_count(2)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        zoom(page, figures)
        compare(page, figures)
        address = page.evaluate("location.href")
        assert "m=overlay" in address
        assert "c=7d" in address
        assert "from=" in address
        assert not faults
        colleague, _, _ = signed_in(browser, portal, "wang", width)
        colleague.goto(address)
        expect(colleague.locator("[data-row]")).to_have_count(2)
        expect(colleague.locator("[data-mode=overlay]")).to_have_attribute("aria-pressed", "true")
        stranger, asked, _ = signed_in(browser, portal, "zhao", width)
        stranger.goto(address)
        expect(stranger.locator("main")).to_contain_text("还有 2 个点位不在您的权限范围内")
        expect(stranger.locator("[data-row]")).to_have_count(0)
        assert not asked.asked


def choose(page: Page, initials: str, width: int) -> None:
    """By pinyin initials; on the phone in the sheet."""
    if width < 1024:
        page.locator("[data-open-picker]").click()
    page.locator("#find-point").press_sequentially(initials, delay=20)
    options = page.locator("[data-found] [data-add]")
    expect(options).to_have_count(2)
    for at in (0, 1):
        options.nth(at).click()
        expect(options.nth(at)).to_have_attribute("aria-pressed", "true")
    if width < 1024:
        page.locator("[data-close-picker]").click()


def zoom(page: Page, figures: Figures) -> None:
    """Asks for the visible range of the visible points, and for nothing else."""
    page.wait_for_function("document.querySelector('[data-from]').value")
    wait_for_question(page, figures, 0, lambda _start, _end: len({point for point, *_ in figures.asked}) == 2)
    page.locator("[data-row]").nth(1).locator("[data-hide]").click()
    before, shown = len(figures.asked), figures.asked[0]
    page.locator("[data-picture]").focus()
    for _ in range(6):
        page.keyboard.press("+")
    wait_for_question(page, figures, before, lambda start, end: end - start < (shown[2] - shown[1]) / 3)
    finer = figures.asked[before:]
    assert {point for point, _start, _end in finer} == {shown[0]}
    for _point, start, end in finer:
        assert shown[1] <= start < end <= shown[2]
    page.locator("[data-row]").nth(1).locator("[data-hide]").click()
    page.locator("[data-picture]").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("[data-row] [data-value]").first).to_contain_text(f"{100 + shown[0]}")


def compare(page: Page, figures: Figures) -> None:
    """The same range a week before, with the difference."""
    before, latest = len(figures.asked), max(end for _point, _start, end in figures.asked)
    page.locator("[data-compare]").select_option("7d")
    wait_for_question(page, figures, before, lambda start, _end: latest - start > 7 * 86_400_000)
    expect(page.locator("[data-row] [data-before]").first).to_contain_text("(")


def wait_for_question(page: Page, figures: Figures, before: int, is_wanted: Callable[[int, int], bool]) -> None:
    """Lets the browser run until it has asked for such a range: a slow one asks between two keys, and after them."""
    deadline = time.monotonic() + LONGEST_MS / 1000
    while not any(is_wanted(start, end) for _point, start, end in figures.asked[before:]):
        assert time.monotonic() < deadline, figures.asked[before:]
        page.wait_for_timeout(50)


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("width", [1440, 390])
def test_a_dashboard_is_built_and_comes_alive(portal: Platform, need_tool: Callable[[str], Path], width: int) -> None:
    with chromium(str(need_tool("chromium"))) as browser:
        page, _figures, faults = signed_in(browser, portal, "li", width)
        news = 'retry: 60000\n\ndata: [{"point": 1, "time_us": %d, "value": 77.25, "quality": 0}]\n\n'
        page.unroute("**/live/points/*")
        page.route(
            "**/live/points/*",
            lambda route: route.fulfill(content_type="text/event-stream", body=news % (time.time_ns() // 1_000)),
        )
        page.goto(f"{portal.url}/boards/")
        page.locator("#b-name").fill(f"夜班 {width}")
        page.locator("main form button.btn-primary").click()
        page.wait_for_url("**/boards/*/?edit=1")
        page.locator("[data-add-kinds] [data-kind=number]").click()
        page.locator("[data-found] [data-add]").first.click()
        expect(page.locator("[data-chosen]")).to_have_text("1 / 1")
        page.locator("#tile-title").fill("总功率")
        page.locator("[data-tile-form] button").click()
        tile = page.locator("[data-tile]")
        expect(tile).to_have_count(1)
        expect(tile.locator("h2")).to_have_text("总功率")
        expect(tile.locator("b")).to_have_text("77.25")
        tile.locator("[data-act=move]").focus()
        page.keyboard.press("Shift+ArrowRight")
        expect(tile).to_have_css("--w", "4")
        page.locator("[data-undo]").click()
        expect(tile).to_have_css("--w", "3")
        page.locator("[data-save]").click()
        expect(page.locator("[data-saved]")).to_have_text("已保存")
        page.reload()
        expect(page.locator("[data-tile] b")).to_have_text("77.25")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert not faults
