"""`manage.py sweep_sessions`: idle sessions end at their last activity, and are named."""

from __future__ import annotations

from typing import Any

import pytest

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.models import Session
from sessions_app.services import sessions
from tests.conftest import Cast
from tests.doing import HOUR, NINE, every, nothing_changes, the
from tests.management.running import manage


@pytest.fixture
def idle(cast: Cast) -> Cast:
    """Ann has been away for an hour, Bob for a quarter of one."""
    for who, moment in (("ann", NINE), ("bob", NINE + 3 * HOUR / 4)):
        user = getattr(cast, who)
        with clock.at(moment), acting_as(user.id):
            sessions.start_session(user.id, cast.project.id)
    return cast


def sweep(*typed: str) -> list[dict[str, str]]:
    with clock.at(NINE + HOUR):
        return manage("sweep_sessions", *typed, "--json").document["sessions"]


def test_an_idle_session_ends_and_is_named_and_only_once(idle: Cast) -> None:
    (ended,) = sweep()
    session = the(Session, idle, user=idle.ann)
    assert ended == {
        "id": str(session.id),
        "project_id": str(idle.project.id),
        "user_id": str(idle.ann.id),
        "session_start": NINE.isoformat(),
        "session_end": NINE.isoformat(),
    }
    assert (session.is_active, session.session_end) == (False, NINE)
    assert the(Session, idle, user=idle.bob).is_active
    assert sweep() == []
    with clock.at(NINE + HOUR):
        assert manage("sweep_sessions").out == "No session is idle.\n"


def test_an_interrupt_leaves_a_note_of_what_was_done(
    idle: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "sessions_app.audit")
    with clock.at(NINE), acting_as(idle.zoe.id):
        sessions.start_session(idle.zoe.id, idle.other.id)
    end_idle = sessions.end_idle
    calls: list[object] = []

    def interrupted(*args: Any) -> list[Session]:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return end_idle(*args)

    monkeypatch.setattr(sessions, "end_idle", interrupted)
    with clock.at(NINE + HOUR):
        assert manage("sweep_sessions").code == 1
    assert "ended=1" in caplog.text


def test_a_limit_of_ones_own(idle: Cast) -> None:
    assert {each["user_id"] for each in sweep("--idle-minutes", "10")} == {str(idle.ann.id), str(idle.bob.id)}
    assert [row.session_end for row in every(Session, idle)] == [NINE, NINE + 3 * HOUR / 4]


def test_a_dry_run_names_them_and_ends_none(idle: Cast) -> None:
    with nothing_changes():
        assert len(sweep("--dry-run")) == 1
        with clock.at(NINE + HOUR):
            assert f"would end at {NINE.isoformat()}" in manage("sweep_sessions", "--dry-run").out
    assert the(Session, idle, user=idle.ann).is_active


def test_of_one_project_only(idle: Cast) -> None:
    assert sweep("--project", "Zoe's own") == []
    assert len(sweep("--project", str(idle.project.id))) == 1


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (["--idle-minutes", "0"], 2, "'0' is no number of minutes"),
        (["--idle-minutes", "1441"], 2, "is no number of minutes"),
        (["--project", "No such"], 1, "There is no project No such."),
    ],
)
def test_bad_words_are_refused(idle: Cast, typed: list[str], code: int, said: str) -> None:
    ran = manage("sweep_sessions", *typed)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.error
