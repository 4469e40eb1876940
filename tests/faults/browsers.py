"""A real Chromium, for what only a person at a page can see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.e2e.launch import CHROMIUM, FLAGS, PATIENCE_MS
from tests.faults.product import Person

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium found: install Debian's, or set CHROMIUM"
)


@contextmanager
def browsing(person: Person, port: int = 0) -> Iterator[Page]:
    """The person's browser, signed in, by way of a port of this machine; nothing is open in it yet.

    It ends with the block: while Playwright runs, no other loop may run in this thread.
    """
    base = f"http://127.0.0.1:{port or person.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(base_url=base, viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies(
            [{"name": key, "value": text, "url": base} for key, text in person.cookies.items()]
        )
        yield context.new_page()
        browser.close()
