"""The counts a panel shows are those of the rows, whatever happened to them."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.digest.digester import digest_waiting
from sessions_app.ledger import Actor
from sessions_app.models import Blocker, Item, Question
from sessions_app.services import agents, blockers, dependencies, items, questions
from sessions_app.services.errors import Conflict, Invalid
from tests import factories
from tests.conftest import Cast
from tests.db.tools import column, in_threads, owner_rows

COUNTED = """
select
  (select count(*) from items where project_id = %(p)s and state = 'exploring') as exploring,
  (select count(*) from items where project_id = %(p)s and state = 'decided') as decided,
  (select count(*) from items where project_id = %(p)s and state = 'parked') as parked,
  (select count(*) from questions where project_id = %(p)s and status = 'open') as questions_open,
  (select count(*) from blockers where project_id = %(p)s and status = 'open') as blockers_open
"""
KEPT = (
    "select exploring, decided, parked, questions_open, blockers_open from project_counters where project_id"
)

NINE = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
ITEM_VERBS = ("add", "decide", "park", "explore", "edit", "delete", "wait", "wait no more", "all at once")
REPORTS = ("ask", "ask and block", "gap", "issue")
ANSWERS = ("answer", "dismiss", "expire", "clear", "dismiss blocker", "resolve")
# What happens, to which of the rows there are (counted round), and whether it is taken back.
HISTORIES = st.lists(
    st.tuples(st.sampled_from(ITEM_VERBS + REPORTS + ANSWERS), st.integers(0, 7), st.booleans()),
    min_size=4,
    max_size=18,
)


class TakenBack(Exception):
    """Rolls a step of a history back."""


@settings(max_examples=40)
@given(history=HISTORIES)
def test_counters_are_the_counts_after_any_history(cast: Cast, history: list[tuple[str, int, bool]]) -> None:
    """All verbs in any order, some rolled back: after each one the counters are what count(*) says."""
    project = factories.project(cast.ann, "A history").id
    ann = cast.actor("ann")
    for title in ("Lamp", "Lens", "Stairs"):
        _do("add", 0, project, ann, title)
    for verb, which, taken_back in history:
        try:
            with transaction.atomic(), clock.at(NINE):
                _do(verb, which, project, ann)
                if taken_back:
                    raise TakenBack
        except (TakenBack, Conflict, Invalid):
            pass
        assert counters(project) == counted(project), verb
    versions = column("select distinct version from activities where project_id = %s order by 1", project)
    assert versions == list(range(1, len(versions) + 1))


def test_concurrent_verbs_lose_no_count(cast: Cast) -> None:
    """Four threads add, decide and delete in one project at the same moment."""
    project = cast.project.id

    def work(number: int) -> None:
        actor = cast.actor("bob")
        for count in range(6):
            with acting_as(cast.bob.id):
                item = items.add_item(project, actor, title=f"{number}.{count}")
            with acting_as(cast.bob.id):
                (items.decide_item, items.park_item, items.delete_item)[count % 3](project, actor, item.id)

    in_threads(*(lambda number=number: work(number) for number in range(4)))
    assert counters(project) == counted(project) == (0, 8, 8, 0, 0)


def test_plain_sql_is_counted_too(cast: Cast) -> None:
    """Rows that appear, change or vanish by any statement, several at a time, past all verbs."""
    project = cast.project.id
    for number in range(3):
        _do("add", number, project, cast.actor("ann"))
        _do("ask and block", number, project, cast.actor("ann"))
    assert counters(project) == counted(project) == (3, 0, 0, 3, 3)
    for statement in (
        "update blockers set status = 'dismissed' where text = 'Which 1?'",
        "update questions set status = 'expired' where text <> 'Which 1?'",
        "update questions set status = 'open'",
        "update items set state = 'parked' where title <> 'Idea 0'",
        "delete from blocker_items",
        "delete from blockers",
        "delete from question_items",
        "delete from questions",
        "delete from items where state = 'parked'",
    ):
        with acting_as(cast.ann.id), connection.cursor() as cursor:
            cursor.execute(statement)
        assert counters(project) == counted(project), statement
    assert counters(project) == (1, 0, 0, 0, 0)


def test_a_project_that_is_erased_takes_its_counters_along(cast: Cast) -> None:
    """No counter row without its project."""
    with acting_as(cast.ann.id):
        items.add_item(cast.project.id, cast.actor("ann"), title="Lamp")
        with connection.cursor() as cursor:
            cursor.execute("select erase_project(%s)", [cast.project.id])
    assert column("select project_id from project_counters") == [cast.other.id]


def counters(project_id: UUID) -> tuple[int, ...]:
    [kept] = owner_rows(f"{KEPT} = %s", project_id)
    assert min(kept) >= 0, kept
    return kept


def counted(project_id: UUID) -> tuple[int, ...]:
    [found] = owner_rows(COUNTED.replace("%(p)s", "%s"), *[project_id] * 5)
    return found


def _do(verb: str, which: int, project: UUID, actor: Actor, title: str = "") -> None:
    """One step: `which` picks among the rows there are; without any, nothing happens."""
    if verb in REPORTS:
        _report(verb, which, project)
        digest_waiting([project])
        return
    with acting_as_system([project]):
        if verb == "add":
            items.add_item(project, actor, title=title or f"Idea {which}")
        elif verb in ANSWERS:
            _answer(verb, which, project, actor)
        elif verb == "all at once":
            states = ("exploring", "decided", "parked")
            Item.objects.filter(project_id=project).update(state=states[which % 3])
        else:
            _move(verb, which, project, actor)
    digest_waiting([project])


def _move(verb: str, which: int, project: UUID, actor: Actor) -> None:
    ids = list(
        Item.objects.filter(project_id=project).order_by("created_at", "id").values_list("id", flat=True)
    )
    if not ids:
        return
    one, other = ids[which % len(ids)], ids[(which // 2 + 1) % len(ids)]
    if verb == "decide":
        items.decide_item(project, actor, one, reason=str(which))
    elif verb == "park":
        items.park_item(project, actor, one)
    elif verb == "explore":
        items.explore_item(project, actor, one)
    elif verb == "delete":
        items.delete_item(project, actor, one)
    elif verb == "wait":
        dependencies.add_dependency(project, actor, waiting_id=one, blocking_id=other)
    elif verb == "wait no more":
        dependencies.remove_dependency(project, actor, waiting_id=one, blocking_id=other)
    else:
        item = items.get_item(project, one)
        items.edit_item(project, actor, one, title="Renamed", text=str(which), version=item.version)


def _report(verb: str, which: int, project: UUID) -> None:
    with acting_as_system([project]):
        blocks = [str(i) for i in Item.objects.filter(project_id=project).values_list("id", flat=True)[:2]]
        agent_type, details = {
            "ask": ("QuestionerAgent", {"questions": [f"What of {which}?", "And then?"]}),
            "ask and block": ("ClarificationAgent", {"question": f"Which {which}?", "blocks": blocks}),
            "gap": (
                "GapDetectionAgent",
                {"gaps": [{"description": f"Gap {which}", "question": "How much?"}]},
            ),
            "issue": (
                "VerificationAgent",
                {"approved": False, "issues": [f"Issue {which}"], "blocks": blocks},
            ),
        }[verb]
        agents.post_agent_activity(project, agent_type=agent_type, action="reports", details=details)


def _answer(verb: str, which: int, project: UUID, actor: Actor) -> None:
    asked = list(Question.objects.filter(project_id=project).order_by("created_at", "id"))
    stuck = list(Blocker.objects.filter(project_id=project).order_by("created_at", "id"))
    if verb in ("answer", "dismiss", "expire") and asked:
        question = asked[which % len(asked)]
        if verb == "answer":
            questions.answer_question(project, actor, question.id, answer="Oil.")
        elif verb == "dismiss":
            questions.dismiss_question(project, actor, question.id)
        else:
            Question.objects.filter(id=question.id).update(expires_at=NINE)
            questions.expire_due(project, NINE)
    elif verb in ("clear", "dismiss blocker", "resolve") and stuck:
        blocker = stuck[which % len(stuck)]
        if verb == "clear":
            blockers.clear_blocker(project, actor, blocker.id)
        elif verb == "dismiss blocker":
            blockers.dismiss_blocker(project, actor, blocker.id)
        else:
            agents.post_agent_activity(
                project,
                agent_type="GapDetectionAgent",
                action="resolved",
                details={"resolves": [str(blocker.id)]},
            )
