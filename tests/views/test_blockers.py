"""Blockers on their page: raise, done, clear, dismiss."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

import pytest

from sessions_app import clock
from sessions_app.models import Blocker, Question, User
from sessions_app.panels import blockers as blockers_panel
from sessions_app.panels import questions as questions_panel
from sessions_app.panels.blockers import MOST_SHOWN
from sessions_app.services import items, members
from tests.doing import NINE, again, counter, do, every, report, the
from tests.views.conftest import World, both_doors, browse, drawn_anew


@both_doors
def test_clearing_and_dismissing(world: World, door: str) -> None:
    for name, said, status in (
        ("blocker_clear", "Blocker cleared.", "cleared"),
        ("blocker_dismiss", "Blocker dismissed.", "dismissed"),
    ):
        blocker = world.blocker()
        page = world.act(world.cast.bob, name, door=door, blocker_id=blocker.id)
        assert said in page
        assert f'id="blocker-{blocker.id}"' not in page
        now = again(blocker)
        assert (now.status, now.ended_by_id, now.ended_how) == (status, world.cast.bob.id, "by hand")
    assert counter(world.cast).blockers_open == 0


def test_clearing_twice_is_once_and_the_other_verb_is_told(world: World) -> None:
    blocker = world.blocker()
    for _ in range(2):
        world.act(world.cast.bob, "blocker_clear", blocker_id=blocker.id)
    page = world.refuse(world.cast.ann, "blocker_dismiss", status=409, blocker_id=blocker.id)
    assert "This blocker was cleared meanwhile." in page


def test_a_cleared_one_comes_back_a_dismissed_one_does_not(world: World) -> None:
    cleared, dismissed = world.blocker(), world.blocker()
    world.act(world.cast.bob, "blocker_clear", blocker_id=cleared.id)
    world.act(world.cast.bob, "blocker_dismiss", blocker_id=dismissed.id)
    report(world.cast, "GapDetectionAgent", {"gaps": [cleared.text, dismissed.text]})
    assert [row.text for row in every(Blocker, world.cast, status="open")] == [cleared.text]


def test_one_that_follows_an_item_is_not_cleared_by_hand(world: World) -> None:
    """Its item says when it is gone; the page offers no button, and the address refuses."""
    lamp, wire = world.item(), world.item()
    browse(world.cast.bob).post(world.path("item_wait", item_id=lamp.id), {"blocking": wire.id})
    blocker = the(Blocker, world.cast)
    page = browse(world.cast.bob).get(world.path("project")).text
    for name in ("blocker_clear", "blocker_dismiss"):
        assert world.path(name, blocker_id=blocker.id) not in page
        world.refuse(world.cast.bob, name, status=422, blocker_id=blocker.id)
    world.act(world.cast.bob, "item_decide", item_id=wire.id)
    assert again(blocker).status == "cleared"


def test_a_page_of_its_own_lists_every_open_one(world: World) -> None:
    """Where the panel shows the most blocking ones; the verbs work from there as well."""
    count = MOST_SHOWN + 3
    report(world.cast, "GapDetectionAgent", {"gaps": [f"Gap number {n:02}" for n in range(count)]})
    browser = browse(world.cast.bob)
    panel = browser.get(world.path("project"))
    assert len(panel.context["blockers"]) == MOST_SHOWN
    assert panel.context["blockers_total"] == count
    assert world.path("blockers") in panel.text
    page = browser.get(world.path("blockers"))
    shown = page.context["blockers"]
    assert sorted(row.text for row in shown) == [f"Gap number {n:02}" for n in range(count)]
    for row in (shown[0], shown[-1]):
        assert world.path("blocker_clear", blocker_id=row.id) in page.text
    world.act(world.cast.bob, "blocker_clear", blocker_id=shown[0].id)
    assert len(browser.get(world.path("blockers")).context["blockers"]) == count - 1


def test_many_come_a_page_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything once, also those of one moment; a link to one leads to a page that begins with it."""
    monkeypatch.setattr(blockers_panel, "OPEN_A_PAGE", 2)
    monkeypatch.setattr(questions_panel, "OPEN_A_PAGE", 2)
    with clock.at(NINE):
        report(world.cast, "GapDetectionAgent", {"gaps": [f"Gap {n}" for n in range(5)]})
        lamp = str(world.item("Lamp").id)
        asked = [{"question": f"Question {n}?", "blocks": [lamp] if n > 2 else []} for n in range(5)]
        report(world.cast, "QuestionerAgent", {"questions": asked})
    browser = browse(world.cast.vera)
    for name, count in (("blockers", 7), ("questions", 5)):
        address, found = world.path(name), []
        while address:
            page = browser.get(address)
            found += [row.id for row in page.context[name]]
            address = (
                page.context["next"] and f"{world.path(name)}?{urlencode({'after': page.context['next']})}"
            )
        assert len(found) == len(set(found)) == count
        for place, row_id in enumerate(found):
            begun = browser.get(world.path(name), {"at": row_id}, follow=True)
            assert [row.id for row in begun.context[name]] == found[place : place + 2]
        for query in ({"after": "x"}, {"after": "free~x"}, {"at": "x"}):
            assert browser.get(world.path(name), query).status_code == 422
        gone = browser.get(world.path(name), {"at": uuid.UUID(int=7)})
        assert [row.id for row in gone.context[name]] == found[:2]


