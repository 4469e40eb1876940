"""What the hot paths ask of the database: how often, and that the cost does not grow with the project."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.models import Project
from sessions_app.panels import projects as projects_panel
from sessions_app.services import imports, projects
from tests import factories
from tests.doing import NINE
from tests.views.conftest import HTMX, PANEL_IDS, World, browse

FEW, MANY = 10, 5_000
# Each has a reason when it is raised: session, user, transaction and acting person are five of them.
# Coming back to a session that looks idle, waiting input is folded first: one more.
PAGE_AGAIN, COMING_BACK, ONE_PANEL = 12, 21, 9
# A message from a form, and by HTMX: that is shown the panels anew, of which only the chat is read.
SAID, SAID_AND_SHOWN = 12, 17
# Of 167 open blockers, some for each: 80,000 would be all with all.
FACTS_PAGES = 8_000


@dataclass(frozen=True)
class Record:
    """A row of a made-up source."""

    key: str
    title: str
    state: str
    text: str = "Some words on it."
    reason: str = ""
    outcome: str = ""
    date: dt.datetime | None = None
    people: Sequence[str] = ()
    waits_for: Sequence[str] = field(default_factory=tuple)


@contextmanager
def at_most(number: int) -> Iterator[CaptureQueriesContext]:
    """No more statements than that; a failure prints them."""
    with CaptureQueriesContext(connection) as asked:
        yield asked
    if len(asked) > number:
        said = "\n".join(
            f"  {place}. {query['sql'][:300]}" for place, query in enumerate(asked.captured_queries, 1)
        )
        pytest.fail(f"{len(asked)} statements, at most {number} are wanted:\n{said}")


def project_of(world: World, count: int) -> Project:
    """A project of Ann's with so many items in all three states, some of which wait for others."""
    project = factories.project(world.cast.ann, f"With {count}")
    states = ("exploring", "decided", "parked")
    records = [
        Record(str(n), f"Idea {n}", states[n % 3], waits_for=(str(n - 3),) if n % 30 == 3 else ())
        for n in range(count)
    ]
    with acting_as_system([project.id]):
        imports.import_rows(project.id, "beads", records)
    return project


def test_the_pages_cost_does_not_grow_with_the_project(world: World) -> None:
    """A reload, coming back and a panel ask the same of ten items as of five thousand."""
    browser, asked = browse(world.cast.ann), {}
    for count in (FEW, MANY):
        project = project_of(world, count)
        page = world.path("project", project=project)
        numbers = asked[count] = []
        with clock.at(NINE):
            browser.get(page)
            with at_most(PAGE_AGAIN) as again:
                assert browser.get(page).status_code == 200
        numbers.append(len(again))
        with clock.at(NINE + dt.timedelta(hours=2)):
            with at_most(COMING_BACK) as back:
                response = browser.get(page)
            assert response.context["summary"].last_session == "2 hours ago"
            assert response.context["summary"].total == count
            numbers.append(len(back))
            for name in PANEL_IDS:
                with at_most(ONE_PANEL) as panel:
                    browser.get(world.path("panel", project=project, name=name), headers=HTMX)
                numbers.append(len(panel))
    assert asked[FEW] == asked[MANY]
    # Nobody has analysed yet what was just imported.
    assert pages_of_step_facts(world, project) < FACTS_PAGES


def pages_of_step_facts(world: World, project: Project) -> int:
    """How many pages of the database the facts of the steps are read from, as for Ann."""
    ann = world.cast.ann
    with acting_as(ann.id), connection.cursor() as cursor:
        cursor.execute(
            "explain (analyze, buffers, format json) select get_step_facts(%s, %s, 5)", [ann.id, project.id]
        )
        (told,) = cursor.fetchone()
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


@pytest.mark.parametrize(("htmx", "most"), [(False, SAID), (True, SAID_AND_SHOWN)])
def test_saying_something_asks_only_what_it_changes(world: World, htmx: bool, most: int) -> None:
    world.item()
    browser, path = browse(world.cast.ann, htmx=htmx), world.path("messages")
    browser.post(path, {"text": "First"})
    with at_most(most):
        browser.post(path, {"text": "Again"})


