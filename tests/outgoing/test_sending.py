"""What waits is sent: signed, once, by whoever comes first, again after a failure, and none for another's."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection

from sessions_app import clock
from sessions_app.db.rls import acting_as_system
from sessions_app.models import Webhook, WebhookDelivery
from sessions_app.outgoing import sending
from sessions_app.outgoing.sending import send_due
from sessions_app.services import deliveries, questions, webhooks
from tests.conftest import Cast
from tests.doing import NINE, again, as_system, at_once, do, the
from tests.outgoing.receiver import Receiver, drip, garbage, is_signed, receiving, status
from tests.services.test_webhooks import SECOND, ask, make


def queued(cast: Cast, receiver: Receiver) -> WebhookDelivery:
    """A test delivery that waits."""
    webhook, _ = make(cast, receiver.url)
    return as_system(cast, webhooks.send_test, webhook.id)


def test_an_answer_arrives_signed(cast: Cast, receiver: Receiver) -> None:
    _, secret = make(cast, receiver.url)
    do(cast, "bob", questions.answer_question, ask(cast).id, answer="Grüße am Montag")
    moment = clock.now() + SECOND
    with clock.at(moment):
        assert send_due() == 1
    [request], row = receiver.got, the(WebhookDelivery, cast)
    assert request.json["data"]["question"]["answer"] == "Grüße am Montag"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == str(row.id)
    assert request.headers["webhook-timestamp"] == str(int(moment.timestamp()))
    assert is_signed(request, secret)
    request.body += b" "
    assert not is_signed(request, secret)
    assert (row.status, row.tries, row.last_status, row.last_error) == ("delivered", 1, 204, "")
    assert send_due() == 0


def test_a_failure_is_tried_again_under_the_same_id(cast: Cast, receiver: Receiver) -> None:
    receiver.answers += [status(500), garbage, status(302, Location="/"), status(200)]
    moment, errors = NINE, []
    with clock.at(NINE):
        row = queued(cast, receiver)
    for wait in (0, *deliveries.WAITS[:3]):
        moment += wait * SECOND
        with clock.at(moment - SECOND):
            assert send_due() == 0
        with clock.at(moment):
            assert send_due() == 1
        errors.append(again(row).last_error)
    assert errors[0] == "answered 500"
    assert errors[1].startswith("does not speak HTTP")
    assert errors[2:] == ["answered 302: redirects are not followed", ""]
    assert (again(row).status, again(row).tries) == ("delivered", 4)
    assert {request.headers["webhook-id"] for request in receiver.got} == {str(row.id)}
    assert len({request.headers["webhook-timestamp"] for request in receiver.got}) == 4


def test_gone_is_gone(cast: Cast, receiver: Receiver) -> None:
    receiver.answers.append(status(410))
    row = queued(cast, receiver)
    send_due()
    assert (again(row).status, again(row).tries) == ("failed", 1)


def test_two_senders_at_once_send_once(cast: Cast, receiver: Receiver) -> None:
    row = queued(cast, receiver)
    assert sum(at_once(*[send_due] * 4)) == 1
    assert len(receiver.got) == 1
    assert again(row).status == "delivered"


def test_what_a_killed_sender_left_is_sent_later(cast: Cast, receiver: Receiver) -> None:
    with clock.at(NINE):
        row = queued(cast, receiver)
        deliveries.claim(1)
        assert send_due() == 0
    with clock.at(NINE + deliveries.LEASE):
        assert send_due() == 1
    assert (again(row).status, again(row).tries, len(receiver.got)) == ("delivered", 2, 1)


def test_a_slow_one_holds_up_none_but_its_own(cast: Cast, receiver: Receiver) -> None:
    """What comes in while it is under way goes out beside it; its own second one waits for it."""
    released, answered = threading.Event(), threading.Event()
    with receiving() as slow:
        slow.answers.append(lambda handler: (released.wait(60), status(200)(handler)))
        webhook, _ = make(cast, slow.url)
        for _ in range(2):
            as_system(cast, webhooks.send_test, webhook.id)
        receiver.otherwise = lambda handler: (status(200)(handler), answered.set())
        sender = threading.Thread(target=lambda: (send_due(), connection.close()))
        sender.start()
        try:
            while not slow.got:
                time.sleep(0.01)
            quick = queued(cast, receiver)
            assert answered.wait(20)
            assert len(slow.got) == 1
        finally:
            released.set()
            sender.join()
        assert len(slow.got) == 2
    assert again(quick).status == "delivered"


def test_nothing_is_begun_after_its_time(cast: Cast, receiver: Receiver) -> None:
    queued(cast, receiver)
    assert send_due(begin_for_seconds=0) == 0
    assert receiver.got == []


def test_what_is_no_longer_allowed_is_not_sent(cast: Cast, receiver: Receiver, settings) -> None:
    """The operator changed their mind: neither plain http nor an address of one's own."""
    row = queued(cast, receiver)
    settings.WEBHOOK_ALLOW_PRIVATE = False
    with clock.at(NINE.replace(year=2099)):
        send_due()
        assert again(row).last_error == "its address must be an address that begins with https://."
        with acting_as_system([cast.project.id]):
            Webhook.objects.update(url=receiver.url.replace("http:", "https:"))
    with clock.at(NINE.replace(year=2100)):
        send_due()
    assert again(row).last_error == "its name leads to a private or local address, where nothing is sent"
    assert (again(row).tries, receiver.got) == (2, [])


def test_a_secret_of_another_key_is_said_and_not_tried_again(
    cast: Cast, receiver: Receiver, settings
) -> None:
    row = queued(cast, receiver)
    settings.SECRET_KEY = "another key " * 5
    send_due()
    assert (again(row).status, receiver.got) == ("failed", [])
    assert "SECRET_KEY" in again(row).last_error


def test_trouble_while_settling_leaves_it_to_the_next(
    cast: Cast, receiver: Receiver, monkeypatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no database")

    with clock.at(NINE):
        row = queued(cast, receiver)
        with monkeypatch.context() as patched:
            patched.setattr(sending.deliveries, "settle", broken)
            assert send_due() == 1
    assert (again(row).status, "was not settled" in caplog.text) == ("waiting", True)
    with clock.at(NINE + deliveries.LEASE):
        assert send_due() == 1
    assert (again(row).status, len(receiver.got)) == ("delivered", 2)


def test_a_long_error_fits(cast: Cast, receiver: Receiver, monkeypatch) -> None:
    receiver.answers.append(drip)
    monkeypatch.setattr(sending, "post", lambda *_: deliveries.Outcome(error="x" * 5000))
    row = queued(cast, receiver)
    send_due()
    assert len(again(row).last_error) == deliveries.ERROR_MAX_CHARACTERS