def test_a_link_to_one_that_has_ended_leads_to_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the page of what ended that begins with it, also of those that ended at one moment."""
    monkeypatch.setattr(blockers_panel, "ENDED_A_PAGE", 2)
    monkeypatch.setattr(questions_panel, "ENDED_A_PAGE", 2)
    bob = world.cast.bob
    with clock.at(NINE):
        for _ in range(3):
            world.act(bob, "blocker_dismiss", blocker_id=world.blocker().id)
            world.act(bob, "question_dismiss", question_id=world.question().id)
    for name, model in (("blockers", Blocker), ("questions", Question)):
        ids = sorted((row.id for row in every(model, world.cast)), reverse=True)
        for place, row_id in enumerate(ids):
            page = browse(world.cast.vera).get(world.path(name), {"at": row_id}, follow=True)
            assert [row.id for row in page.context["ended"]] == ids[place : place + 2]


def test_whoever_came_to_one_stays_there_when_it_has_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Back to what follows it, and not to the first page."""
    monkeypatch.setattr(blockers_panel, "OPEN_A_PAGE", 2)
    monkeypatch.setattr(questions_panel, "OPEN_A_PAGE", 2)
    report(world.cast, "GapDetectionAgent", {"gaps": [f"Gap {n}" for n in range(5)]})
    report(world.cast, "QuestionerAgent", {"questions": [f"Question {n}?" for n in range(5)]})
    browser = browse(world.cast.bob)
    for name, verb, field in (
        ("blockers", "blocker_dismiss", "blocker_id"),
        ("questions", "question_dismiss", "question_id"),
    ):
        model = Blocker if name == "blockers" else Question
        rows = sorted(every(model, world.cast), key=lambda row: (row.created_at, row.id))
        third, fourth, fifth = rows[2:]
        [(address, _)] = browser.get(world.path(name), {"at": third.id}, follow=True).redirect_chain
        headers = {"referer": f"http://localhost{address}", "host": "localhost"}
        page = browser.post(world.path(verb, **{field: third.id}), headers=headers, follow=True)
        assert [row.id for row in page.context[name]] == [fourth.id, fifth.id]


@both_doors
def test_a_person_raises_one(world: World, door: str) -> None:
    """From an item's page it stops that item; whom it waits for, and who says so, is on everybody's page."""
    lamp = world.item("Lamp")
    data = {
        "text": "The letter of the fire service",
        "type": "information",
        "blocks": [str(lamp.id)],
        "waits_for": f"user:{world.cast.bob.id}",
        "waits_until": "",
    }
    page = world.act(world.cast.ann, "blocker_raise", data, door=door)
    assert "Blocker raised." in page
    blocker = the(Blocker, world.cast)
    assert (blocker.raised_by_id, blocker.waits_for_id, blocker.source) == (
        world.cast.ann.id,
        world.cast.bob.id,
        "person",
    )
    for path in (world.path("project"), world.path("blockers"), world.path("item", item_id=lamp.id)):
        page = browse(world.cast.ann).get(path).text
        assert "waits for <bdi>Bob</bdi>" in page


