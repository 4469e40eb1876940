"""Panels drawn once for all who see the same: never anything else than what would be drawn anew."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from sessions_app import clock
from sessions_app import ledger as the_ledger
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.kept import Kept
from sessions_app.ledger import Committed, Told
from sessions_app.live import looking
from sessions_app.live.admissions import ProgramAdmission
from sessions_app.live.rendering import render, render_many
from sessions_app.live.rights import Standing
from sessions_app.models import Membership, User
from sessions_app.panels import PANELS, Panel, followed, shared
from sessions_app.panels.drawn import Store
from sessions_app.panels.texts import Text
from sessions_app.services import (
    analytics,
    blockers,
    items,
    members,
    messages,
    people,
    presence,
    projects,
    sessions,
    steps,
)
from sessions_app.templatetags import leftoff
from tests import factories
from tests.conftest import Cast
from tests.doing import NOON, add, do, look, seeing
from tests.services.test_ledger import tell_of_everything
from tests.views.conftest import browse

TOKEN_VALUE = re.compile(r'(?<=csrfmiddlewaretoken" value=")\w+')


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sessions_app.panels.drawn.store", Store())


def test_a_story_looks_the_same_whoever_it_was_drawn_for(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """After every commit, with each kind of fact, people who differ in role, zone, marks, and what is new."""
    onlookers = crowd(cast)
    seen = {"looks": 0, "equal": 0}

    def look_again(told: Told) -> None:
        if isinstance(told, Committed):
            seen["looks"] += 1
            # Everybody by what the first ones left, then one of them with nothing kept; at one moment.
            with clock.at(clock.now()):
                with acting_as_system([cast.project.id]):
                    together = render_many(onlookers, cast.project.id, list(PANELS))
                one = onlookers[seen["looks"] % len(onlookers)]
                seen["equal"] += together[one].panels == anew(one, cast.project.id)

    monkeypatch.setattr(the_ledger, "_listeners", [look_again])
    tell_of_everything(cast)
    assert seen["looks"] > 30
    assert seen["equal"] == seen["looks"]


def test_who_sees_the_same_is_handed_the_very_same_text(cast: Cast) -> None:
    """Ten viewers who were here at other times: what is common to all is drawn once."""
    add(cast, "Lamp", "Lens")
    viewers = [joined(cast, f"viewer{n}", "viewer") for n in range(10)]
    for viewer in viewers[:5]:
        visited(cast, viewer)
    add(cast, "Horn")
    with drawings() as drawn, acting_as_system([cast.project.id]):
        found = render_many([viewer.id for viewer in viewers], cast.project.id, list(PANELS))
    assert {name: drawn.count(name) for name in ("items", "chat", "presence", "questions", "blockers")} == {
        "items": 1,
        "chat": 1,
        "presence": 1,
        "questions": 2,  # in a first session there is no empty panel
        "blockers": 2,
    }
    texts = [found[viewer.id].panels["items"] for viewer in viewers]
    assert [text.count("item-new") for text in texts] == [1] * 5 + [0] * 5
    assert len({id(text) for text in texts}) == 2


def test_what_is_known_is_not_read_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    add(cast, "Lamp")
    page = f"/projects/{cast.project.id}/"
    with clock.at(NOON):
        assert "Lamp" in browse(cast.ann).get(page).text
        for panel in PANELS.values():
            if panel not in (PANELS["steps"], PANELS["changes"]):
                monkeypatch.setattr(panel, "context", None)
        assert "Lamp" in browse(cast.ann).get(page).text


def test_what_nobody_changed_is_not_drawn_anew(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message draws the chat and not the items. Where too much happened to be read, all is drawn."""
    add(cast, "Lamp")
    page = f"/projects/{cast.project.id}/"
    with clock.at(NOON):
        browser = browse(cast.bob)
        browser.get(page)
        do(cast, "ann", messages.post_message, text="Hello")
        with drawings() as drawn:
            assert "Hello" in browser.get(page).text
        assert drawn == ["chat"]
        add(cast, "Horn")
        with drawings() as drawn:
            assert "Horn" in browser.get(page).text
        assert {"items", "changes"} <= {*drawn}
        assert "chat" not in drawn
        monkeypatch.setattr(followed, "MOST_FACTS", 0)
        do(cast, "ann", messages.post_message, text="Much")
        with drawings() as drawn:
            browser.get(page)
        assert {"items", "changes", "questions", "chat"} <= {*drawn}


