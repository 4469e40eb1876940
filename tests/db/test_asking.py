"""Whoever looks whether the database answers is told in time, whatever became of the question."""

from __future__ import annotations

import threading
from pathlib import Path
from threading import Event

import pytest
from django.db import ProgrammingError, connection

from config.databases import database_settings
from sessions_app.db import asking
from sessions_app.db.asking import NoAnswer, ask
from sessions_app.metrics.observed import observing
from sessions_app.services import system
from tests.waiting import wait_until


def value(statement: str) -> object:
    """What a statement returns."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def test_a_question_is_asked_apart_with_a_time_limit_and_counts_as_its_request(database: None) -> None:
    here = value("select pg_backend_pid()")
    with observing("ready") as request:
        there, limit = ask(lambda: (value("select pg_backend_pid()"), value("show statement_timeout")))
    assert (here != there, limit) == (True, "2s")
    assert request.statements == 3
    # Its connection is closed with it; the server notices that in a moment.
    here_still = f"select count(*) from pg_stat_activity where pid = {there}"
    wait_until(lambda: ask(lambda: value(here_still)) == 0)
    assert ask(system.answers) is True


def test_what_the_database_says_is_heard(database: None) -> None:
    with pytest.raises(ProgrammingError, match="no_such_table"):
        ask(lambda: value("select * from no_such_table"))
    assert ask(lambda: value("select 7")) == 7


def test_a_question_without_an_answer_holds_one_thread_until_it_has_one(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    thaw, asked = Event(), []

    def frozen() -> None:
        thaw.wait(20)

    with monkeypatch.context() as soon:
        soon.setattr(asking, "ANSWER_SECONDS", 0.1)
        with pytest.raises(NoAnswer, match=r"within 0\.1 s"):
            ask(frozen)
        for _ in range(3):
            with pytest.raises(NoAnswer, match="the question before"):
                ask(lambda: asked.append(1))
        assert [thread.name for thread in threading.enumerate()].count("asking") == 1
        assert asked == []
        thaw.set()
    assert ask(lambda: "again") == "again"


def test_a_server_beyond_a_dead_network_is_given_up(tmp_path: Path) -> None:
    url = "postgres://u:p@h/d?connect_timeout=9"
    for alias, each in database_settings(url, "", tmp_path, pool_max_connections=4).items():
        options = each["OPTIONS"]
        assert (options["connect_timeout"], options["tcp_user_timeout"]) == (9, 15_000), alias
        assert (options["keepalives_idle"], "lock_timeout" in options["options"]) == (10, True)
