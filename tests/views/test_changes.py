"""What changed, page by page: every number leads to a list of that length. And "I'm caught up"."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from sessions_app.db.rls import acting_as_system
from sessions_app.models import Membership, User
from sessions_app.panels import blockers, changes_page, chat, questions
from sessions_app.panels import items as items_panel
from sessions_app.services import items, sessions
from tests.doing import add, by_agent, counter, do, nothing_changes, report
from tests.panels.test_changes import visit
from tests.views.conftest import World, both_doors, browse, drawn_anew

NUMBER = re.compile(r"\d+")


def links(page: str, css_class: str) -> list[tuple[str, str]]:
    """The links inside the element of a class: their addresses and their words."""
    found = re.search(rf'<(\w+) class="{css_class}[^"]*".*?</\1>', page, re.DOTALL)
    assert found, css_class
    return [
        (html.unescape(url), " ".join(re.sub(r"<[^>]+>", " ", words).split()))
        for url, words in re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', found.group(0), re.DOTALL)
    ]


def length(browser: Client, url: str) -> int:
    """How many are in the list at this address, over all its pages."""
    found, seen = 0, set()
    while url and url not in seen:
        seen.add(url)
        page = browser.get(url)
        assert page.status_code == 200, page.text
        context = page.context
        if "changes" in context and "spans" in context and "kinds" in context:
            found += sum(
                len(group.lines) if context["is_list"] else group.total
                for day in context["changes"].days
                for group in day.groups
            )
        elif "column" in context:
            found += len(context["column"].items)
        else:
            found += len(context["items"] if "items" in context else context["questions"])
        further = re.findall(r'<a class="btn[^"]*"\s+href="([^"]+(?:before|older|after)=[^"]+)"', page.text)
        path = url.partition("?")[0]
        url = html.unescape(further[0]) if further else ""
        url = path + url if url.startswith("?") else url
    return found


def an_absence(world: World, ideas: int = 3) -> None:
    """Ann was here; since then two people and two agents did something of every kind."""
    cast = world.cast
    old, older = add(cast, "Old", "Older")
    do(cast, "bob", items.decide_item, old.id)
    do(cast, "bob", items.decide_item, older.id)
    visit(cast)
    for number, item in enumerate(add(cast, *(f"Idea {n}" for n in range(ideas)))):
        if number % 2:
            by_agent(cast, "VerificationAgent", items.decide_item, item.id)
        else:
            do(cast, "bob", items.decide_item, item.id)
    for _ in range(2):
        do(cast, "bob", items.explore_item, old.id, reason="Again")
        do(cast, "bob", items.decide_item, old.id)
    do(cast, "bob", items.explore_item, older.id)
    report(cast, "GapDetectionAgent", {"gaps": ["The tides", "The wind"]})
    report(cast, "QuestionerAgent", {"questions": ["Which coast?", "Whose boat?"]})


def test_each_line_leads_to_its_subject(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the panel and a page of the list show others."""
    for panel in (questions, blockers):
        for most in ("MOST_SHOWN", "OPEN_A_PAGE", "ENDED_A_PAGE"):
            monkeypatch.setattr(panel, most, 1)
    monkeypatch.setattr(chat, "MESSAGES_A_PAGE", 1)
    cast, bob = world.cast, world.cast.bob
    asked = [world.question() for _ in range(4)]
    stuck = [world.blocker() for _ in range(4)]
    for row in asked[:2]:
        world.act(bob, "question_answer", {"answer": f"Of {row.text}"}, question_id=row.id)
    for row in stuck[:2]:
        world.act(bob, "blocker_clear", blocker_id=row.id)
    world.act(bob, "question_dismiss", question_id=asked[2].id)
    browser = browse(cast.vera)
    page = browser.get(world.path("changes")).text
    found = re.findall(r'class="change".*?<a href="([^"]+)"', page, re.DOTALL)
    assert len(found) == len(asked) + len(stuck) + 2 + 2 + 1
    for address, _, anchor in (html.unescape(url).partition("#") for url in found):
        assert f'id="{anchor}"' in browser.get(address, follow=True).text


def test_each_number_of_the_sentence_leads_to_as_many(world: World) -> None:
    """Also where something was taken up again twice."""
    an_absence(world)
    ann = browse(world.cast.ann)
    doors = links(ann.get(world.path("project")).text, "welcome-since")
    assert [words for _, words in doors] == [
        "4 decided",
        "1 of them by an agent",
        "3 reopened",
        "2 questions wait",
    ]
    for url, words in doors:
        assert length(ann, url) == int(NUMBER.findall(words)[0]), words