def test_what_a_look_has_read_already_is_not_read_again(cast: Cast) -> None:
    add(cast, "Lamp")
    with seeing(cast) as view:
        before, version = followed.stands_since(view), view.summary.version
    do(cast, "ann", messages.post_message, text="Hello")
    standing = Standing([ProgramAdmission(cast.project.id, cast.ann.id)])
    looking.look(cast.project.id, standing, version, asks_here=False)
    with seeing(cast) as view, CaptureQueriesContext(connection) as queries:
        assert followed.stands_since(view) == {**before, "chat": view.summary.version}
    assert not queries.captured_queries


def test_what_a_person_is_called_and_may_is_never_an_old_one(cast: Cast) -> None:
    """None of it raises the project's version."""
    add(cast, "Lamp")
    with clock.at(NOON):
        before = {name: panel_of(cast, "vera", name) for name in PANELS}
        people.update_profile(cast.bob, display_name="Robert", time_zone="UTC", hides_agents=False)
        assert "Robert" in panel_of(cast, "vera", "items")
        people.update_profile(cast.vera, display_name="Vera", time_zone="Asia/Tokyo", hides_agents=True)
        assert "+09:00" in panel_of(cast, "vera", "items")
        assert "+09:00" not in before["items"]
        assert "verb-form" not in panel_of(cast, "vera", "items")
        do(cast, "ann", members.change_role, cast.vera.id, role="editor")
        assert "verb-form" in panel_of(cast, "vera", "items")
        do(cast, "ann", members.change_role, cast.vera.id, role="viewer")
        assert "verb-form" not in panel_of(cast, "vera", "items")


def test_who_may_write_sees_the_same_but_where_an_owner_may_more(cast: Cast) -> None:
    editor = joined(cast, "editor", "editor")
    add(cast, "Lamp")
    with clock.at(NOON):
        with drawings() as drawn, acting_as_system([cast.project.id]):
            render_many([cast.ann.id, editor.id, cast.vera.id], cast.project.id, ["items", "chat"])
        assert sorted(drawn) == ["chat", "chat", "items", "items"]
        do(cast, "ann", projects.archive_project)
        for role, may_restore in (("editor", False), ("owner", True), ("editor", False)):
            with acting_as_system([cast.project.id]):
                Membership.objects.filter(user=editor).update(role=role)
            header = browse(editor).get(f"/projects/{cast.project.id}/panels/header/").text
            assert ("Restore it" in header) == may_restore


def test_the_page_around_the_panels_greets_whoever_reads_it(cast: Cast) -> None:
    """It is drawn for one of a role, and says of each what it would have said of them alone."""
    eve, staff = joined(cast, "eve", "editor"), joined(cast, "<sam>", "editor")
    User.objects.filter(id=staff.id).update(is_staff=True)
    page, shown = f"/projects/{cast.project.id}/", []
    with clock.at(NOON):
        for person in (cast.bob, eve, User.objects.get(id=staff.id), cast.vera, cast.ann):
            browser = browse(person)
            # Loading it starts a session: the second one is told from there.
            browser.get(page)
            together = TOKEN_VALUE.sub("", browser.get(page).text)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("sessions_app.panels.drawn.store", Store())
                assert TOKEN_VALUE.sub("", browser.get(page).text) == together
            assert f"<bdi>{escape(person.email)}</bdi>" in together
            shown.append(together)
    assert ["/operations/" in each for each in shown] == [False, False, True, False, False]
    assert "hole-" not in "".join(shown)


def test_another_database_is_another_text(cast: Cast) -> None:
    """After a restore a version may be one that was there before, of something else."""
    add(cast, "Lamp")
    with acting_as(cast.ann.id), drawings() as drawn:
        view = look(cast)
        shared.draw(view, ["items"])
        shared.draw(view, ["items"])
        shared.draw(replace(view, epoch="another"), ["items"])
    assert drawn == ["items", "items"]


def test_relative_times_are_drawn_anew(cast: Cast) -> None:
    with clock.at(NOON):
        add(cast, "Lamp")
        assert "just now" in panel_of(cast, "ann", "items")
    with clock.at(NOON + dt.timedelta(minutes=2)):
        assert "2 minutes ago" in panel_of(cast, "ann", "items")


def test_what_was_never_committed_is_handed_to_nobody(cast: Cast) -> None:
    """Its version is given again, to something else."""
    with suppress(ZeroDivisionError), acting_as(cast.bob.id):
        items.add_item(cast.project.id, cast.actor("bob"), title="Never")
        drawn = shared.draw(look(cast, "bob"), ["items"], is_committed=False)
        assert "Never" in str(drawn["items"].pieces)
        raise ZeroDivisionError
    add(cast, "Lamp")
    shown = panel_of(cast, "bob", "items")
    assert ("Never" in shown, "Lamp" in shown) == (False, True)