def test_it_waits_on_an_item_or_until_a_day(world: World) -> None:
    lamp, ann = world.item("Lamp"), world.cast.ann
    with clock.at(NINE):
        world.act(ann, "blocker_raise", {"text": "One", "type": "decision", "waits_for": f"item:{lamp.id}"})
        world.act(ann, "blocker_raise", {"text": "Two", "type": "decision", "waits_until": "2026-12-03"})
        page = browse(ann).get(world.path("blockers")).text
    one, two = the(Blocker, world.cast, text="One"), the(Blocker, world.cast, text="Two")
    assert (one.item_id, one.waits_until) == (lamp.id, None)
    assert two.waits_until.isoformat() == "2026-12-03T08:00:00+00:00"
    assert "“Lamp”</a>" in page
    assert ">3 December</time>" in page


def test_of_many_people_the_others_are_named_by_mail(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob, vera = world.cast.ann, world.cast.bob, world.cast.vera
    assert "waits_for_mail" not in browse(ann).get(world.path("blockers")).text
    monkeypatch.setattr(blockers_panel, "MOST_CHOICES", 2)
    page = browse(bob).get(world.path("blockers"))
    assert {person.id for person in page.context["people"]} == {ann.id, bob.id}
    assert "waits_for_mail" in page.text
    data = {
        "text": "No money",
        "type": "decision",
        "waits_for": "",
        "waits_for_mail": f" {vera.email.upper()} ",
    }
    world.act(bob, "blocker_raise", data)
    assert the(Blocker, world.cast).waits_for_id == vera.id
    for wrong in ({"waits_for_mail": world.cast.zoe.email}, {"waits_for": f"user:{ann.id}"}):
        assert "Waits for mail" in world.refuse(bob, "blocker_raise", data | wrong, status=422)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", ""),
        ("type", "mood"),
        ("blocks", "x"),
        ("blocks", str(uuid.UUID(int=7))),
        ("waits_for", "x"),
        ("waits_for", "user:x"),
        ("waits_for", f"user:{uuid.UUID(int=7)}"),
        ("waits_for", f"item:{uuid.UUID(int=7)}"),
        ("waits_for", f"role:{uuid.UUID(int=7)}"),
        ("waits_until", "soon"),
        ("waits_until", "2020-01-01"),
    ],
)
def test_what_does_not_fit_is_refused(world: World, field: str, value: str) -> None:
    data = {"text": "No money", "type": "decision"} | {field: value}
    page = world.refuse(world.cast.bob, "blocker_raise", data, status=422)
    words = "Waits on item" if value.startswith("item:") else field.replace("_", " ").capitalize()
    assert words in page


def test_one_thing_at_a_time(world: World) -> None:
    data = {"text": "No money", "type": "decision", "waits_until": "2100-01-01"}
    data["waits_for"] = f"user:{world.cast.bob.id}"
    page = world.refuse(world.cast.ann, "blocker_raise", data, status=422)
    assert "it waits for one thing only" in page


@both_doors
def test_whom_it_waits_for_has_it_on_top_and_says_that_it_is_done(world: World, door: str) -> None:
    """A viewer too: it is their own. Nobody else is offered that."""
    for who in (world.cast.bob, world.cast.vera):
        blocker = world.blocker_of(who, f"Ask {who}")
        done = world.path("blocker_done", blocker_id=blocker.id)
        page = browse(who).get(world.path("project"))
        assert [row.id for row in page.context["yours"]] == [blocker.id]
        assert page.context["needs_you"] == 1
        assert f'id="yours-{blocker.id}"' in page.text
        assert page.text.count(f'action="{done}"') == 2, "in what needs you, and in what is stuck"
        assert f"Ann waits for you: Ask {who}" in page.text
        assert done not in browse(world.cast.ann).get(world.path("project")).text
        page = world.act(who, "blocker_done", door=door, blocker_id=blocker.id)
        assert "Done: nobody waits for you with it any more." in page
        assert f'id="yours-{blocker.id}"' not in page
        assert (again(blocker).status, again(blocker).ended_by_id) == ("cleared", who.id)


