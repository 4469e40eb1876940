"""Lists in the settings that are long: a page at a time, and one finds a member by name."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

from sessions_app import clock
from sessions_app.db.rls import acting_as_system
from sessions_app.panels.paging import place
from sessions_app.services import agent_tokens, members
from sessions_app.views import long_lists, settings
from tests.doing import DAY, NINE
from tests.views.conftest import HTMX, World, browse

COUNT = 7
ROW = re.compile(r'<p class="strong">\s*<bdi>(\w+)')
MORE = re.compile(r'hx-get="([^"]+)"')


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ROWS_SHOWN", 2)
    monkeypatch.setattr(long_lists, "ROWS_A_PAGE", 3)


def many_members(world: World) -> None:
    for number in range(COUNT - 3):
        world.member(f"Member{number}")


def many_invitations(world: World) -> None:
    for number in range(COUNT):
        with acting_as_system([world.cast.project.id]):
            members.invite(
                world.cast.project.id, world.cast.ann, role="viewer", email=f"m{number}@example.org"
            )


def many_tokens(world: World) -> None:
    """All made at one moment."""
    for number in range(COUNT):
        with acting_as_system([world.cast.project.id]), clock.at(NINE):
            agent_tokens.create_agent_token(
                world.cast.project.id, world.cast.ann, name=f"Token{number}", agent_type=f"Agent{number}"
            )


@pytest.mark.parametrize(
    ("make", "part"),
    [(many_members, "members"), (many_invitations, "invite"), (many_tokens, "agent-tokens")],
)
def test_more_of_a_list_is_shown_on_demand(world: World, make: Callable[[World], None], part: str) -> None:
    """Everything once, whether it comes into the page or one goes to the pages of the list."""
    make(world)
    browser = browse(world.cast.ann)
    page = browser.get(world.path("project_settings")).text
    section = page.partition(f'id="{part}"')[2].partition("</section>")[0]
    here, found = section, ROW.findall(section)
    assert len(found) == 2
    if part != "invite":
        assert f'<span class="count">{COUNT}</span>' in section
    while more := MORE.search(here):
        address = html.unescape(more[1])
        here = browser.get(address, headers=HTMX).text
        assert "<html" not in here
        assert html.escape(address.partition("after=")[2][:10]) in here
        whole = browser.get(address)
        assert ROW.findall(whole.text) == ROW.findall(here)
        found += ROW.findall(here)
    assert len(found) == len(set(found)) == COUNT


def test_a_member_is_found_by_name_or_address(world: World) -> None:
    many_members(world)
    browser, page = browse(world.cast.vera), world.path("members")
    assert ROW.findall(browser.get(page, {"q": "MEMBER2"}).text) == ["Member2"]
    assert ROW.findall(browser.get(page, {"q": world.cast.bob.email}).text) == ["Bob"]
    assert "Nobody of that name" in browser.get(page, {"q": "%"}).text
    beyond = browser.get(page, {"after": place(clock.now() + DAY, world.cast.bob.id)}).text
    assert ("There are no more" in beyond, "Nobody of that name" in beyond) == (True, False)
    more = MORE.search(browser.get(page, {"q": "member"}).text)
    assert more
    assert ROW.findall(browser.get(html.unescape(more[1]), headers=HTMX).text) == ["Member3"]


@pytest.mark.parametrize("name", ["members", "invitations", "agent_tokens"])
def test_a_cursor_that_is_none_is_refused(world: World, name: str) -> None:
    for cursor in ("x", "2026-03-02~", "2026-03-02T09:00:00+00:00~x"):
        answer = browse(world.cast.ann).get(world.path(name), {"after": cursor})
        assert (answer.status_code, "After must be" in answer.text) == (422, True)


def test_ended_tokens_have_pages_too(world: World) -> None:
    many_tokens(world)
    browser, page = browse(world.cast.ann), world.path("agent_tokens")
    token = browser.get(page).context["tokens"].rows[0]
    browser.post(world.path("agent_token_revoke", token_id=token.id))
    assert ROW.findall(browser.get(page, {"state": "ended"}).text) == [token.name]
    assert token.name not in ROW.findall(browser.get(page).text)
    assert browser.get(page, {"state": "lost"}).status_code == 422


def test_a_verb_leads_back_to_the_list_it_stood_in(world: World) -> None:
    """And nowhere else: what else a browser says that it comes from is not followed."""
    browser, page = browse(world.cast.ann), world.path("members")
    role = world.path("member_role", user_id=world.cast.bob.id)
    for came_from, leads_to in (
        (f"http://localhost{page}?q=bob", f"{page}?q=bob"),
        ("http://elsewhere.example/", world.path("project_settings")),
    ):
        answer = browser.post(role, {"role": "viewer"}, headers={"referer": came_from, "host": "localhost"})
        assert answer.headers["Location"] == leads_to


def test_a_verb_leads_to_no_other_list(world: World) -> None:
    """An invitation that was just made stands in the settings, at the address of the invitations."""
    browser, page = browse(world.cast.ann), world.path("invitations")
    assert browser.post(page, {"role": "viewer"}).status_code == 200
    headers = {"referer": f"http://localhost{page}", "host": "localhost"}
    hand_over = world.path("member_hand_over", user_id=world.cast.bob.id)
    answer = browser.post(hand_over, headers=headers, follow=True)
    assert answer.redirect_chain == [(world.path("project_settings"), 302)]
    assert (answer.status_code, "Handed over." in answer.text) == (200, True)
