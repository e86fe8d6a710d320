"""Debian's Chromium through Playwright, in Chinese and in Shanghai's time, for journeys and page tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect, sync_playwright

LONGEST_MS = 60_000
"""How long a busy machine may take over anything; what comes sooner is taken at once."""

_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium(executable: str) -> Iterator[Browser]:
    """A browser without a window."""
    expect.set_options(timeout=LONGEST_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, headless=True, args=list(_QUIET))
        yield browser
        browser.close()


def page_of(browser: Browser, *, width: int = 1440, language: str = "zh-CN") -> Page:
    """A fresh page with nobody signed in."""
    context = browser.new_context(
        locale=language,
        timezone_id="Asia/Shanghai",
        viewport={"width": width, "height": 900},
        accept_downloads=True,
    )
    context.set_default_timeout(LONGEST_MS)
    return context.new_page()
