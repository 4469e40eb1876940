"""The admin in a browser: its lists and rows as staff use them; no script of its pages may fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import running
from tests.e2e.launch import PASSWORD

HREFS = "links => links.map(link => link.getAttribute('href'))"


@pytest.mark.slow
def test_lists_and_rows_are_worked_by_their_scripts(visit: Callable[..., Page], data_dir: Path) -> None:
    """Rows are counted as they are chosen; `visit` fails for whatever a page complains of."""
    running.manage(
        *(data_dir, "createsuperuser", "--noinput", "--email=root@example.org", "--display_name=Root"),
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )
    page = visit("root")
    # As a link or a sign-in leads there from a page of ours.
    page.evaluate("location.assign('/admin/')")
    page.wait_for_url("**/admin/")
    lists = page.locator("#content-main th[scope=row] a").evaluate_all(HREFS)
    assert "/admin/sessions_app/session/" in lists
    counted = 0
    for address in lists:
        page.goto(address)
        boxes = page.locator(".action-select")
        if boxes.count():
            boxes.first.check()
            expect(page.locator(".action-counter")).to_contain_text(f"1 of {boxes.count()} selected")
            counted += 1
        row = page.locator("#result_list th a").first
        if row.count():
            row.click()
            page.wait_for_url("**/change/**")
    assert counted
