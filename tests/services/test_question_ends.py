"""Questions that end without a person: nobody waits any more, withdrawn by their agent, past their time."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.models import Blocker, Item, Question, WebhookDelivery
from sessions_app.services import asking, imports, items, questions, webhooks
from sessions_app.services.briefing import briefing
from sessions_app.services.errors import Conflict, NotAllowed, NotFound
from tests.conftest import Cast
from tests.doing import (
    HOUR,
    NINE,
    add,
    again,
    as_system,
    counter,
    do,
    every,
    kinds,
    ledger,
    nothing_changes,
    refused_field,
    report,
    seeing,
    the,
)
from tests.services.test_imports import LAMP

# How an item stops being explored.
LEAVING: dict[str, Callable[[Cast, Item], object]] = {
    "decided": lambda cast, item: do(cast, "bob", items.decide_item, item.id),
    "parked": lambda cast, item: do(cast, "bob", items.park_item, item.id),
    "deleted": lambda cast, item: do(cast, "bob", items.delete_item, item.id),
}
leaving = pytest.mark.parametrize("how", LEAVING)


# --- nobody waits any more -----------------------------------------------------------------------


@leaving
def test_a_question_ends_with_the_last_item_that_waited(cast: Cast, how: str) -> None:
    """In the same transaction, by nobody, and what hung on it clears."""
    lamp, horn = add(cast, "Lamp", "Horn")
    question = ask(cast, "How bright?", lamp, horn)
    do(cast, "bob", items.park_item, horn.id)
    assert again(question).status == "open"
    before = counter(cast).version
    LEAVING[how](cast, lamp)
    ended, blocker = again(question), the(Blocker, cast)
    assert (ended.status, ended.ended_how) == ("expired", "nobody waits for it any more")
    assert (ended.ended_by_id, ended.version) == (None, before + 1)
    assert blocker.status == "cleared"
    assert blocker.ended_how
    (row,) = [row for row in ledger(cast, before) if row.kind == "question.expired"]
    assert (row.actor_kind, row.version) == ("system", before + 1)
    assert row.data == {"text": "How bright?", "how": "nobody waits for it any more"}
    assert (counter(cast).questions_open, counter(cast).blockers_open) == (0, 0)


@pytest.mark.parametrize("by_import", [False, True])
def test_what_a_decision_clears_says_so(cast: Cast, by_import: bool) -> None:
    """Not that its question ended, which the decision did as well."""
    bring(cast, [LAMP])
    lamp = the(Item, cast)
    question = ask(cast, "How bright?", lamp)
    before = counter(cast).version
    if by_import:
        bring(cast, [replace(LAMP, state="decided")])
    else:
        do(cast, "bob", items.decide_item, lamp.id)
    blocker = the(Blocker, cast)
    assert (blocker.status, blocker.ended_how) == ("cleared", f"“{LAMP.title}” was decided")
    assert blocker.ended_by_id == (None if by_import else cast.bob.id)
    assert again(question).ended_how == asking.NOBODY_WAITS
    assert kinds(cast, before) == ["item.decided", "blocker.cleared", "question.expired"]


@leaving
def test_a_question_that_names_no_item_is_for_people_to_end(cast: Cast, how: str) -> None:
    (lamp,) = add(cast, "Lamp")
    question = ask(cast, "Anything else?")
    LEAVING[how](cast, lamp)
    assert again(question).status == "open"


def test_a_question_on_what_is_decided_waits_for_its_answer(cast: Cast) -> None:
    """Deciding again, or parking, is no leaving: it was not exploring."""
    (lamp,) = add(cast, "Lamp")
    do(cast, "bob", items.decide_item, lamp.id)
    question = ask(cast, "Why?", lamp)
    do(cast, "bob", items.decide_item, lamp.id, reason="It is dark")
    do(cast, "bob", items.park_item, lamp.id)
    assert again(question).status == "open"


def test_an_answer_still_wins(cast: Cast) -> None:
    """Answered before, it stays answered; and reopening asks nobody again."""
    (lamp,) = add(cast, "Lamp")
    question = ask(cast, "How bright?", lamp)
    do(cast, "ann", questions.answer_question, question.id, answer="Very")
    do(cast, "bob", items.decide_item, lamp.id)
    do(cast, "bob", items.explore_item, lamp.id)
    assert again(question).status == "answered"
    assert counter(cast).questions_open == 0


def test_an_import_ends_questions_too(cast: Cast) -> None:
    """Of two items that one import decides, neither waits: the question on both is over."""
    rows = [LAMP, replace(LAMP, key="2", title="Horn")]
    bring(cast, rows)
    question = ask(cast, "How many?", *every(Item, cast))
    bring(cast, [replace(row, state="decided") for row in rows])
    assert again(question).status == "expired"


def test_a_gap_stays_one_when_nobody_waits(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    gap = {"description": "The depth is unknown", "question": "How deep is it?"}
    report(cast, "GapDetectionAgent", {"gaps": [gap], "blocks": [str(lamp.id)]})
    do(cast, "bob", items.park_item, lamp.id)
    assert the(Question, cast).status == "expired"
    assert the(Blocker, cast).status == "open"


def test_the_agent_hears_that_nobody_waits(cast: Cast) -> None:
    """By the webhook, and in its briefing."""
    with acting_as(cast.ann.id):
        webhooks.create_webhook(
            cast.project.id, cast.ann, url="https://agent.example.org/", agent_type="Scout"
        )
    (lamp,) = add(cast, "Lamp")
    question = ask(cast, "How bright?", lamp)
    do(cast, "bob", items.park_item, lamp.id)
    payload = the(WebhookDelivery, cast).payload
    assert payload["type"] == "question.expired"
    told = payload["data"]["question"]
    assert (told["id"], told["answer"], told["endedHow"]) == (str(question.id), None, asking.NOBODY_WAITS)
    with acting_as_system([cast.project.id]):
        (row,) = briefing(cast.project.id, agent_type="Scout", since=0).answers.rows
    assert (row.status, row.how) == ("expired", asking.NOBODY_WAITS)


# --- asked again ---------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["decided", "parked"])
def test_what_nobody_waited_for_is_asked_again_when_an_item_reopens(cast: Cast, how: str) -> None:
    """By the same agent, in the same words, with the blocker that hangs on it."""
    lamp, horn = add(cast, "Lamp", "Horn")
    more = {"options": ["40 W", "60 W"], "category": "light", "importance": "high"}
    question = ask(cast, "How bright?", lamp, horn, **more)
    do(cast, "bob", items.park_item, horn.id)
    LEAVING[how](cast, lamp)
    before = counter(cast).version
    do(cast, "ann", items.explore_item, lamp.id)
    new = the(Question, cast, status="open")
    assert (new.agent_type, new.text, new.fingerprint) == ("Scout", "How bright?", question.fingerprint)
    assert {name: getattr(new, name) for name in more} == more
    assert (new.blocks, new.times_seen, new.version) == (True, 1, before + 1)
    blocker = the(Blocker, cast, status="open")
    assert (blocker.type, blocker.question_id) == ("clarification", new.id)
    assert kinds(cast, before) == ["item.explored", "question.asked", "blocker.raised"]
    _explored, *asked = ledger(cast, before)
    assert {(row.actor_kind, row.actor_agent, row.question_id) for row in asked} == {
        ("agent", "Scout", new.id)
    }
    assert asked[0].data["items"] == sorted([str(lamp.id), str(horn.id)])
    assert again(question).status == "expired"
    do(cast, "ann", items.explore_item, horn.id)
    assert (again(new).times_seen, counter(cast).questions_open) == (1, 1)


def test_only_the_latest_of_the_same_question_counts(cast: Cast) -> None:
    """As often as the item comes and goes it is asked once; and never once it was answered."""
    (lamp,) = add(cast, "Lamp")
    ask(cast, "How bright?", lamp)
    for number in (2, 3):
        do(cast, "bob", items.park_item, lamp.id)
        do(cast, "bob", items.explore_item, lamp.id)
        assert [row.status for row in every(Question, cast)].count("expired") == number - 1
        assert the(Question, cast, status="open").times_seen == 1
    do(cast, "ann", questions.answer_question, the(Question, cast, status="open").id, answer="Very")
    do(cast, "bob", items.park_item, lamp.id)
    do(cast, "bob", items.explore_item, lamp.id)
    assert every(Question, cast, status="open") == []


def test_what_is_deleted_is_named_no_more(cast: Cast) -> None:
    """That makes it another question; answered, it is over like any."""
    lamp, horn = add(cast, "Lamp", "Horn")
    ask(cast, "How many?", lamp, horn)
    do(cast, "bob", items.park_item, lamp.id)
    do(cast, "bob", items.delete_item, horn.id)
    do(cast, "bob", items.explore_item, lamp.id)
    new = the(Question, cast, status="open")
    with acting_as(cast.ann.id):
        assert list(new.blocked_items.values_list("item_id", flat=True)) == [lamp.id]
    do(cast, "ann", questions.answer_question, new.id, answer="Two")
    do(cast, "bob", items.park_item, lamp.id)
    do(cast, "bob", items.explore_item, lamp.id)
    assert every(Question, cast, status="open") == []


@pytest.mark.parametrize(("hours", "kept"), [(2, True), (1, False)])
def test_a_deadline_is_kept_while_it_is_ahead(cast: Cast, hours: int, kept: bool) -> None:
    deadline = NINE + hours * HOUR
    with clock.at(NINE):
        (lamp,) = add(cast, "Lamp")
        ask(cast, "Now?", lamp, expires_at=deadline)
        do(cast, "bob", items.park_item, lamp.id)
    with clock.at(NINE + HOUR):
        do(cast, "bob", items.explore_item, lamp.id)
    assert the(Question, cast, status="open").expires_at == (deadline if kept else None)


def test_an_import_that_reopens_asks_again_too(cast: Cast) -> None:
    bring(cast, [LAMP])
    ask(cast, "How bright?", the(Item, cast))
    bring(cast, [replace(LAMP, state="decided")])
    assert every(Question, cast, status="open") == []
    bring(cast, [LAMP])
    assert the(Question, cast, status="open").text == "How bright?"


def test_a_gap_hangs_on_its_question_asked_again(cast: Cast) -> None:
    """It was there all the time: there is no second blocker."""
    (lamp,) = add(cast, "Lamp")
    gap = {"description": "The depth is unknown", "question": "How deep is it?"}
    report(cast, "GapDetectionAgent", {"gaps": [gap], "blocks": [str(lamp.id)]})
    do(cast, "bob", items.park_item, lamp.id)
    do(cast, "bob", items.explore_item, lamp.id)
    assert the(Blocker, cast).question_id == the(Question, cast, status="open").id


def test_what_ended_otherwise_is_not_asked_again(cast: Cast) -> None:
    """Dismissed, withdrawn, or past its time."""
    with clock.at(NINE):
        (lamp,) = add(cast, "Lamp")
        dismissed, withdrawn = ask(cast, "Gas?", lamp), ask(cast, "Oil?", lamp)
        ask(cast, "Now?", lamp, expires_at=NINE + HOUR)
    do(cast, "bob", questions.dismiss_question, dismissed.id)
    as_system(cast, questions.withdraw_question, "Scout", withdrawn.id)
    as_system(cast, questions.expire_due, NINE + HOUR)
    do(cast, "bob", items.park_item, lamp.id)
    do(cast, "bob", items.explore_item, lamp.id)
    assert every(Question, cast, status="open") == []


# --- withdrawn by the agent that asked -----------------------------------------------------------


@pytest.mark.parametrize("door", ["withdraw", "resolves"])
def test_an_agent_withdraws_its_own_question(cast: Cast, door: str) -> None:
    (lamp,) = add(cast, "Lamp")
    question = ask(cast, "How bright?", lamp)
    before = counter(cast).version
    if door == "withdraw":
        as_system(cast, questions.withdraw_question, "Scout", question.id)
    else:
        report(cast, "Scout", {"resolves": [str(question.id)]})
    ended, blocker = again(question), the(Blocker, cast)
    assert (ended.status, ended.ended_by_id, ended.ended_how) == ("dismissed", None, asking.WITHDRAWN)
    assert (blocker.status, blocker.ended_how) == ("cleared", "question withdrawn")
    assert kinds(cast, before) == ["question.dismissed", "blocker.cleared"]
    dismissed, _cleared = ledger(cast, before)
    assert (dismissed.actor_kind, dismissed.actor_agent) == ("agent", "Scout")
    assert dismissed.data == {"text": "How bright?", "how": asking.WITHDRAWN}


def test_nobody_withdraws_what_another_asked(cast: Cast) -> None:
    """Not another agent, and no agent what is asked in a person's name."""
    question = ask(cast, "How bright?")
    with nothing_changes():
        with pytest.raises(NotAllowed):
            as_system(cast, questions.withdraw_question, "Other", question.id)
        with pytest.raises(NotFound):
            as_system(cast, questions.withdraw_question, "Scout", uuid.uuid4())
    assert refused_field(report, cast, "Other", {"resolves": [str(question.id)]}) == "details.resolves"
    assert refused_field(report, cast, "Scout", {"fills": [str(question.id)]}) == "details.fills"