def test_the_list_of_projects_costs_the_same_for_one_and_for_many(world: World) -> None:
    browser = browse(world.cast.ann)
    with CaptureQueriesContext(connection) as one:
        browser.get("/")
    for number in range(12):
        factories.project(world.cast.ann, f"Project {number}")
    with at_most(len(one)):
        assert len(browser.get("/").context["projects"]) == 13


@pytest.mark.parametrize(("path", "headers"), [("/", {}), ("/", HTMX), ("/insights/", {})])
def test_what_is_about_all_of_ones_projects_is_asked_of_functions(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str, headers: dict[str, str]
) -> None:
    """Under the policies each row of these tables is looked for in the list of all of them."""
    monkeypatch.setattr(projects_panel, "PROJECTS_A_PAGE", 1)
    with acting_as(world.cast.ann.id):
        for title in ("One", "Two"):
            made = factories.project(world.cast.ann, title)
            projects.archive_project(made.id, world.cast.actor("ann"))
    browser = browse(world.cast.ann)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(path, headers=headers).status_code == 200
    said = [query["sql"] for query in asked.captured_queries]
    assert not [
        sql for sql in said if re.search(r'(from|join) "?(memberships|projects|rollup_fills)\b', sql, re.I)
    ]
    # Who has the first rows of a list gets those that follow, of that list alone.
    if path == "/":
        assert len([sql for sql in said if "own_projects" in sql]) == (1 if headers else 3)


def test_the_page_says_the_numbers_that_psql_says(world: World) -> None:
    """One query per number: the function called by hand, as the run-time role acting for Ann."""
    cast = world.cast
    lamp, wire, horn, bell = (world.item(title) for title in ("Lamp", "Wire", "Horn", "Bell"))
    world.act(cast.ann, "item_decide", item_id=lamp.id)
    browse(cast.ann).post(world.path("session_end"))
    world.act(cast.bob, "item_decide", item_id=wire.id)
    world.act(cast.bob, "item_park", item_id=horn.id)
    world.question()
    world.blocker()
    browse(cast.bob).post(world.path("item_wait", item_id=world.item("Tower").id), {"blocking": bell.id})
    page = browse(cast.ann).get(world.path("project"))
    shown, said = page.context["summary"], summary_by_psql(world)
    split = (shown.split.last_session, shown.split.away, shown.split.this_session)
    assert (
        shown.decided,
        split,
        (shown.exploring, shown.parked, shown.decided_now, shown.total),
        (shown.questions, shown.blockers),
        (shown.version, shown.member_version, shown.last_session),
    ) == (
        said["itemsDecided"],
        tuple(said["itemsDecidedSplit"][part] for part in ("lastSession", "away", "thisSession")),
        (said["itemsExploring"], said["itemsParked"], said["totalDecided"], said["totalItems"]),
        (said["pendingQuestions"], said["openBlockers"]),
        (said["version"], said["memberVersion"], said["lastSession"]),
    )
    assert [step.id for step in page.context["steps"]] == [step["id"] for step in said["suggestedNextSteps"]]
    assert [str(row.id) for row in page.context["blockers"]] == [row["id"] for row in said["activeBlockers"]]
    assert (said["itemsDecided"], said["itemsDecidedSplit"]["away"]) == (2, 1)
    assert summary_by_psql(world, acting="") is None
    assert summary_by_psql(world, acting=str(cast.zoe.id)) is None


def summary_by_psql(world: World, acting: str | None = None) -> dict[str, Any] | None:
    """`get_session_summary` of Ann over a connection of its own."""
    settings = connection.settings_dict
    assert settings["USER"] == "sessions_runtime"
    with psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname=settings["NAME"],
    ) as psql:
        who = str(world.cast.ann.id) if acting is None else acting
        psql.execute("select set_config('app.user_id', %s, true)", [who])
        sql = "select get_session_summary(%s, %s)"
        found = psql.execute(sql, [world.cast.ann.id, world.cast.project.id]).fetchone()
        assert found
        return json.loads(found[0]) if isinstance(found[0], str) else found[0]
