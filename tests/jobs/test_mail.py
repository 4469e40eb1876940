"""Mails that leave as jobs: with their transaction or not at all, sealed, and gone when they are sent."""

from __future__ import annotations

import datetime as dt

import pytest
from cryptography.fernet import InvalidToken
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection, send_mail
from django.db import OperationalError, connection, connections, transaction
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from sessions_app import clock
from sessions_app.db.retry import sqlstate
from sessions_app.jobs.job import Waits
from sessions_app.jobs.mail import deliver, seal, unseal
from sessions_app.models import User
from tests.conftest import Cast
from tests.jobs.conftest import jobs, work_off

SECRET = "https://leftoff.example.org/account/password/reset/key/1-secret/"


@pytest.fixture(autouse=True)
def _queued(settings) -> None:
    """As in production; only what really sends is a list."""
    settings.EMAIL_BACKEND = "sessions_app.jobs.mail.QueuedMail"
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def a_mail(subject: str = "Hello") -> EmailMessage:
    return EmailMessage(subject, f"Follow {SECRET}", "from@example.org", ["reader@example.org"])


def test_a_mail_is_sent_once_by_the_worker_and_its_job_is_gone(database: None) -> None:
    assert send_mail("Hello", SECRET, None, ["ann@example.org"]) == 1
    assert mail.outbox == []
    work_off()
    assert [(sent.subject, sent.body, sent.to) for sent in mail.outbox] == [
        ("Hello", SECRET, ["ann@example.org"])
    ]
    assert jobs() == []


def test_what_is_rolled_back_mails_nobody(database: None) -> None:
    with transaction.atomic():
        a_mail().send()
        transaction.set_rollback(True)
    work_off()
    assert mail.outbox == []


def test_a_mail_server_that_is_away_is_tried_again_later(database: None, settings) -> None:
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    a_mail().send()
    before = clock.now()
    work_off()
    tried = before, clock.now()
    [row] = ProcrastinateJob.objects.all()
    assert (row.status, row.attempts) == ("todo", 1)
    waits = deliver.retry_strategy
    assert isinstance(waits, Waits)
    first, last = (moment + dt.timedelta(seconds=waits.seconds[0]) for moment in tried)
    assert first <= row.scheduled_at <= last
    assert sum(waits.seconds) > 6 * 3600


def test_nobody_reads_a_mail_that_waits(cast: Cast, caplog: pytest.LogCaptureFixture, settings) -> None:
    """Neither in the table, nor in the admin, nor in the log of its failure."""
    settings.MAIL_DELIVERY_BACKEND = "no.such.Backend"
    caplog.set_level("DEBUG")
    a_mail("Reset your password").send()
    work_off()
    row = str(ProcrastinateJob.objects.values().get())
    User.objects.filter(id=cast.ann.id).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(User.objects.get(id=cast.ann.id), "django.contrib.auth.backends.ModelBackend")
    listed = client.get("/admin/procrastinate/procrastinatejob/")
    assert listed.status_code == 200
    one = client.get(f"/admin/procrastinate/procrastinatejob/{ProcrastinateJob.objects.get().id}/change/")
    assert one.status_code == 200
    assert "sessions_app.jobs.mail.deliver" in listed.content.decode()
    for place in (row, listed.content.decode(), one.content.decode(), caplog.text):
        for word in ("reader@example.org", "Reset your password", "1-secret"):
            assert word not in place


def test_a_mail_comes_out_as_it_went_in() -> None:
    went = EmailMultiAlternatives(
        "Grüße",
        "plain",
        "a@example.org",
        ["b@example.org"],
        bcc=["c@example.org"],
        cc=["d@example.org"],
        reply_to=["e@example.org"],
        headers={"X-Kind": "test"},
        alternatives=[("<p>rich</p>", "text/html")],
    )
    sealed = seal(went)
    came, again = unseal(sealed), unseal(sealed)
    for name in ("subject", "body", "from_email", "to", "cc", "bcc", "reply_to", "alternatives"):
        assert getattr(came, name) == getattr(went, name), name
    assert came.extra_headers["X-Kind"] == "test"
    # Sent twice, it is still one mail.
    assert came.message()["Message-ID"] == again.message()["Message-ID"]
    with pytest.raises(ValueError, match="attachments"):
        seal(EmailMessage(attachments=[("a.txt", "text", "text/plain")]))


def test_another_key_reads_nothing(settings) -> None:
    sealed = seal(a_mail())
    settings.SECRET_KEY = "another key " * 5
    with pytest.raises(InvalidToken):
        unseal(sealed)


def test_a_database_in_trouble_is_djangos_own_error(database: None) -> None:
    """So the request answers 503, not 500, and a broken off transaction is known as such."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as owner:
        owner.execute("lock table procrastinate_jobs")
        with transaction.atomic():
            connection.cursor().execute("set local lock_timeout = '50ms'")
            with pytest.raises(OperationalError) as trouble:
                get_connection().send_messages([a_mail()])
            transaction.set_rollback(True)
    assert sqlstate(trouble.value) == "55P03"


def test_a_reset_link_is_sent_by_the_worker(cast: Cast) -> None:
    """The whole way: the page, allauth, the job, the mail."""
    client = Client()
    client.post("/account/password/reset/", {"email": cast.ann.email})
    assert [name for name, _status, _tries in jobs()] == ["deliver"]
    work_off()
    assert [sent.to for sent in mail.outbox] == [[cast.ann.email]]
    assert "/account/password/reset/key/" in mail.outbox[0].body
