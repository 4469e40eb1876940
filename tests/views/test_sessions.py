"""One's session on its pages: loading a page resumes it, "done for now" ends it, the history tells it."""

from __future__ import annotations

import datetime as dt

from django.test import Client

from sessions_app import clock
from sessions_app.models import Session, User
from sessions_app.panels.history import SESSIONS_A_PAGE
from tests.doing import NINE, every
from tests.views.conftest import HTMX, World, browse


def sessions_of(world: World, who: User) -> list[Session]:
    return every(Session, world.cast, user_id=who.id)


def test_loading_the_page_starts_a_session_and_a_reload_resumes_it(world: World) -> None:
    """A second tab and a second browser are the same visit."""
    for browser in (browse(world.cast.ann), browse(world.cast.ann)):
        for _ in range(2):
            browser.get(world.path("project"))
    [session] = sessions_of(world, world.cast.ann)
    assert session.is_active
    assert sessions_of(world, world.cast.bob) == []


def test_coming_back_after_half_an_hour_is_a_new_session(world: World) -> None:
    """The one before ended at its last activity, not when one came back."""
    browser = browse(world.cast.ann)
    for minutes in (0, 29, 58, 58 + 31):
        with clock.at(NINE + dt.timedelta(minutes=minutes)):
            page = browser.get(world.path("project")).text
    first, second = sessions_of(world, world.cast.ann)
    assert (first.is_active, first.session_end) == (False, NINE + dt.timedelta(minutes=58))
    assert second.is_active
    assert "31 minutes ago" in page


def test_done_for_now_ends_the_session(world: World) -> None:
    """It leads to the projects list and says goodbye; doing it again starts and ends nothing odd."""
    browser = browse(world.cast.vera)
    browser.get(world.path("project"))
    page = browser.post(world.path("session_end"), follow=True)
    assert page.redirect_chain == [("/", 302)]
    assert "See you. We will tell you where you left off." in page.text
    assert not any(session.is_active for session in sessions_of(world, world.cast.vera))
    assert browser.post(world.path("session_end")).status_code == 302


def test_by_htmx_the_whole_page_goes_to_the_list(world: World) -> None:
    """The list would not fit into a panel."""
    response = browse(world.cast.vera).post(world.path("session_end"), headers=HTMX)
    assert (response.status_code, response.headers["HX-Redirect"], response.content) == (200, "/", b"")


def test_looking_around_elsewhere_is_no_session(world: World) -> None:
    browser = browse(world.cast.ann)
    for name in ("sessions", "agents", "project_settings", "project_decided", "messages"):
        assert browser.get(world.path(name)).status_code == 200
    assert browser.get(world.path("panel", name="stats")).status_code == 200
    assert sessions_of(world, world.cast.ann) == []


def test_the_history_shows_all_to_owners_and_ones_own_to_others(world: World) -> None:
    cast = world.cast
    for who in (cast.ann, cast.bob, cast.vera):
        browse(who).get(world.path("project"))

    def seen(who: User) -> list[str]:
        return [row.who for row in browse(who).get(world.path("sessions")).context["sessions"]]

    assert seen(cast.ann) == ["Vera", "Bob", "Ann"]
    assert seen(cast.bob) == ["Bob"]
    assert seen(cast.vera) == ["Vera"]


def test_the_history_is_read_a_page_at_a_time(world: World) -> None:
    """Each session is on one page, whatever the clock did between them."""
    browser: Client = browse(world.cast.ann)
    for number in range(SESSIONS_A_PAGE + 2):
        # Two of each start at the same moment: the place on the page needs more than the time.
        with clock.at(NINE + dt.timedelta(hours=number // 2)):
            browser.get(world.path("project"))
            browser.post(world.path("session_end"))
    seen, query = [], {}
    while query is not None:
        page = browser.get(world.path("sessions"), query)
        seen += [row.id for row in page.context["sessions"]]
        query = {"older": page.context["older"]} if page.context["older"] else None
    assert len(seen) == len(set(seen)) == len(every(Session, world.cast)) > SESSIONS_A_PAGE
