"""Lists by places: whole, in order, without a count; what narrows them; what they ask of the database."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sessions_app.db.rls import acting_as_system
from sessions_app.ledger import Actor
from sessions_app.models import Activity, Item, Project, Session, User
from sessions_app.services import items
from tests import factories
from tests.admin.conftest import path
from tests.conftest import Cast
from tests.doing import HOUR, NINE

FEW, MANY = 10, 60
SNAPSHOT = {"version": 0, "decided": 0, "exploring": 0, "parked": 0, "pending_questions": 0}


def visits(cast: Cast, count: int, who: User | None = None, lasted: dt.timedelta = HOUR) -> None:
    """Ended sessions, of which every two begin at the same moment."""
    with acting_as_system([cast.project.id]):
        Session.objects.bulk_create(
            Session(
                user=who or cast.ann,
                project=cast.project,
                session_start=NINE + (number // 2) * 2 * HOUR,
                session_end=NINE + (number // 2) * 2 * HOUR + lasted,
                is_active=False,
                snapshot_at_start=SNAPSHOT | {"taken_at": NINE.isoformat()},
                end_version=0,
            )
            for number in range(count)
        )


def listed(browser: Client, page: str) -> list[object]:
    """The rows of a list and of all that follow it by "More"."""
    found: list[object] = []
    while page:
        answer = browser.get(page)
        assert answer.status_code == 200, answer.text
        found += answer.context["cl"].result_list
        older = answer.context["cl"].older_url
        assert not older or f'href="{older}"' in unescape(answer.text)
        page = older and path(Session) + older
    return found


@pytest.mark.parametrize(
    "narrowed", ["", "?project=Light", "?person=ann@", "?project=Light&active=no&length=hours"]
)
def test_pages_follow_one_another_without_a_gap(cast: Cast, root: Client, narrowed: str) -> None:
    """Newest first; rows of one moment are told apart, also where a page ends between them."""
    visits(cast, MANY + 5)
    found = listed(root, path(Session) + narrowed)
    assert len(found) == len({row.pk for row in found}) == MANY + 5
    assert found == sorted(found, key=lambda row: (row.session_start, row.pk), reverse=True)


def test_a_list_says_what_it_shows(cast: Cast, root: Client) -> None:
    """Of how many is told as PostgreSQL knows it anyway; what is narrowed down is not counted."""
    visits(cast, 40)
    with connections["owner"].cursor() as cursor:
        cursor.execute("analyze user_sessions")
    assert foot(root, "") == "25 of about 40 sessions More"
    assert foot(root, "?active=no") == "25 sessions on this page More"
    assert foot(root, "?active=yes") == "0 sessions"


def foot(browser: Client, narrowed: str) -> str:
    """What stands below a list of sessions."""
    found = re.search(
        r'<p class="paginator">(.*?)</p>', browser.get(path(Session) + narrowed).text, re.DOTALL
    )
    assert found
    return " ".join(re.sub(r"<.*?>", " ", found[1]).split())


@pytest.mark.parametrize(
    ("narrowed", "count"),
    [
        ("?project=lighthouse", 4),
        ("?project=Z", 0),
        ("?project=nothing", 0),
        ("?person=ann@example.org", 3),
        ("?person=BOB", 1),
        ("?person=zoe", 0),
        ("?person=nobody", 0),
        ("?active=yes", 0),
        ("?active=no", 4),
        ("?project=light&length=hour", 0),
        ("?project=light&length=hours", 3),
        ("?project=light&length=long", 1),
        ("?q=ann@example.org", 3),
        ("?q=ann", 0),
    ],
)
def test_filters_and_search(cast: Cast, root: Client, narrowed: str, count: int) -> None:
    visits(cast, 3)
    visits(cast, 1, cast.bob, 5 * HOUR)
    assert len(listed(root, path(Session) + narrowed)) == count


def test_a_search_takes_the_id_of_a_row_a_project_or_a_person(cast: Cast, root: Client) -> None:
    visits(cast, 2)
    with acting_as_system([cast.project.id]):
        row = Session.objects.first()
    for meant, count in ((row.pk, 1), (cast.project.pk, 2), (cast.ann.pk, 2), (cast.bob.pk, 0)):
        assert len(listed(root, f"{path(Session)}?q={meant}")) == count


def test_several_that_fit_are_offered_and_one_is_chosen(cast: Cast, root: Client) -> None:
    """No list of thousands: at most ten, and the word that more fit."""
    for number in range(12):
        factories.project(cast.ann, f"Mill {number:02}")
    visits(cast, 1)
    answer = root.get(f"{path(Session)}?project=mill&active=no")
    assert answer.context["cl"].result_count == 0
    assert "Which one? There are more" in answer.text
    offered = re.findall(r'<a href="\?([^"]*)">Mill \d\d</a>', answer.text)
    assert len(offered) == 10
    assert all("active=no" in link for link in offered)
    assert "Nothing is called that." in root.get(f"{path(Session)}?project=tower").text


def test_a_length_wants_a_project_or_a_person(cast: Cast, root: Client) -> None:
    """Among a million sessions no index finds the long ones."""
    answer = root.get(f"{path(Session)}?length=long")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{path(Session)}?e=1")


def test_a_list_asks_the_same_for_few_rows_and_for_many(cast: Cast, root: Client) -> None:
    """Sessions, the ledger, items and projects: no query for each row, none that counts."""
    asked: dict[int, list[int]] = {FEW: [], 25: []}
    for count in asked:
        visits(cast, count)
        for number in range(count):
            with acting_as_system([cast.project.id]):
                items.add_item(cast.project.id, Actor.person(cast.ann), title=f"Idea {number}")
        for model in (Session, Activity, Item, Project):
            root.get(path(model))
            with CaptureQueriesContext(connection) as queries:
                assert root.get(path(model)).status_code == 200
            assert not any("count(" in query["sql"].lower() for query in queries.captured_queries)
            asked[count].append(len([query for query in queries if "reltuples" not in query["sql"]]))
    assert asked[FEW] == asked[25]
    assert max(asked[25]) <= 12, asked