def test_what_is_over_is_not_withdrawn(cast: Cast) -> None:
    question = ask(cast, "How bright?")
    do(cast, "ann", questions.answer_question, question.id, answer="Very")
    with nothing_changes(), pytest.raises(Conflict, match="answered meanwhile"):
        as_system(cast, questions.withdraw_question, "Scout", question.id)
    report(cast, "Scout", {"resolves": [str(question.id)]})
    assert again(question).status == "answered"


# --- past the deadline ---------------------------------------------------------------------------


def test_until_the_upkeep_has_run_a_late_answer_is_one(cast: Cast) -> None:
    """Until then the old state is true everywhere: the page still asks, and takes the answer."""
    with clock.at(NINE):
        question = ask(cast, "Now?", expires_at=NINE + HOUR)
    with clock.at(NINE + 2 * HOUR):
        with seeing(cast) as view:
            assert view.summary.questions == 1
        do(cast, "bob", questions.answer_question, question.id, answer="Just in time")
        assert as_system(cast, questions.expire_due, NINE + 2 * HOUR) == 0
    assert (again(question).status, again(question).answer) == ("answered", "Just in time")


def ask(cast: Cast, text: str, *waiting: Item, **more: object) -> Question:
    return as_system(
        cast, questions.ask_question, "Scout", text=text, blocks=[item.id for item in waiting], **more
    )


def bring(cast: Cast, rows: list[object]) -> None:
    with acting_as_system([cast.project.id]):
        imports.import_rows(cast.project.id, "adr", rows)
