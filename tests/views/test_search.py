"""The search page."""

from __future__ import annotations

import pytest

from sessions_app.models import User
from sessions_app.panels import projects as projects_panel
from sessions_app.panels import search
from sessions_app.services import items, messages
from tests import factories
from tests.doing import add, by_agent, do
from tests.views.conftest import HTMX, World, browse


def test_the_page_finds_and_works_without_a_script(world: World) -> None:
    (item,) = add(world.cast, "Copper roof")
    browser = browse(world.cast.vera)
    page = browser.get(world.path("search"), {"q": "coppe"}).text
    assert "<html" in page
    assert f'href="/projects/{world.cast.project.id}/items/{item.id}/"' in page
    assert "<mark>Copper</mark> roof" in page
    assert 'value="coppe"' in page


def test_htmx_gets_what_was_found_alone(world: World) -> None:
    add(world.cast, "Copper roof")
    answer = browse(world.cast.ann).get(world.path("search"), {"q": "copper"}, headers=HTMX)
    assert "<html" not in answer.text
    assert answer.text.strip().startswith("<section")
    assert "HX-Request" in answer.headers["Vary"]


def test_nothing_asked_and_nothing_found_say_so(world: World) -> None:
    browser = browse(world.cast.ann)
    assert "also those from long ago" in browser.get(world.path("search")).text
    page = browser.get(world.path("search"), {"q": "<i>zzz", "type": "message"}).text
    assert "Nothing here says “<bdi>&lt;i&gt;zzz</bdi>”" in page
    assert ">in everything</a>" in page


def test_a_kind_is_looked_for_alone(world: World) -> None:
    one, _two = add(world.cast, "Copper roof", "Copper door")
    do(world.cast, "bob", items.decide_item, one.id)
    page = browse(world.cast.ann).get(world.path("search"), {"q": "copper", "type": "decision"}).text
    assert "roof" in page
    assert "door" not in page


def test_bad_input_names_the_field(world: World) -> None:
    browser = browse(world.cast.ann)
    for query, words in (
        ({"q": "x" * 201}, "Q must have at most 200 characters"),
        ({"q": "x", "type": "person"}, "Type must be one of"),
        ({"q": "x", "page": "0"}, "Page must be from 1"),
        ({"q": "x", "page": "11"}, "Page must be from 1"),
        ({"q": "x", "page": "٣"}, "Page must be from 1"),
    ):
        answer = browser.get(world.path("search"), query)
        assert answer.status_code == 422, query
        assert words in answer.text, query
    assert browser.get(world.path("search") + "?q=%00").status_code == 400


def test_pages_end_at_a_bound(world: World, monkeypatch: object) -> None:
    monkeypatch.setattr(search, "FOUND_A_PAGE", 2)
    monkeypatch.setattr(search, "MOST_FOUND", 4)
    add(world.cast, *[f"Copper {number}" for number in range(5)])
    browser = browse(world.cast.ann)
    first = browser.get(world.path("search"), {"q": "copper"}).text
    assert "page=2" in first
    second = browser.get(world.path("search"), {"q": "copper", "page": "2"}).text
    assert "page=3" not in second
    assert "There is more than this" in second


def test_who_hides_agents_does_not_find_them(world: World) -> None:
    by_agent(world.cast, "PlannerAgent", messages.post_message, text="Granite is heavy")
    browser = browse(world.cast.vera)
    assert "is heavy" in browser.get(world.path("search"), {"q": "granite"}).text
    User.objects.filter(id=world.cast.vera.id).update(hides_agents=True)
    assert "is heavy" not in browser.get(world.path("search"), {"q": "granite"}).text


def test_the_palette_offers_items_and_projects(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    add(world.cast, "Copper <roof>")
    browser = browse(world.cast.ann)
    offers = browser.get(world.path("palette_items"), {"q": "copp"}).text
    assert 'role="option"' in offers
    assert "<mark>Copper</mark> &lt;roof&gt;" in offers
    assert browser.get(world.path("palette_items"), {"q": "x" * 201}).status_code == 422
    projects = browser.get("/palette/").text
    assert "Lighthouse" in projects
    assert "Zoe" not in projects
    assert "data-more" not in projects
    monkeypatch.setattr(projects_panel, "MOST_OFFERED", 1)
    factories.project(world.cast.ann, "Lightship")
    assert "data-more" in browser.get("/palette/").text
    assert "Lighthouse" in browser.get("/palette/", {"q": "HTHOUSE"}).text