@drawn_anew
def test_people_who_share_a_name_are_told_apart(world: World) -> None:
    """Whose own note it is goes by who they are; beside the name stands what tells them apart."""
    bob, robert = world.cast.bob, world.member("Robert")
    User.objects.filter(id=robert.id).update(display_name="Bob")
    for raised_by, waits_for in ((robert, bob), (bob, bob)):
        data = {"text": f"For {raised_by.email}", "type": "decision", "waits_for": f"user:{waits_for.id}"}
        world.act(raised_by, "blocker_raise", data)
    page = browse(bob).get(world.path("project"))
    assert [row.raised_by_you for row in page.context["yours"]] == [False, True]
    assert page.text.count("You noted this for yourself") == 1
    assert '<bdi class="truncate">Bob (robert)</bdi>' in page.text
    page = browse(world.cast.ann).get(world.path("blockers")).text
    assert "waits for <bdi>Bob (bob)</bdi>" in page
    assert ">Bob (robert)</option>" in page


def test_nobody_else_says_that_it_is_done(world: World) -> None:
    blocker = world.blocker_of(world.cast.bob)
    world.refuse(world.cast.ann, "blocker_done", status=403, blocker_id=blocker.id)


def test_whoever_left_is_named_no_more(world: World) -> None:
    world.blocker_of(world.cast.bob)
    do(world.cast, "ann", members.remove_member, world.cast.bob.id)
    for name in ("project", "blockers"):
        assert "nobody is named any more" in browse(world.cast.ann).get(world.path(name)).text


def test_the_ended_ones_tell_by_what_and_by_whom(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Last first, a page at a time."""
    monkeypatch.setattr(blockers_panel, "ENDED_A_PAGE", 2)
    cast, day = world.cast, world.item("The day")
    world.act(cast.ann, "blocker_raise", {"text": "A", "type": "decision", "waits_for": f"item:{day.id}"})
    done, cleared, dismissed = world.blocker_of(cast.bob, "B"), world.blocker("C"), world.blocker("D")
    do(cast, "bob", items.decide_item, day.id)
    world.act(cast.bob, "blocker_done", blocker_id=done.id)
    world.act(cast.ann, "blocker_clear", blocker_id=cleared.id)
    world.act(cast.bob, "blocker_dismiss", blocker_id=dismissed.id)
    browser, path = browse(cast.vera), world.path("blockers")
    first = browser.get(path, {"state": "ended"})
    second = browser.get(path, {"state": "ended", "older": first.context["older"]})
    told = [
        (row.text, row.status, row.by, row.how) for page in (first, second) for row in page.context["ended"]
    ]
    assert told == [
        ("D", "dismissed", "Bob", "by hand"),
        ("C", "cleared", "Ann", "by hand"),
        ("B", "cleared", "Bob", "done"),
        ("A", "cleared", "Bob", "“The day” was decided"),
    ]
    assert second.context["older"] == ""
    for query in ({"state": "all"}, {"state": "ended", "older": "x"}):
        assert browser.get(path, query).status_code == 422


def test_an_items_page_offers_to_say_what_stops_it(world: World) -> None:
    """To whoever may write, while it is not decided."""
    lamp = world.item()
    path = world.path("item", item_id=lamp.id)
    assert f'name="blocks" value="{lamp.id}"' in browse(world.cast.bob).get(path).text
    assert 'id="raise"' not in browse(world.cast.vera).get(path).text
    do(world.cast, "bob", items.decide_item, lamp.id)
    assert 'id="raise"' not in browse(world.cast.bob).get(path).text