def test_each_of_the_four_cards_leads_to_as_many(world: World) -> None:
    """More than a page of the panel holds, and more than a page of the list."""
    cast, many = world.cast, items_panel.CARDS_A_FULL_PAGE + 3
    visit(cast)
    made = add(cast, *(f"Idea {n}" for n in range(3 * many)))
    for item in made[:many]:
        do(cast, "bob", items.decide_item, item.id)
    for item in made[many : 2 * many]:
        do(cast, "bob", items.park_item, item.id)
    asked = questions.MOST_SHOWN + 5
    report(cast, "QuestionerAgent", {"questions": [f"Question {n}?" for n in range(asked)]})
    ann = browse(cast.ann)
    page = ann.get(world.path("project")).text
    doors = re.findall(r'class="door" href="([^"]+)".*?door-number">(\d+)<', page, re.DOTALL)
    assert [int(number) for _, number in doors] == [many, many, many, asked]
    for url, number in doors:
        assert length(ann, html.unescape(url)) == int(number), url


def test_few_are_all_on_this_page(world: World) -> None:
    add(world.cast, "Lamp")
    visit(world.cast)
    page = browse(world.cast.ann).get(world.path("project")).text
    doors = re.findall(r'class="door" href="([^"]+)"', page)
    assert [url for url in doors if not url.startswith("/")] == ["#exploring", "#parked", "#questions"]


@pytest.mark.parametrize("span", ["new", "since", "last", "away", "now"])
def test_each_filter_leads_to_as_many(world: World, span: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kind, whose ever, page by page; the kinds add up to everything."""
    monkeypatch.setattr(changes_page, "LINES_A_PAGE", 3)
    an_absence(world)
    ann = browse(world.cast.ann)
    ann.get(world.path("project"))
    do(world.cast, "ann", items.add_item, title="Mine")
    for by in ("", "people", "agents"):
        page = ann.get(world.path("changes"), {"span": span, "by": by})
        every, *kinds = page.context["kinds"]
        assert every.number == sum(tab.number for tab in kinds) == page.context["changes"].total
        for tab in kinds:
            assert length(ann, tab.url) == tab.number, tab


def test_the_spans_part_what_happened(world: World) -> None:
    """In the last session, while away, in this one: together what happened since that session began."""
    an_absence(world)
    ann = browse(world.cast.ann)
    ann.get(world.path("project"))
    do(world.cast, "ann", items.add_item, title="Mine")
    totals = {
        span: ann.get(world.path("changes"), {"span": span}).context["changes"].total
        for span in ("new", "since", "last", "away", "now")
    }
    assert totals["new"] == totals["since"] == totals["away"] + totals["now"]
    assert (totals["last"], totals["now"]) == (0, 1)


def test_a_run_leads_to_its_own_lines(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of changes by one are a few lines, and each count of it is a link to as many."""
    monkeypatch.setattr(changes_page, "LINES_A_PAGE", 15)
    cast = world.cast
    visit(cast)
    add(cast, "Before")
    for number in range(25):
        item = by_agent(cast, "PlannerAgent", items.add_item, title=f"Planned {number}")
        if number < 7:
            by_agent(cast, "PlannerAgent", items.decide_item, item.id)
    add(cast, "After")
    ann = browse(cast.ann)
    page = ann.get(world.path("changes"))
    after, run, before = page.context["changes"].days[0].groups
    assert (run.who, run.total, run.is_long) == ("PlannerAgent", 32, True)
    assert [(count.did, count.number) for count in run.counts] == [("decided", 7), ("added", 25)]
    assert "decided 7" in page.text
    for count in run.counts:
        assert length(ann, count.url) == count.number
    assert length(ann, run.url) == 32
    assert {after.total, before.total} == {1}


def test_older_changes_are_reached_run_by_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes_page, "LINES_A_PAGE", 13)
    visit(world.cast)
    for number in range(8):
        add(world.cast, *(f"{number}.{n}" for n in range(3)))
        do(world.cast, "ann", items.add_item, title=f"Mine {number}")
    assert length(browse(world.cast.ann), world.path("changes")) == 32


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("span", value) for value in ("old", "NEW", "new,last")),
        *(("kind", value) for value in ("item.decided", "x", "Decided")),
        *(("by", value) for value in ("user", "Bob", "people ")),
        *(("before", value) for value in ("x", "1", "1:", "1:2:3", "-1:2", "1:9999999999999999999", "１:２")),
        *(("run", value) for value in ("x", "1:2", "1:2-", "1:2-3", "1:2-3:4-5:6")),
    ],
)
def test_a_bad_filter_is_named(world: World, name: str, value: str) -> None:
    browser = browse(world.cast.ann)
    browser.get(world.path("project"))
    with nothing_changes():
        response = browser.get(world.path("changes"), {name: value})
    assert response.status_code == 422
    assert f"{name.capitalize()} must be" in response.text


