"""One panel alone, and the feed of agents' reports."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from sessions_app import clock
from sessions_app.panels import PANELS
from sessions_app.panels.reports import REPORTS_A_PAGE
from tests.doing import NINE, nothing_changes, report
from tests.views.conftest import HTMX, PANEL_IDS, World, browse


def test_the_panels_are_the_ones_the_page_shows() -> None:
    assert set(PANELS) == set(PANEL_IDS)


def tidy(html: str) -> str:
    """Without what differs from answer to answer: white space and the forms' tokens."""
    return " ".join(re.sub(r'(name="csrfmiddlewaretoken"\s+value=")\w+', r"\1", html).split())


@pytest.mark.parametrize("name", PANEL_IDS)
def test_a_panel_alone_is_the_same_as_on_the_page(world: World, name: str) -> None:
    """One partial: they cannot drift apart. Reading it alone changes nothing."""
    world.item("Lamp")
    world.message("Hello")
    world.question("Which?")
    world.blocker("Unknown")
    browser = browse(world.cast.bob)
    with clock.at(NINE):
        page = browser.get(world.path("project")).text
        with nothing_changes():
            alone = browser.get(world.path("panel", name=name), headers=HTMX)
    assert alone.status_code == 200
    assert "<html" not in alone.text
    assert tidy(alone.text) in tidy(page)


@pytest.mark.parametrize("name", ["", "x", "_refresh", "../stats", "stats.html", "__class__"])
def test_there_is_no_other_panel(world: World, name: str) -> None:
    path = world.path("panel", name="stats").replace("stats", name)
    assert browse(world.cast.bob).get(path).status_code == 404


def test_the_feed_shows_what_agents_sent_and_what_became_of_it(world: World) -> None:
    report(world.cast, "GapDetectionAgent", {"gaps": ["Height <unknown>", "Colour"]})
    report(world.cast, "AnyOtherAgent", {"note": "just so"})
    page = browse(world.cast.vera).get(world.path("agents"))
    assert [row.became for row in page.context["reports"]] == ["", "2 blockers"]
    assert "Height &lt;unknown&gt;" in page.text


def test_the_feed_is_read_a_page_at_a_time(world: World) -> None:
    """Each report is on one page, also where two came in the same moment."""
    for number in range(REPORTS_A_PAGE + 6):
        with clock.at(NINE + dt.timedelta(minutes=number // 4)):
            report(world.cast, "Counter", {"number": number})
    browser, seen, query = browse(world.cast.vera), [], {}
    while query is not None:
        page = browser.get(world.path("agents"), query)
        seen += [row.details_text for row in page.context["reports"]]
        query = {"older": page.context["older"]} if page.context["older"] else None
    assert len(seen) == len(set(seen)) == REPORTS_A_PAGE + 6
