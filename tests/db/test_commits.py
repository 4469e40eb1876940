"""What is done once a transaction is committed."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import transaction

from sessions_app.db.commits import after_commit


def fail() -> None:
    raise ZeroDivisionError


def test_what_fails_costs_neither_the_commit_nor_what_else_is_to_be_done(
    database: None, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever can be called may be handed in: a partial has no name that Django could log."""
    done: list[str] = []
    with transaction.atomic():
        after_commit(partial(fail))
        after_commit(done.append, "after it")
        assert done == []
    assert done == ["after it"]
    assert "ZeroDivisionError" in caplog.text


def test_without_a_transaction_it_is_done_at_once(database: None) -> None:
    done: list[str] = []
    after_commit(partial(fail))
    after_commit(done.append, "at once")
    assert done == ["at once"]


def test_a_rollback_leaves_it_undone(database: None) -> None:
    done: list[str] = []
    with transaction.atomic():
        after_commit(done.append, "never")
        transaction.set_rollback(True)
    assert done == []
