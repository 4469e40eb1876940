"""How far an answer reaches: what it frees, and what it only helps. One definition for every place."""

from __future__ import annotations

from sessions_app.db.rls import acting_as_system
from sessions_app.models import Item, Question
from sessions_app.panels import questions as questions_panel
from sessions_app.services import blockers, dependencies, items, questions
from sessions_app.services.briefing import briefing
from sessions_app.services.questions import Reach
from tests.conftest import Cast
from tests.doing import add, as_system, do, report, seeing, the


def test_an_item_with_nothing_else_in_its_way_is_freed(cast: Cast) -> None:
    """Also where a clarification blocker hangs on the question: that goes with the answer."""
    lamp, horn, bell = add(cast, "Lamp", "Horn", "Bell")
    ask(cast, "How bright?", lamp, horn)
    assert reach(cast, "How bright?") == Reach(frees=2, helps=0)
    do(cast, "bob", items.park_item, horn.id)
    assert reach(cast, "How bright?") == Reach(frees=1, helps=0)
    ask(cast, "How loud?", bell)
    assert reach(cast, "How bright?") == Reach(frees=1, helps=0), "another item's question is no matter"


def test_what_something_else_holds_up_too_is_only_helped(cast: Cast) -> None:
    """By a second question, by a blocker, by an item that must be decided first: whatever it is."""
    lamp, horn, bell, tower = add(cast, "Lamp", "Horn", "Bell", "Tower")
    ask(cast, "How bright?", lamp, horn, bell)
    ask(cast, "What colour?", lamp)
    report(cast, "VerificationAgent", {"approved": False, "issues": ["Too loud"], "blocks": [str(horn.id)]})
    assert reach(cast, "How bright?") == Reach(frees=1, helps=2)
    assert reach(cast, "What colour?") == Reach(frees=0, helps=1)
    do(cast, "bob", dependencies.add_dependency, waiting_id=bell.id, blocking_id=tower.id)
    assert reach(cast, "How bright?") == Reach(frees=0, helps=3)
    do(cast, "bob", questions.answer_question, the(Question, cast, text="What colour?").id, answer="Red")
    do(cast, "bob", items.decide_item, tower.id)
    assert reach(cast, "How bright?") == Reach(frees=2, helps=1)


def test_answering_frees_what_it_said(cast: Cast) -> None:
    lamp, horn = add(cast, "Lamp", "Horn")
    ask(cast, "How bright?", lamp, horn)
    do(cast, "ann", blockers.raise_blocker_by_person, text="No money", blocks=[horn.id])
    assert reach(cast, "How bright?") == Reach(frees=1, helps=1)
    do(cast, "bob", questions.answer_question, the(Question, cast).id, answer="Very")
    with seeing(cast) as view:
        held = {item["title"] for row in view.summary.raw["activeBlockers"] for item in row["items"]}
    assert held == {"Horn"}


def test_every_place_says_the_same(cast: Cast) -> None:
    lamp, horn, bell = add(cast, "Lamp", "Horn", "Bell")
    ask(cast, "How bright?", lamp, horn, bell)
    do(cast, "ann", blockers.raise_blocker_by_person, text="No money", blocks=[horn.id])
    assert reach(cast, "How bright?") == Reach(frees=2, helps=1)
    with seeing(cast) as view:
        (shown,) = questions_panel.context(view)["questions"]
        step = view.summary.raw["suggestedNextSteps"][0]
    assert shown.reach == "frees 2 items and helps 1 more"
    assert (step["frees"], step["blocked_count"]) == (2, 3)
    with acting_as_system([cast.project.id]):
        (told,) = briefing(cast.project.id, agent_type="Scout").questions.rows
    assert (told.frees, told.helps) == (2, 1)


def ask(cast: Cast, text: str, *waiting: Item) -> None:
    as_system(cast, questions.ask_question, "Scout", text=text, blocks=[item.id for item in waiting])


def reach(cast: Cast, text: str) -> Reach:
    return as_system(cast, questions.reach)[the(Question, cast, text=text).id]
