"""Jobs that send: left after the commit, at the moment of the next try, and by the clock."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connections, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.jobs import webhooks as jobs_of_webhooks
from sessions_app.jobs.webhooks import send_soon
from sessions_app.models import WebhookDelivery
from sessions_app.services import questions, webhooks
from tests.conftest import Cast
from tests.doing import DAY, as_system, do, the
from tests.jobs.conftest import jobs, work_off
from tests.outgoing.conftest import receiver
from tests.outgoing.receiver import Receiver, status
from tests.services.test_webhooks import ask, make

__all__ = ["receiver"]


def test_an_answer_is_sent_by_the_worker(cast: Cast, receiver: Receiver) -> None:
    make(cast, receiver.url)
    do(cast, "bob", questions.answer_question, ask(cast).id, answer="Monday")
    assert [name for name, _status, _tries in jobs()] == ["send_webhooks"]
    work_off()
    assert receiver.events() == ["question.answered"]
    assert (the(WebhookDelivery, cast).status, jobs()) == ("delivered", [])


def test_many_answers_leave_one_job(cast: Cast, receiver: Receiver) -> None:
    make(cast, receiver.url)
    for number in range(3):
        do(cast, "bob", questions.answer_question, ask(cast, f"Which {number}?").id, answer="So")
    assert len(jobs()) == 1
    work_off()
    assert len(receiver.got) == 3


def test_a_rolled_back_answer_leaves_no_job(cast: Cast) -> None:
    make(cast)
    question = ask(cast)
    with acting_as(cast.bob.id):
        questions.answer_question(cast.project.id, cast.actor("bob"), question.id, answer="Monday")
        transaction.set_rollback(True)
    assert jobs() == []


def test_without_a_webhook_there_is_no_job(cast: Cast) -> None:
    do(cast, "bob", questions.answer_question, ask(cast).id, answer="Monday")
    assert jobs() == []


def test_a_failed_try_leaves_a_job_for_the_moment_of_the_next(cast: Cast, receiver: Receiver) -> None:
    receiver.answers.append(status(503))
    webhook, _ = make(cast, receiver.url)
    as_system(cast, webhooks.send_test, webhook.id)
    before = clock.now()
    work_off()
    tried = before, clock.now()
    row = the(WebhookDelivery, cast)
    [job] = ProcrastinateJob.objects.all()
    assert (row.last_error, row.tries) == ("answered 503", 1)
    first, last = (moment + dt.timedelta(seconds=10) for moment in tried)
    assert first <= row.next_try_at <= last
    assert abs(job.scheduled_at - row.next_try_at) < dt.timedelta(seconds=1)
    assert job.task_name.endswith(".wake")
    # A later answer does not wait for that.
    as_system(cast, webhooks.send_test, webhook.id)
    work_off()
    assert len(receiver.got) == 2


def test_waking_has_what_waits_sent(cast: Cast, receiver: Receiver) -> None:
    webhook, _ = make(cast, receiver.url)
    as_system(cast, webhooks.send_test, webhook.id)
    ProcrastinateJob.objects.all().delete()
    jobs_of_webhooks.send_at(clock.now())
    work_off()
    assert (receiver.events(), jobs()) == (["ping"], [])


def test_a_queue_that_cannot_be_written_fails_no_answer(
    cast: Cast, receiver: Receiver, caplog: pytest.LogCaptureFixture, monkeypatch
) -> None:
    """The clock finds it a minute later."""
    make(cast, receiver.url)
    question = ask(cast)
    with monkeypatch.context() as patched:
        broken = jobs_of_webhooks.send_webhooks.configure(queueing_lock="x")
        patched.setattr(broken.__class__, "defer", lambda *_, **__: 1 / 0)
        patched.setattr(jobs_of_webhooks.send_webhooks.__class__, "defer", lambda *_, **__: 1 / 0)
        do(cast, "bob", questions.answer_question, question.id, answer="Monday")
    assert "no job could be left for sessions_app.jobs.webhooks.send_webhooks" in caplog.text
    assert jobs() == []
    jobs_of_webhooks.send_webhooks(timestamp=0)
    connections.close_all()
    assert receiver.events() == ["question.answered"]


def test_leaving_a_job_twice_is_fine(cast: Cast) -> None:
    send_soon()
    send_soon()
    later = clock.now() + DAY
    jobs_of_webhooks.send_at(later)
    jobs_of_webhooks.send_at(later)
    assert len(jobs()) == 2
