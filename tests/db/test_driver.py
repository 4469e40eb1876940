"""A server that says nothing is given up, and whoever asked is told."""

from __future__ import annotations

import time

import pytest
from django.db import OperationalError, connection, transaction

from sessions_app.db.planning import allow_seconds
from sessions_app.db.trouble import trouble_of


def sleep(seconds: float) -> None:
    """A statement that takes so long."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_sleep(%s)", [seconds])


def ask_impatiently() -> None:
    """A transaction that waits for less than its statement takes."""
    with transaction.atomic():
        connection.allow_answer(0.2)  # type: ignore[attr-defined]
        sleep(20)


def test_an_answer_that_does_not_come_is_given_up(database: None) -> None:
    """The connection with it: nobody knows what it would say next. The one after it is a new one."""
    sleep(0)
    silent = connection.connection
    started = time.monotonic()
    with pytest.raises(OperationalError, match=r"did not answer within 0\.2 s") as given_up:
        ask_impatiently()
    assert time.monotonic() - started < 10
    trouble = trouble_of(given_up.value)
    assert trouble is not None
    assert trouble.status == 503
    assert silent.closed
    sleep(0)
    assert connection.connection is not silent


def test_a_statement_that_may_take_longer_is_waited_for_longer(database: None) -> None:
    """Until the transaction ends. The server's limit is the first to end it: it says what was ended."""
    with transaction.atomic():
        allow_seconds(1)
        assert connection.connection.answer_seconds == 3
        with pytest.raises(OperationalError, match="statement timeout"), transaction.atomic():
            sleep(20)
        assert connection.connection.answer_seconds == 3
    assert connection.connection.answer_seconds == 17
