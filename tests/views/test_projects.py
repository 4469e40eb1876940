"""Projects on their pages: create, rename, archive, restore, delete, and the list."""

from __future__ import annotations

import html
import re

import pytest

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_admin
from sessions_app.models import Membership, Project
from sessions_app.models.projects import TITLE_MAX_CHARACTERS
from sessions_app.panels import projects as projects_panel
from sessions_app.panels.paging import place_in_halves
from sessions_app.services import projects
from tests import factories
from tests.doing import DAY, NINE, again, ledger, nothing_changes
from tests.views.conftest import HTMX, World, browse


def test_creating_a_project_leads_to_it(world: World) -> None:
    """Both addresses of the form make one, and whoever made it owns it."""
    browser, titles = browse(world.cast.vera), []
    for path in ("/", "/projects/"):
        page = browser.post(path, {"title": f"  From\t{path} "}, follow=True)
        titles.append(page.context["project"].title)
        assert page.context["membership"].role == "owner"
        assert page.redirect_chain == [(f"/projects/{page.context['project'].id}/", 302)]
    assert titles == ["From /", "From /projects/"]


def test_a_project_needs_a_title_that_fits(world: World) -> None:
    browser = browse(world.cast.vera)
    with nothing_changes():
        for title, rule in (
            ("", "The title must not be empty."),
            ("   ", "The title must not be empty."),
            ("é" * (TITLE_MAX_CHARACTERS + 1), "The title must have at most 300 characters"),
        ):
            page = browser.post("/projects/", {"title": title})
            assert page.status_code == 422
            assert rule in page.text
            assert f'value="{title}"' in page.text


def test_a_title_of_the_greatest_length_is_kept_whole(world: World) -> None:
    """Characters are counted, not bytes."""
    title = "🏮" * TITLE_MAX_CHARACTERS
    page = browse(world.cast.vera).post("/projects/", {"title": title}, follow=True)
    assert page.context["project"].title == title


def test_the_list_has_ones_own_projects_and_what_waits_there(world: World) -> None:
    world.question()
    world.item()
    page = browse(world.cast.bob).get("/")
    assert [row["title"] for row in page.context["projects"]] == ["Lighthouse"]
    assert "1 question for you" in " ".join(page.text.split())
    assert "Zoe" not in page.text
    outsider = browse(world.cast.zoe).get("/")
    assert [row["title"] for row in outsider.context["projects"]] == ["Zoe's own"]


def test_many_come_in_pages_and_are_found_by_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything once, also those of one moment; the archived ones by themselves."""
    monkeypatch.setattr(projects_panel, "PROJECTS_A_PAGE", 3)
    ann, more, title = world.cast.ann, re.compile('hx-get="([^"]+)"'), re.compile('dir="auto">(.+?)</a>')
    world.question()
    with clock.at(NINE):
        made = [factories.project(ann, f"Number {number}") for number in range(9)]
        with acting_as(ann.id):
            for project in made[:4]:
                projects.archive_project(project.id, world.cast.actor("ann"))
    browser = browse(ann)
    under_way, _, archived = browser.get("/").text.partition("Archived")
    assert title.findall(under_way)[0] == "Lighthouse"
    assert '<span\n      class="count">4</span>' in archived
    for page, count in ((under_way, 6), (archived, 4)):
        found = title.findall(page)
        while address := more.search(page):
            page = browser.get(html.unescape(address[1]), headers=HTMX).text
            whole = browser.get(html.unescape(address[1])).text.partition("Archived <span")[0]
            assert title.findall(whole) == title.findall(page)
            found += title.findall(page)
        assert len(found) == len(set(found)) == count
    # Found and counted alike: to the database the capital of "ı" is "I", the small letter of "I" is "i".
    with acting_as(ann.id):
        Project.objects.filter(id=made[0].id).update(title="Number ı")
        Project.objects.filter(id__in=[project.id for project in made[1:5]]).update(title="Number i")
    with monkeypatch.context() as one:
        one.setattr(projects_panel, "PROJECTS_A_PAGE", 1)
        assert browser.get("/", {"q": "R I"}).context["archived_total"] == 3
    assert title.findall(browser.get("/", {"q": "BER 7"}).text) == ["Number 7"]
    assert "No project of that name" in browser.get("/", {"q": "%"}).text
    assert browser.get("/", {"after": "x"}).status_code == 422


def test_archived_ones_are_found_by_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as there is more than a page of them; beyond the last page there are no more."""
    monkeypatch.setattr(projects_panel, "PROJECTS_A_PAGE", 1)
    ann, find = world.cast.ann, "Find a project"
    made = [factories.project(ann, title) for title in ("Pier", "Quay")]
    with acting_as(ann.id):
        for project in (*made, world.cast.project):
            projects.archive_project(project.id, world.cast.actor("ann"))
    browser = browse(ann)
    for path, nothing in (("/", "No project of that name"), ("/projects/archived/", "No archived project")):
        assert find in browser.get(path).text
        found = browser.get(path, {"q": "pie"})
        assert [row["title"] for row in found.context["archived"]] == ["Pier"]
        assert nothing in browser.get(path, {"q": "%"}).text
        beyond = browser.get(path, {"after": place_in_halves(False, NINE - 9 * DAY, made[0].id)}).text
        assert find in beyond
        assert "There are no more" in beyond
        assert nothing not in beyond