@pytest.mark.parametrize(
    ("name", "value"), [("span", "new"), ("by", "people"), ("older", "x"), ("older", "1:1")]
)
def test_a_bad_filter_of_decisions_is_named(world: World, name: str, value: str) -> None:
    response = browse(world.cast.ann).get(world.path("project_decided"), {name: value})
    assert response.status_code == 422
    assert f"{name.capitalize()} must be" in response.text


def test_the_header_names_what_one_did_last(world: World) -> None:
    """One's own last verb of the last session, whoever did something after it."""
    cast = world.cast
    ann, page = browse(cast.ann), world.path("project")
    assert "You last" not in ann.get(page).text
    lamp, tower = world.item("Lamp"), world.item("Tower")
    world.act(cast.ann, "item_decide", item_id=lamp.id)
    world.act(cast.bob, "item_decide", item_id=tower.id)
    ann.post(world.path("session_end"))
    shown = ann.get(page)
    touched = shown.context["last_touched"]
    assert (touched.verb, touched.subject) == ("decided", "Lamp")
    assert touched.url == world.path("item", item_id=lamp.id)
    assert "You last decided" in " ".join(shown.text.split())


def test_what_one_did_last_may_be_gone(world: World) -> None:
    cast, ann = world.cast, browse(world.cast.ann)
    ann.get(world.path("project"))
    lamp = world.item("Lamp")
    world.act(cast.ann, "item_park", item_id=lamp.id)
    ann.post(world.path("session_end"))
    world.act(cast.bob, "item_delete", item_id=lamp.id)
    touched = ann.get(world.path("project")).context["last_touched"]
    assert (touched.verb, touched.subject, touched.url) == ("parked", "Lamp", "")


# --- I'm caught up -------------------------------------------------------------------------------


@both_doors
def test_catching_up_and_taking_it_back(world: World, door: str) -> None:
    """A viewer as well; the page says so, what is next, and how to undo it."""
    vera = world.cast.vera
    visit_of(world, vera)
    add(world.cast, "Lamp")
    shown = shown_version(browse(vera).get(world.path("project")).text)
    page = world.act(vera, "catch_up", {"version": shown}, door=door)
    assert "You’re caught up" in page
    assert "Decide “Lamp”" in page
    assert world.path("catch_up_undo") in page
    page = world.act(vera, "catch_up_undo", door=door)
    assert 'id="change-' in page
    assert member(world, vera).caught_up_version is None


@drawn_anew
def test_what_comes_while_one_reads_stays_new(world: World) -> None:
    cast = world.cast
    visit(cast)
    add(cast, "Lamp")
    page = browse(cast.ann).get(world.path("project")).text
    add(cast, "Tower")
    world.act(cast.ann, "catch_up", {"version": shown_version(page)})
    changes = browse(cast.ann).get(world.path("project")).context["changes"]
    assert [line.subject for day in changes.days for group in day.groups for line in group.lines] == ["Tower"]


@pytest.mark.parametrize("version", ["", "x", "-1", "1.5", "9" * 18, "9" * 19, "１"])
def test_a_version_that_is_none_is_refused(world: World, version: str) -> None:
    assert "Version must be" in world.refuse(world.cast.vera, "catch_up", {"version": version}, status=422)


def test_it_works_in_an_archived_project(world: World) -> None:
    visit_of(world, world.cast.vera)
    world.act(world.cast.ann, "project_archive")
    world.act(world.cast.vera, "catch_up", {"version": str(counter(world.cast).version)})
    world.act(world.cast.vera, "catch_up_undo")


def shown_version(page: str) -> str:
    """The version that the page's own form says it showed."""
    form = re.search(r'<form class="catch-up".*?</form>', page, re.DOTALL)
    assert form
    found = re.search(r'name="version" value="(\d+)"', form.group(0))
    assert found
    return found.group(1)


def visit_of(world: World, user: User) -> None:
    with acting_as_system([world.cast.project.id]):
        sessions.start_session(user.id, world.cast.project.id)
        sessions.end_session(user.id, world.cast.project.id)


def member(world: World, user: User) -> Any:
    with acting_as_system([world.cast.project.id]):
        return Membership.objects.get(project=world.cast.project, user=user)
