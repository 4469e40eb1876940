"""A real Chromium against the real product: `manage.py demo` in its own process and data folder."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    StorageState,
    expect,
    sync_playwright,
)

from tests import running
from tests.e2e.launch import CHROMIUM, FLAGS, PATIENCE_MS, sign_in
from tests.prepared import install

# Where the next page comes before the last one's transition has ended, Chromium gives that one up and says
# so as an error ("aborted" as well as "skipped", by how far it had come). Nobody sees anything of it.
GIVEN_UP = re.compile(r"^(\w+Error: )?(View )?transition was (aborted|skipped)", re.IGNORECASE)
# What Chromium and HTMX note when a test takes the network away.
FAULTS = (
    "net::ERR_",
    "WebSocket",
    "htmx:ws:error",
    "htmx:error",
    "status of 5",
    "status of 401",
    "status of 403",
    "status of 404",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)
            if CHROMIUM is None:
                item.add_marker(
                    pytest.mark.skip(reason="no chromium found: install Debian's, or set CHROMIUM")
                )


@pytest.fixture(scope="session")
def data_dir() -> Iterator[Path]:
    """The data folder of the demo: other processes of the product may use it beside the server."""
    folder = Path(tempfile.mkdtemp(prefix="leftoff-e2e-"))
    folder.chmod(0o755)
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def site(data_dir: Path) -> Iterator[str]:
    """The address of a freshly told demo."""
    install(data_dir)
    # Webhooks may go to a receiver of the tests' own, on this machine.
    more = {"WEBHOOK_ALLOW_PRIVATE": "1", "EMBEDDED_POSTGRES_FAST_UNSAFE": "1"}
    with running.serving(data_dir, "demo", **more) as base:
        yield base


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for this folder: while Playwright runs, Django refuses synchronous database work."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def cookies() -> dict[str, StorageState]:
    """Who signed in already: once is enough for all tests that do not end a sign-in."""
    return {}


@pytest.fixture
def visit(chromium: Browser, site: str, cookies: dict[str, StorageState]) -> Iterator[Callable[..., Page]]:
    """`visit("ann")` signs Ann in and returns her page; nothing may complain in its console.

    `anew=True` is a sign-in of its own, which the test may end; with `faults=True` Chromium may note
    that the network failed.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(who: str, *, anew: bool = False, faults: bool = False, **options: object) -> Page:
        known = None if anew else cookies.get(who)
        context = chromium.new_context(
            base_url=site, storage_state=known, **{"viewport": {"width": 1280, "height": 900}} | options
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "pageerror", lambda error: None if GIVEN_UP.match(str(error)) else complaints.append(str(error))
        )
        page.on("console", lambda said: complaints.append(said.text) if _complains(said, faults) else None)
        if known is None:
            sign_in(page, who)
            if not anew:
                cookies[who] = context.storage_state()
        else:
            page.goto("/")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


def _complains(said: ConsoleMessage, faults: bool) -> bool:
    """Chromium itself notes every refusal of ours as an error; those are asked for here."""
    expected = ("status of 422", "status of 409", *(FAULTS if faults else ()))
    return said.type == "error" and not any(words in said.text for words in expected)
