"""A real Chromium against the real product: `manage.py demo` in its own process and data folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests import running

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
# The browser looks for nothing outside this machine.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "come back soon"
# A busy machine of two cores; a page that is this late is broken.
PATIENCE_MS = 15_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)
            if CHROMIUM is None:
                item.add_marker(
                    pytest.mark.skip(reason="no chromium found: install Debian's, or set CHROMIUM")
                )


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of a freshly told demo."""
    folder = Path(tempfile.mkdtemp(prefix="leftoff-e2e-"))
    folder.chmod(0o755)
    with running.serving(folder / "data", "demo") as base:
        yield base
    shutil.rmtree(folder)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for this folder: while Playwright runs, Django refuses synchronous database work."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """`visit("ann")` signs Ann in and returns her page; nothing may complain in its console."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(who: str, **options: object) -> Page:
        context = chromium.new_context(
            base_url=site, **{"viewport": {"width": 1280, "height": 900}} | options
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if _complains(said) else None)
        page.goto("/account/login/")
        page.fill("[name=login]", f"{who}@example.org")
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


def _complains(said: ConsoleMessage) -> bool:
    """Chromium itself notes every refusal of ours as an error; those are asked for here."""
    return said.type == "error" and "status of 422" not in said.text