def test_what_a_verb_drew_serves_the_others_when_it_is_committed(cast: Cast) -> None:
    eve = joined(cast, "eve", "editor")
    path = f"/projects/{cast.project.id}/items/"
    with clock.at(NOON):
        assert "Lamp" in browse(cast.bob, htmx=True).post(path, {"title": "Lamp"}).text
        with drawings() as drawn:
            found = render(eve.id, cast.project.id, ["items", "chat"])
    assert found is not None
    assert "Lamp" in found.panels["items"]
    assert drawn == []


def test_a_verb_draws_only_what_it_changed(cast: Cast) -> None:
    add(cast, "Lamp")
    path = f"/projects/{cast.project.id}/messages/"
    with clock.at(NOON):
        browser = browse(cast.bob, htmx=True)
        first = browser.post(path, {"text": "Gas or oil?"}).text
        with drawings() as drawn:
            again = browser.post(path, {"text": "Oil"}).text
    assert drawn == ["chat"]
    assert "Lamp" in first
    assert "Lamp" in again
    assert "Oil" in again


def test_a_stampede_draws_once() -> None:
    store, drawn, all_here = Store(), [], threading.Barrier(8)

    def draw() -> Text:
        drawn.append(1)
        threading.Event().wait(0.05)
        return Text.parse("drawn")

    def ask() -> None:
        all_here.wait()
        assert store.get_or_draw("key", draw).pieces == ("drawn",)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(drawn) == 1


def test_who_fails_to_draw_lets_the_next_one_try() -> None:
    store = Store()
    with pytest.raises(ZeroDivisionError):
        store.get_or_draw("key", lambda: 1 // 0)
    assert store.get_or_draw("key", lambda: Text.parse("drawn")).pieces == ("drawn",)


def test_no_more_is_kept_than_there_is_room_for() -> None:
    store, drawn = Store(most_characters=25), []

    def draw() -> Text:
        drawn.append(1)
        return Text.parse("ten letters"[:10])

    for key in ("a", "b", "a", "c", "a", "b"):
        store.get_or_draw(key, draw)
    assert len(drawn) == 4, "what was not asked for longest went first"


def crowd(cast: Cast) -> list[UUID]:
    """An owner, two editors, one elsewhere, and viewers: one is new, one without agents, one has marks."""
    add(cast, "Before")
    editor = joined(cast, "editor", "editor")
    new, late, marks = (joined(cast, name, "viewer") for name in ("new", "late", "marks"))
    people.update_profile(cast.bob, display_name="Bob", time_zone="Asia/Tokyo", hides_agents=False)
    people.update_profile(late, display_name="New", time_zone="America/New_York", hides_agents=True)
    for person in (cast.ann, editor, late, marks):
        visited(cast, person)
    with acting_as(marks.id):
        step = analytics.get_summary(marks.id, cast.project.id)["suggestedNextSteps"][0]
        steps.mark_done(marks.id, cast.project.id, step["id"])
    do(cast, "ann", blockers.raise_blocker_by_person, text="The key", waits_for=marks.id)
    do(cast, "ann", messages.post_message, text="Who has the key?")
    for person in (cast.ann, new):
        with acting_as(person.id):
            presence.note_present(uuid4(), [(cast.project.id, person.id)])
    return [cast.ann.id, editor.id, cast.bob.id, new.id, late.id, marks.id]


def joined(cast: Cast, name: str, role: str) -> User:
    """A new member of Lighthouse."""
    person = factories.user(name.capitalize())
    with acting_as_system([cast.project.id]):
        Membership.objects.create(project=cast.project, user=person, role=role)
    return person


def visited(cast: Cast, person: User) -> None:
    """A session of theirs that is over."""
    with acting_as(person.id):
        sessions.start_session(person.id, cast.project.id)
        sessions.end_session(person.id, cast.project.id)


def panel_of(cast: Cast, who: str, name: str) -> str:
    """A panel as the page fetches it."""
    return browse(getattr(cast, who)).get(f"/projects/{cast.project.id}/panels/{name}/").text


@contextmanager
def drawings() -> Iterator[list[str]]:
    """The names of the panels that are drawn meanwhile."""
    drawn: list[str] = []
    draw = shared._draw

    def noted(panel: Panel, *args: object) -> Text:
        drawn.append(panel.NAME)
        return draw(panel, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shared, "_draw", noted)
        yield drawn


def anew(user_id: UUID, project_id: UUID) -> dict[str, str] | None:
    """All panels of one person, drawn with nothing kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sessions_app.panels.drawn.store", Store())
        patch.setattr(leftoff, "_kept", Kept(0))
        rendered = render(user_id, project_id, list(PANELS))
    return rendered.panels if rendered else None
