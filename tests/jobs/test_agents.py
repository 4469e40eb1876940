"""The in-house agents' jobs: left when somebody spoke, done by the worker, and by the clock besides."""

from __future__ import annotations

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from sessions_app import clock
from sessions_app.agents import clarifier, recorder
from sessions_app.db.rls import acting_as
from sessions_app.digest.digester import digest_waiting
from sessions_app.jobs import agents as agents_jobs
from sessions_app.models import Item, Message, Question
from sessions_app.services import messages
from tests.agents.listening import say
from tests.conftest import Cast
from tests.doing import DAY, NINE, add, again, do, every, the
from tests.jobs.conftest import jobs, work_off


def test_what_is_said_is_heard_by_the_worker(cast: Cast) -> None:
    message = say(cast, "/decide Rent the mill hall")
    assert jobs() == [("listen", "todo", 0)]
    work_off()
    assert (the(Item, cast).title, again(message).unheard, jobs()) == ("Rent the mill hall", False, [])


def test_many_messages_leave_one_job(cast: Cast) -> None:
    for number in range(4):
        say(cast, f"/explore Idea number {number}")
    assert len(jobs()) == 1
    work_off()
    assert len(every(Item, cast)) == 4


def test_a_message_that_is_not_said_after_all_leaves_none(cast: Cast) -> None:
    with acting_as(cast.bob.id):
        messages.post_message(cast.project.id, cast.actor("bob"), text="/decide It", is_live=True)
        transaction.set_rollback(True)
    assert jobs() == []


def test_an_edit_of_what_nobody_heard_is_heard(cast: Cast) -> None:
    message = say(cast, "/decide Rent the hall")
    ProcrastinateJob.objects.all().delete()
    do(cast, "bob", messages.edit_message, message.id, text="/decide Buy the hall")
    work_off()
    assert the(Item, cast).title == "Buy the hall"


def test_the_clock_hears_what_a_lost_job_left(cast: Cast) -> None:
    say(cast, "/decide Rent the mill hall")
    ProcrastinateJob.objects.all().delete()
    agents_jobs.listen(0)
    assert the(Item, cast).title == "Rent the mill hall"


def test_a_queue_that_cannot_be_written_fails_no_message(
    cast: Cast, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(agents_jobs.listen.__class__, "defer", lambda *_, **__: 1 / 0)
        message = say(cast, "/decide Rent the mill hall")
    assert again(message).unheard
    assert "no job could be left for sessions_app.jobs.agents.listen" in caplog.text


def test_an_open_question_is_looked_at_half_an_hour_later(cast: Cast) -> None:
    message = say(cast, "Who has the key to the hall?")
    work_off()
    [job] = ProcrastinateJob.objects.all()
    assert job.task_name.endswith(".clarify")
    assert job.scheduled_at == message.created_at + clarifier.WAIT
    with clock.at(job.scheduled_at):
        agents_jobs.clarify(**job.args)
        digest_waiting([cast.project.id])
    assert "Who has the key" in the(Question, cast).text


def test_gaps_are_sought_wherever_it_is_due(cast: Cast) -> None:
    with clock.at(NINE):
        add(cast, "A night bus")
    with clock.at(NINE + 15 * DAY):
        agents_jobs.seek_gaps(0)
        digest_waiting([cast.project.id])
    assert the(Question, cast).category == "idle"


def test_a_project_that_fails_holds_up_no_other(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told of in the end, so that the job shows as failed."""
    with acting_as(cast.zoe.id):
        messages.post_message(cast.other.id, cast.actor("zoe"), text="/decide It", is_live=True)
    message = say(cast, "/decide Rent the mill hall")
    whole = recorder.hear_one

    def hear_one(heard: Message, *rest: object) -> bool:
        if heard.project_id == cast.other.id:
            raise RuntimeError("an error of ours")
        return whole(heard, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(recorder, "hear_one", hear_one)
    with pytest.raises(ExceptionGroup) as failed:
        agents_jobs.listen(0)
    assert failed.value.exceptions[0].__notes__ == [f"in project {cast.other.id}"]
    assert not again(message).unheard


def test_a_question_is_looked_at_once_the_message_is_heard(cast: Cast) -> None:
    """The job is part of the transaction that marks the message: neither is there without the other."""
    message = say(cast, "Who has the key to the hall?")
    ProcrastinateJob.objects.all().delete()

    def fail(_message: Message) -> None:
        agents_jobs.clarify_later(message)
        raise RuntimeError("the worker dies here")

    with pytest.raises(RuntimeError):
        recorder.listen(cast.project.id, fail)
    assert (jobs(), again(message).unheard) == ([], True)
