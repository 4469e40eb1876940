"""What time itself brings: each thing once, in every project, however often and wherever it runs."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.digest.digester import digest_waiting
from sessions_app.jobs import upkeep
from sessions_app.jobs.upkeep import Done, run_upkeep
from sessions_app.ledger import Actor
from sessions_app.models import Blocker, Item, Question, Session, StepMark
from sessions_app.services import agents, blockers, items, sessions, steps, waking
from tests.conftest import Cast
from tests.doing import DAY, HOUR, NINE, at_once, every, failing_in_lighthouse, kinds, nothing_changes, the

EACH_ONCE = Done(
    sessions_ended=1,
    questions_expired=1,
    blockers_cleared=1,
    items_woken=1,
    snoozes_ended=1,
    rows_digested=1,
)
NEXT_DAY = NINE + DAY


@pytest.fixture
def due(cast: Cast) -> Cast:
    """Lighthouse, in which one thing of each kind is due the next morning."""
    with clock.at(NINE):
        leave_something_due(cast.project.id, cast.ann)
    return cast


def test_each_kind_is_done_once(due: Cast) -> None:
    assert run_upkeep(NEXT_DAY) == EACH_ONCE
    assert (the(Session, due).is_active, the(Session, due).session_end) == (False, NINE)
    assert the(Item, due, title="Parked").woke_at == NEXT_DAY
    assert {q.text: q.status for q in every(Question, due)} == {"Now?": "expired", "Late?": "open"}
    assert every(StepMark, due) == []
    assert (the(Blocker, due).status, the(Blocker, due).ended_how) == ("cleared", "its day came")
    assert sorted(kinds(due)[-4:]) == ["blocker.cleared", "item.woke", "question.asked", "question.expired"]
    with nothing_changes():
        assert run_upkeep(NEXT_DAY) == Done()


def test_what_is_not_due_is_left(due: Cast) -> None:
    digest_waiting([due.project.id])
    with nothing_changes():
        assert run_upkeep(NINE) == Done()


def test_two_runs_at_once_do_each_thing_once(due: Cast) -> None:
    first, second = at_once(lambda: run_upkeep(NEXT_DAY), lambda: run_upkeep(NEXT_DAY))
    first += second
    assert first == EACH_ONCE
    assert [kinds(due).count(kind) for kind in ("item.woke", "question.expired", "blocker.cleared")] == [
        1,
        1,
        1,
    ]


def test_every_project_is_kept_up(due: Cast) -> None:
    with clock.at(NINE):
        leave_something_due(due.other.id, due.zoe)
    done = run_upkeep(NEXT_DAY)
    assert done == Done(2, 2, 2, 2, 2, 2)


def test_one_project_in_trouble_does_not_hold_up_the_others(due: Cast, monkeypatch) -> None:
    with clock.at(NINE):
        leave_something_due(due.other.id, due.zoe)
    monkeypatch.setattr(waking, "wake_due", failing_in_lighthouse(due, waking.wake_due))
    with pytest.raises(ExceptionGroup) as failed:
        run_upkeep(NEXT_DAY)
    assert [str(error) for error in failed.value.exceptions] == ["broken"]
    monkeypatch.undo()
    # Lighthouse was undone, the other one done; what waited to be digested was, in both.
    assert run_upkeep(NEXT_DAY) == replace(EACH_ONCE, rows_digested=0)


def test_a_project_deleted_meanwhile_does_not_hold_up_the_others(due: Cast, monkeypatch) -> None:
    gone = UUID(int=7)
    monkeypatch.setattr(upkeep, "_projects_due", lambda _now: [gone, due.project.id])
    with pytest.raises(ExceptionGroup):
        run_upkeep(NEXT_DAY)
    assert not the(Session, due).is_active


def test_the_command_says_what_it_did(due: Cast) -> None:
    with nothing_changes():
        assert _command("--dry-run") == (
            "1 sessions ended, 1 questions expired, 1 blockers cleared, 1 items woken, 1 snoozes ended"
        )
    assert _command() == (
        "1 sessions ended, 1 questions expired, 1 blockers cleared, 1 items woken, 1 snoozes ended,"
        " 1 rows digested"
    )
    with nothing_changes():
        assert _command() == "nothing was due"


def test_a_session_used_meanwhile_is_not_ended(due: Cast) -> None:
    with clock.at(NEXT_DAY - HOUR / 4), acting_as(due.ann.id):
        sessions.start_session(due.ann.id, due.project.id)
    assert run_upkeep(NEXT_DAY).sessions_ended == 0
    assert [session.is_active for session in every(Session, due)] == [False, True]


def leave_something_due(project_id: UUID, owner) -> None:
    """A session, a question with a deadline, a blocker with a day, a parked item, a snooze, a report."""
    actor = Actor.person(owner)
    deadline = (NINE + HOUR).isoformat()
    with acting_as(owner.id):
        sessions.start_session(owner.id, project_id)
        parked = items.add_item(project_id, actor, title="Parked")
        items.park_item(project_id, actor, parked.id, wake_at=NINE + HOUR)
        idle = items.add_item(project_id, actor, title="Idle")
        steps.snooze(owner.id, project_id, f"item:{idle.id}", "day")
        blockers.raise_blocker_by_person(project_id, actor, text="The paint dries", waits_until=NINE + HOUR)
    ask(project_id, {"questions": [{"question": "Now?", "expiresAt": deadline}]})
    digest_waiting([project_id])
    ask(project_id, {"question": "Late?"})


def ask(project_id: UUID, details: dict[str, object]) -> None:
    with acting_as_system([project_id]):
        agents.post_agent_activity(project_id, agent_type="QuestionerAgent", action="asks", details=details)


def _command(*typed: str) -> str:
    said = StringIO()
    call_command("upkeep", *typed, stdout=said)
    return said.getvalue().strip()


def test_event_ids_are_forgotten_after_30_days(cast: Cast) -> None:
    event_id = uuid4()
    report = {"agent_type": "Scout", "action": "looked", "details": {}, "event_id": event_id}
    with acting_as_system([cast.project.id]):
        assert agents.post_agent_activity(cast.project.id, **report) is not None
        assert agents.post_agent_activity(cast.project.id, **report) is None
    assert run_upkeep(clock.now() + 29 * DAY).events_forgotten == 0
    assert run_upkeep(clock.now() + 31 * DAY).events_forgotten == 1
