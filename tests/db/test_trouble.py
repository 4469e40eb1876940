"""What went wrong in the database is told as what it is; nothing that failed is told as done."""

from __future__ import annotations

import logging
import time
from contextlib import suppress

import pytest
from django.db import DataError, Error, InternalError, OperationalError, connection, transaction

from sessions_app.db.trouble import Complaint, trouble_of


def execute(statement: str) -> None:
    """Run it in the transaction under way."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def status_after(*statements: str, pause: float = 0.0) -> int:
    """What whoever asked for a transaction of these statements is answered."""
    try:
        with transaction.atomic():
            for statement in statements:
                execute(statement)
                time.sleep(pause)
    except Error as error:
        trouble = trouble_of(error)
        return trouble.status if trouble else 500
    finally:
        connection.close()
    raise AssertionError("nothing went wrong")


def test_a_transaction_that_the_server_ended_is_to_be_tried_again(database: None) -> None:
    """It stood idle for too long: the process was held up, and nothing is wrong with the request."""
    idle = "set local idle_in_transaction_session_timeout = '50ms'"
    assert status_after(idle, "select 1", pause=0.3) == 503


def test_a_server_that_only_reads_is_one_that_is_away(database: None) -> None:
    """Another has taken over, or is about to."""
    refused = ("set transaction read only", "create table not_now ()")
    assert status_after(*refused) == 503


def test_an_error_that_was_swallowed_is_no_success(database: None) -> None:
    """PostgreSQL rolls back and says nothing of it: the commit says it."""
    with pytest.raises(InternalError, match="swallowed") as told, transaction.atomic(), suppress(DataError):
        execute("select 1 / 0")
    assert trouble_of(told.value) is None
    # An inner transaction is the way to go on after an error.
    with transaction.atomic():
        with pytest.raises(DataError), transaction.atomic():
            execute("select 1 / 0")
        execute("select 1")


def test_trouble_that_goes_on_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """In a line while the database is away, with the traceback where it is a fault of ours."""
    complaint = Complaint(logging.getLogger("x"))
    for error in (OperationalError("away"), OperationalError("still away"), ZeroDivisionError("ours")):
        complaint.about(error, "project %s cannot be shown now", 7)
    complaint.is_over()
    complaint.about(ZeroDivisionError("again"), "project %s cannot be shown now", 7)
    told = [(record.levelname, record.getMessage(), bool(record.exc_info)) for record in caplog.records]
    assert told == [
        ("WARNING", "project 7 cannot be shown now: away", False),
        ("ERROR", "project 7 cannot be shown now", True),
        ("ERROR", "project 7 cannot be shown now", True),
    ]