def test_renaming(world: World) -> None:
    page = world.act(world.cast.ann, "project_rename", {"title": "Beacon <1>"})
    assert "Renamed." in page
    assert "Beacon &lt;1&gt;" in page
    assert again(world.cast.project).title == "Beacon <1>"
    for title in ("", "x" * (TITLE_MAX_CHARACTERS + 1)):
        assert "Title must" in world.refuse(world.cast.ann, "project_rename", {"title": title}, status=422)


def test_archiving_and_restoring(world: World) -> None:
    """An archived project is read, and restored from its settings or the list; twice is once."""
    ann = world.cast.ann
    for _ in range(2):
        # The second time it is archived already, which the page says.
        response = browse(ann).post(world.path("project_archive"))
    assert response.status_code == 409
    assert again(world.cast.project).archived_at is not None
    page = browse(ann).get("/").text
    assert world.path("project_restore") in page
    assert world.path("item_add") not in browse(ann).get(world.path("project")).text
    for _ in range(2):
        assert "Restored." in world.act(ann, "project_restore")
    assert again(world.cast.project).archived_at is None
    kinds = [row.kind for row in ledger(world.cast)]
    assert (kinds.count("project.archived"), kinds.count("project.restored")) == (1, 1)


def test_deleting_wants_the_title_typed(world: World) -> None:
    for typed in ("", "lighthouse", "Lighthouse!", "Zoe's own"):
        page = world.refuse(world.cast.ann, "project_delete", {"confirm_title": typed}, status=422)
        assert "must be the project&#x27;s title" in page


def test_deleting_takes_everything_of_the_project_and_nothing_else(world: World) -> None:
    world.item()
    world.message()
    world.question()
    world.invitation()
    browser = browse(world.cast.ann)
    browser.get(world.path("project"))
    page = browser.post(world.path("project_delete"), {"confirm_title": " Lighthouse "}, follow=True)
    assert page.redirect_chain == [("/", 302)]
    assert "“Lighthouse” was deleted." in page.text
    assert browser.get(world.path("project")).status_code == 404
    with acting_as_admin():
        assert [project.title for project in Project.objects.all()] == ["Zoe's own"]
        assert [member.user_id for member in Membership.objects.all()] == [world.cast.zoe.id]


def test_verbs_of_the_settings_lead_back_to_them_by_htmx_too(world: World) -> None:
    """They have no panels: whatever asks is sent to the page."""
    response = browse(world.cast.ann).post(world.path("project_rename"), {"title": "B"}, headers=HTMX)
    assert (response.status_code, response.headers["Location"]) == (302, world.path("project_settings"))


def test_the_page_says_what_get_session_summary_says(world: World) -> None:
    """One story: when one was here last, what was decided, what waits, what is next, what is stuck."""
    cast = world.cast
    old, new = world.item("Old lamp"), world.item("New lamp")
    world.act(cast.ann, "item_decide", item_id=old.id)
    browse(cast.ann).post(world.path("session_end"))
    world.act(cast.bob, "item_decide", item_id=new.id)
    world.question("Which colour?")
    world.blocker("The height of the tower")
    page = browse(cast.ann).get(world.path("project"))
    text = " ".join(page.text.split())
    for told in ("New lamp", "Which colour?", "The height of the tower", "just now"):
        assert told in text
    with acting_as(cast.ann.id):
        summary = page.context["summary"]
    assert (summary.decided, summary.split.last_session, summary.split.away) == (2, 1, 1)
    assert [step.id.partition(":")[0] for step in page.context["steps"]] == ["blocker", "question", "project"]
