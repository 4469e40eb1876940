"""What a live page asks beside its socket: refresh, catch-up, session and activity."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client

from sessions_app import clock
from sessions_app.db.rls import acting_as_system
from sessions_app.models import Session, TrackedActivity
from sessions_app.panels import changes
from tests.doing import DAY, HOUR, NINE, NOT_TEXT, counter, ledger, nothing_changes
from tests.views.conftest import HTMX, PANEL_IDS, World, browse


def since_of(page: str) -> str:
    epoch = re.search(r'data-epoch="(\w+)"', page)[1]
    version = re.search(r'data-version="([0-9.]+)"', page)[1]
    return f"{epoch}:{version}"


@pytest.fixture
def ann(world: World) -> Client:
    """Ann's browser, HTMX in it."""
    return browse(world.cast.ann, htmx=True)


@pytest.fixture
def since(world: World) -> str:
    """What the page shows that Ann has loaded."""
    return since_of(browse(world.cast.ann).get(world.path("project")).text)


# --- refresh ----------------------------------------------------------------------------------------


def test_a_page_that_is_up_to_date_gets_nothing(world: World, ann: Client, since: str) -> None:
    with nothing_changes():
        answer = ann.get(world.path("refresh"), {"since": since})
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_page_that_is_behind_gets_all_panels(world: World, ann: Client, since: str) -> None:
    world.message("Something new")
    answer = ann.get(world.path("refresh"), {"since": since})
    assert answer.status_code == 200
    assert all(f'id="{panel}"' in answer.text for panel in PANEL_IDS)
    assert "Something new" in answer.text
    # By Lighthouse's creator, Ann herself: no news to her.
    assert "new message" not in answer.text
    world.message("From Bob", by=world.cast.bob)
    assert "2 new messages" not in ann.get(world.path("refresh"), {"since": since}).text
    assert "1 new message" in ann.get(world.path("refresh"), {"since": since}).text
    answer = ann.get(world.path("refresh"), {"since": since})
    assert ann.get(world.path("refresh"), {"since": _now_at(answer.text, since)}).status_code == 204


@pytest.mark.parametrize(
    "said",
    # The last: this database has never been there, so the page would take none of its panels for newer.
    [
        *("", "x", "0a:1", "0a:1.1", "0a:x.1", "{epoch}:1", *NOT_TEXT[1:]),
        *("{epoch}:9999999999999999999.1", "{epoch}:999999.1"),
    ],
)
def test_a_page_that_cannot_be_compared_reloads(world: World, ann: Client, since: str, said: str) -> None:
    epoch = since.partition(":")[0]
    for name, ids in (("refresh", {}), ("panel", {"name": "changes"})):
        query = {"since": said.format(epoch=epoch).encode("utf-8", "replace").decode()}
        answer = ann.get(world.path(name, **ids), query)
        assert (answer.status_code, answer.headers["HX-Refresh"], answer.content) == (200, "true", b"")


@pytest.mark.parametrize("htmx", [True, False])
def test_refreshing_keeps_no_session_alive(world: World, htmx: bool) -> None:
    ann = browse(world.cast.ann, htmx=htmx)
    with clock.at(NINE):
        since = since_of(browse(world.cast.ann).get(world.path("project")).text)
    with clock.at(NINE + HOUR / 4):
        assert ann.get(world.path("refresh"), {"since": since}).status_code == 204
    (session,) = _sessions(world)
    assert session.last_activity == NINE


# --- catching up -----------------------------------------------------------------------------------


def test_what_was_missed_is_told_in_order_and_whole(world: World, ann: Client, since: str) -> None:
    before = counter(world.cast).version
    for number in range(3):
        world.item(f"Item {number}")
        world.message(f"About item {number}")
    rows, text = missed(world, ann, since)
    assert rows == [(row.id, row.version) for row in ledger(world.cast, before)]
    assert "Item 1" in text


def test_more_than_fits_goes_on_where_it_ended(world: World, ann: Client, since: str, monkeypatch) -> None:
    """One transaction's facts are never parted."""
    monkeypatch.setattr(changes, "CATCH_UP_FACTS", 4)
    before = counter(world.cast).version
    for _ in range(3):
        world.message()
        with acting_as_system([world.cast.project.id]):
            world.item()
            world.item()
    rows, _ = missed(world, ann, since)
    assert rows == [(row.id, row.version) for row in ledger(world.cast, before)]


