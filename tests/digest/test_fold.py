"""The digester: folds waiting reports in batches, each once, whoever else digests."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from sessions_app.db.rls import acting_as_system
from sessions_app.digest import fold
from sessions_app.digest.digester import digest_waiting
from sessions_app.models import AgentActivity, Blocker, Question
from sessions_app.services import items
from tests.conftest import Cast
from tests.doing import add, at_once, counter, do, every, kinds, nothing_changes, send_report, the


def test_a_report_waits_until_somebody_digests_it(cast: Cast) -> None:
    before = counter(cast).version
    row = send_report(cast, "QuestionerAgent", {"question": "Why?"})
    assert waiting(cast) == [row.id]
    assert (every(Question, cast), counter(cast).version) == ([], before)
    assert digest_waiting([cast.project.id]) == 1
    assert waiting(cast) == []
    assert the(Question, cast).text == "Why?"
    with nothing_changes():
        assert digest_waiting([cast.project.id]) == 0


def test_one_batch_raises_the_version_once(cast: Cast) -> None:
    before = counter(cast).version
    for n in range(10):
        send_report(cast, "QuestionerAgent", {"question": f"Question {n}?"})
    assert digest_waiting([cast.project.id]) == 10
    assert counter(cast).version == before + 1
    assert kinds(cast, before) == ["question.asked"] * 10
    assert digested_versions(cast) == {before + 1}


def test_each_further_batch_is_a_transaction_of_its_own(cast: Cast, monkeypatch) -> None:
    """So that the project's lock is never held for long, however many reports wait."""
    monkeypatch.setattr(fold, "BATCH_ROWS", 3)
    before = counter(cast).version
    for n in range(7):
        send_report(cast, "QuestionerAgent", {"question": f"Question {n}?"})
    assert digest_waiting([cast.project.id]) == 7
    assert counter(cast).version == before + 3


def test_when_nothing_is_derived_the_version_stays(cast: Cast) -> None:
    before = counter(cast).version
    for n in range(3):
        send_report(cast, "SomeAgent", {"thought": n})
    assert digest_waiting([cast.project.id]) == 3
    assert counter(cast).version == before
    assert digested_versions(cast) == {0}


def test_the_oldest_comes_first(cast: Cast) -> None:
    """What was raised and then reported resolved is over; the other way round it would stand."""
    (lamp,) = add(cast, "Lamp")
    send_report(cast, "GapDetectionAgent", {"gaps": ["The tides"], "blocks": [str(lamp.id)]})
    digest_waiting([cast.project.id])
    gap = the(Blocker, cast)
    send_report(cast, "ResearchAgent", {"resolves": [str(gap.id)]})
    send_report(cast, "GapDetectionAgent", {"gaps": ["The tides"], "blocks": [str(lamp.id)]})
    digest_waiting([cast.project.id])
    assert [blocker.status for blocker in every(Blocker, cast)] == ["cleared", "open"]


def test_an_item_that_was_deleted_meanwhile_is_named_no_more(cast: Cast) -> None:
    lamp, horn = add(cast, "Lamp", "Horn")
    send_report(cast, "QuestionerAgent", {"question": "Why?", "blocks": [str(lamp.id), str(horn.id)]})
    do(cast, "bob", items.delete_item, lamp.id)
    before = counter(cast).version
    digest_waiting([cast.project.id])
    assert kinds(cast, before) == ["question.asked", "blocker.raised"]
    assert the(Blocker, cast).status == "open"


def test_a_row_that_todays_rules_refuse_stays_in_the_feed(cast: Cast) -> None:
    """An older release took it in: it derives nothing, and stops no other."""
    with acting_as_system([cast.project.id]):
        AgentActivity.objects.create(
            project=cast.project, agent_type="A", action="reports", details={"question": 7}
        )
    send_report(cast, "QuestionerAgent", {"question": "Why?"})
    assert digest_waiting([cast.project.id]) == 2
    assert the(Question, cast).text == "Why?"
    assert waiting(cast) == []


def test_concurrent_digesters_fold_each_report_once(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(fold, "BATCH_ROWS", 4)
    for n in range(20):
        send_report(cast, "ClarificationAgent", {"question": f"Question {n % 10}?"})
    folded = at_once(*[lambda: digest_waiting([cast.project.id])] * 4)
    assert sum(folded) == 20, folded
    assert waiting(cast) == []
    assert [question.times_seen for question in every(Question, cast)] == [2] * 10
    assert [blocker.times_seen for blocker in every(Blocker, cast)] == [2] * 10
    assert (counter(cast).questions_open, counter(cast).blockers_open) == (10, 10)


def test_reports_come_in_while_the_project_is_locked(cast: Cast) -> None:
    """The intake takes no project lock: an agent is answered while somebody's verb is under way."""
    from sessions_app import ledger
    from sessions_app.ledger import Actor

    with acting_as_system([cast.project.id]), ledger.change(cast.project.id, Actor.system()):
        (posted,) = at_once(lambda: send_report(cast, "QuestionerAgent", {"question": "Why?"}))
    assert isinstance(posted, AgentActivity)


def test_another_projects_reports_are_left_alone(cast: Cast) -> None:
    send_report(cast, "QuestionerAgent", {"question": "Why?"})
    assert digest_waiting([cast.other.id]) == 0
    assert len(waiting(cast)) == 1


def waiting(cast: Cast) -> list[uuid.UUID]:
    with acting_as_system([cast.project.id]):
        return list(AgentActivity.objects.filter(digested_version__isnull=True).values_list("id", flat=True))


def digested_versions(cast: Cast) -> set[int | None]:
    with acting_as_system([cast.project.id]):
        return set(AgentActivity.objects.values_list("digested_version", flat=True))


def test_a_report_that_cannot_be_folded_holds_up_no_other(cast: Cast) -> None:
    """It is marked and shown; what it had begun is undone, and the versions stay without gaps."""
    before = counter(cast).version
    with refusing_questions("Poison?"):
        send_report(cast, "QuestionerAgent", {"questions": ["First of the bad report?", "Poison?"]})
        send_report(cast, "QuestionerAgent", {"question": "Good?"})
        assert digest_waiting([cast.project.id]) == 2
    assert [question.text for question in every(Question, cast)] == ["Good?"]
    assert (kinds(cast, before), counter(cast).version) == (["question.asked"], before + 1)
    with acting_as_system([cast.project.id]):
        failures = AgentActivity.objects.order_by("received_at").values_list("failure", flat=True)
        assert list(failures) == ["InternalError", ""]


@contextmanager
def refusing_questions(text: str) -> Iterator[None]:
    """Let the database refuse one question, as it would what an older release let in."""
    with connections["owner"].cursor() as owner:
        owner.execute(
            "create function refuse_question() returns trigger language plpgsql as"
            " $$ begin if new.text = tg_argv[0] then raise exception 'poison' using errcode = 'XX000';"
            " end if; return new; end $$"
        )
        owner.execute(
            "create trigger refuse before insert on questions"
            f" for each row execute function refuse_question('{text}')"
        )
        try:
            yield
        finally:
            owner.execute("drop trigger refuse on questions")
            owner.execute("drop function refuse_question()")
