"""The panel as it was at a past session: told again from the ledger, marked as the past, without verbs."""

from __future__ import annotations

import re
import uuid

import pytest

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.models import Session
from sessions_app.panels import as_of
from sessions_app.services import agents, blockers, hand_offs, items, questions, sessions
from tests.conftest import Cast
from tests.doing import DAY, NINE, add, as_system, do, every, report, the
from tests.views.conftest import World, browse


@pytest.fixture
def told(world: World) -> World:
    """Ann's second visit: Lens was decided while she was away, Horn in it; afterwards all of it changes."""
    cast = world.cast
    with clock.at(NINE):
        lamp, lens, horn, bell = add(cast, "Lamp", "Lens", "Horn", "Bell")
        _visit(cast, "ann")
        do(cast, "ann", items.decide_item, lamp.id, reason="Brighter")
        _leave(cast, "ann")
    with clock.at(NINE + DAY):
        do(cast, "bob", items.decide_item, lens.id)
        report(cast, "PlannerAgent", {"question": "Which coast?", "gaps": ["Nobody has the key"]})
    with clock.at(NINE + 2 * DAY):
        _visit(cast, "ann")
        do(cast, "ann", items.decide_item, horn.id, reason="Loud enough")
        do(cast, "ann", hand_offs.leave_hand_off, text="The bell is <next>.")
        _leave(cast, "ann")
    with clock.at(NINE + 3 * DAY):
        do(cast, "bob", items.explore_item, lamp.id)
        do(cast, "bob", items.delete_item, horn.id)
        do(cast, "bob", items.edit_item, bell.id, title="Gong", text="", version=bell.version)
        do(cast, "bob", questions.answer_question, the(questions.Question, cast).id, answer="West")
        do(cast, "bob", blockers.dismiss_blocker, the(blockers.Blocker, cast).id)
    return world


def _visit(cast: Cast, who: str) -> None:
    with acting_as(getattr(cast, who).id):
        sessions.start_session(getattr(cast, who).id, cast.project.id)


def _leave(cast: Cast, who: str) -> None:
    with acting_as(getattr(cast, who).id):
        sessions.end_session(getattr(cast, who).id, cast.project.id)


def page(world: World, **query: str) -> str:
    second = every(Session, world.cast, user_id=world.cast.ann.id)[1]
    response = browse(world.cast.ann).get(world.path("session_then", session_id=second.id), query)
    assert response.status_code == 200, response.text
    return " ".join(response.text.split())


def doors(html: str) -> list[str]:
    return re.findall(r'class="door-number">(\d+)<', html)


def test_the_start_is_what_one_came_back_to(told: World) -> None:
    html = page(told)
    assert "As it was on" in html
    assert "when this session began, after 2 days away" in html
    assert doors(html) == ["2", "2", "0", "1"]
    assert "1 last session · 1 while away · 0 now" in html
    assert "Horn" in html
    assert "Bell" in html, "as it was called then"
    assert "Gong" not in html
    assert "Which coast?" in html
    assert "Nobody has the key" in html


def test_the_end_has_what_one_did(told: World) -> None:
    html = page(told, at="end", state="decided")
    assert "when this session ended" in html
    assert doors(html) == ["3", "1", "0", "1"]
    assert "1 last session · 1 while away · 1 now" in html
    for words in ("Lamp", "Brighter", "Lens", "Loud enough", "The bell is &lt;next&gt;."):
        assert words in html
    assert '<bdi>Horn</bdi> <span class="badge">deleted since</span>' in html


def test_it_offers_no_verb(told: World) -> None:
    main = page(told).partition("<main")[2].partition("</main>")[0]
    assert "As it was on" in main
    assert "<form" not in main
    assert "hx-post" not in main


def test_the_history_leads_to_it(told: World) -> None:
    history = browse(told.cast.ann).get(told.path("sessions")).text
    for session in every(Session, told.cast):
        for at in ("start", "end"):
            assert f"{told.path('session_then', session_id=session.id)}?at={at}" in history


def test_owners_see_all_others_their_own(told: World) -> None:
    ann, bob = (told.session(who) for who in (told.cast.ann, told.cast.bob))
    for who, session, status in (
        (told.cast.ann, bob, 200),
        (told.cast.bob, bob, 200),
        (told.cast.bob, ann, 404),
        (told.cast.vera, ann, 404),
    ):
        path = told.path("session_then", session_id=session.id)
        assert browse(who).get(path).status_code == status
    missing = told.path("session_then", session_id=uuid.uuid4())
    assert browse(told.cast.ann).get(missing).status_code == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [({"at": "noon"}, "At"), ({"state": "lost"}, "State"), ({"after": "x"}, "After")],
)
def test_a_bad_query_names_its_field(told: World, query: dict[str, str], field: str) -> None:
    session = told.session(told.cast.ann)
    response = browse(told.cast.ann).get(told.path("session_then", session_id=session.id), query)
    assert response.status_code == 422
    assert f"{field} must be" in response.text


def test_items_are_read_a_page_at_a_time(world: World) -> None:
    titles = [f"Item {number:02}" for number in range(as_of.ITEMS_A_PAGE + 5)]
    add(world.cast, *titles)
    session = world.session(world.cast.ann)
    browser, query, seen = browse(world.cast.ann), {"at": "end"}, []
    while True:
        then = browser.get(world.path("session_then", session_id=session.id), query).context["then"]
        seen += [item.title for item in then.items]
        if not then.next:
            break
        query = {"at": "end", "after": then.next}
    assert seen == titles[::-1]


def test_many_open_questions_are_counted(world: World) -> None:
    """The oldest are shown, the number says how many there were."""
    for number in range(as_of.MOST_OPEN + 2):
        as_system(
            world.cast,
            agents.post_agent_message,
            "AskAgent",
            text="?",
            metadata={"agentQuestions": [{"question": f"Question {number}?"}]},
        )
    session = world.session(world.cast.ann)
    with acting_as(world.cast.ann.id):
        found = as_of.read(session, at_start=True, most=1)
    assert (found.questions, len(found.open_questions)) == (as_of.MOST_OPEN + 2, as_of.MOST_OPEN)
    assert found.open_questions[0].text == "Question 0?"
