"""What a first visit costs, in bytes and in what it waits for; how long it takes is a benchmark."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.e2e.loading import PHONE, blocking, first_load

MOST_BYTES = 100_000


def test_a_first_visit_to_a_project_is_light(visit: Callable[..., Page]) -> None:
    page = visit("ann", viewport=PHONE)
    project = page.get_by_role("link", name="Neighbourhood").first.get_attribute("href")
    assert project
    sizes = first_load(page, project)
    assert sum(sizes.values()) <= MOST_BYTES, sizes
    # The page, its styles, three scripts and a picture: nothing comes in pieces.
    assert len(sizes) <= 6, sizes
    assert all(".css" in address for address in blocking(page)), blocking(page)
