"""What is left of a sign-in in the browser once it has ended: nothing to read, and nothing that is lost."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.doing import LIBRARY, open_project
from tests.e2e.launch import PASSWORD

SIGN_IN = re.compile(r"/account/login/")


def sign_out(page: Page) -> None:
    page.locator("#user-menu > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_the_back_button_shows_nothing_after_signing_out(visit: Callable[..., Page]) -> None:
    """Case L03: no page is kept, neither by the browser's cache nor as it stood."""
    page = open_project(visit("jonas", anew=True, faults=True))
    project = page.url
    page.goto(f"{project}sessions/")
    page.go_back()
    expect(page.locator("#chat-title")).to_be_visible()
    sign_out(page)
    for _ in range(2):
        page.go_back()
        expect(page).to_have_url(SIGN_IN)
        expect(page.get_by_text(LIBRARY)).to_have_count(0)
    page.goto(project)
    expect(page).to_have_url(SIGN_IN)


def test_a_page_of_an_earlier_sign_in_heals_by_a_reload(visit: Callable[..., Page]) -> None:
    """Case L07: its form is refused and says why, what was typed is shown, and the page goes on."""
    old = visit("mina", anew=True, faults=True, java_script_enabled=False)
    old.get_by_role("link", name=LIBRARY).first.click()
    old.locator("#composer-text").fill("Written before the other tab signed in again")
    other = old.context.new_page()
    other.goto("/")
    sign_out(other)
    other.fill("[name=login]", "mina@example.org")
    other.fill("[name=password]", PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("link", name=LIBRARY).first).to_be_visible()

    old.get_by_title("Send").click()
    expect(old.locator("main")).to_contain_text("This page is older than your sign-in. Reload it")
    expect(old.get_by_role("textbox")).to_have_value("Written before the other tab signed in again")
    old.get_by_role("link", name="Go back to where you were").click()
    expect(old.locator("#messages")).not_to_contain_text("Written before the other tab")
    old.locator("#composer-text").fill("Written after it")
    old.get_by_title("Send").click()
    expect(old.locator("#messages")).to_contain_text("Written after it")