def test_whoever_is_too_far_behind_reloads(world: World, ann: Client, since: str, monkeypatch) -> None:
    monkeypatch.setattr(changes, "MOST_BEHIND_VERSIONS", 2)
    for _ in range(3):
        world.message()
    answer = ann.get(world.path("panel", name="changes"), {"since": since})
    assert answer.headers["HX-Refresh"] == "true"


def missed(world: World, browser: Client, since: str) -> tuple[list[tuple[int, int]], str]:
    """Ask again and again until all is told."""
    rows, text = [], ""
    while since:
        answer = browser.get(world.path("panel", name="changes"), {"since": since})
        assert answer.status_code == 200
        found = re.findall(r'id="activity-(\d+)" data-version="(\d+)"', answer.text)
        rows += [(int(row), int(version)) for row, version in found]
        text += answer.text
        more = re.search(r'data-next="([^"]+)"', answer.text)
        since = more[1] if more else ""
    return rows, text


# --- the session -------------------------------------------------------------------------------------


def test_coming_back_to_an_open_page_starts_a_session(world: World, ann: Client) -> None:
    """The tab was open all night: its panels tell then from the last session's end."""
    with clock.at(NINE):
        browse(world.cast.ann).get(world.path("project"))
    with clock.at(NINE + HOUR / 4):
        assert ann.post(world.path("session_start")).status_code == 200
    assert len(_sessions(world)) == 1
    with clock.at(NINE + DAY):
        answer = ann.post(world.path("session_start"))
        assert "23 hours ago" in answer.text
    first, second = _sessions(world)
    assert (first.session_end, second.is_active) == (NINE + HOUR / 4, True)
    assert all(f'id="{panel}"' in answer.text for panel in PANEL_IDS)


# --- activity ----------------------------------------------------------------------------------------


def test_activity_is_one_row_and_a_202(world: World, ann: Client) -> None:
    event = str(uuid.uuid4())
    form = {"kind": "typed", "event_id": event, "metadata": '{"where": "chat"}'}
    for _ in range(2):
        assert ann.post(world.path("activity"), form).status_code == 202
    (row,) = _tracked(world)
    assert (row.user_id, str(row.event_id), row.kind) == (world.cast.ann.id, event, "typed")
    assert row.metadata == {"where": "chat"}
    assert ann.post(world.path("activity"), form | {"kind": "other"}).status_code == 409
    assert ann.post(world.path("activity")).status_code == 202
    assert len(_tracked(world)) == 2


def test_a_beacon_is_a_form_with_its_token(world: World) -> None:
    browser = browse(world.cast.vera, enforce_csrf_checks=True)
    page = browser.get(world.path("project")).text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    assert browser.post(world.path("activity"), {"csrfmiddlewaretoken": token}).status_code == 202
    assert browser.post(world.path("activity")).status_code == 403
    assert len(_tracked(world)) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("event_id", "x"),
        ("event_id", "7"),
        ("metadata", "{"),
        ("metadata", "[]"),
        ("metadata", '{"a": NaN}'),
        ("metadata", '{"a": "\\u0000"}'),
        ("metadata", '{"a": "\\ud800"}'),
        ("metadata", '{"a": 1, "a": 2}'),
        ("metadata", '{"a": -0}'),
        ("metadata", '{"a": 9223372036854775808}'),
        ("metadata", '{"a": 1e999}'),
        ("metadata", '{"a": "' + "é" * 4100 + '"}'),
        ("metadata", '{"a": ' + "[" * 4000 + "}"),
        ("metadata", '{"a": "' + "x" * 9000 + '"}'),
        ("kind", "x" * 101),
    ],
)
def test_bad_input_is_refused_by_name(world: World, field: str, value: str) -> None:
    browser = browse(world.cast.ann)
    with nothing_changes():
        answer = browser.post(world.path("activity"), {field: value}, headers=HTMX)
    assert answer.status_code == 422
    assert field.replace("_", " ").capitalize() in answer.text
    assert _tracked(world) == []


def _now_at(panels: str, since: str) -> str:
    version = re.search(r'id="version" value="([\d.]+)"', panels)[1]
    return f"{since.partition(':')[0]}:{version}"


def _sessions(world: World) -> list[Session]:
    with acting_as_system([world.cast.project.id]):
        return list(Session.objects.order_by("session_start"))


def _tracked(world: World) -> list[TrackedActivity]:
    with acting_as_system([world.cast.project.id]):
        return list(TrackedActivity.objects.order_by("id"))
