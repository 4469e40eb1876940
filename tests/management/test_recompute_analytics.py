"""`manage.py recompute_analytics`: what is stored, beside what the summary says of the same person."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connections
from hypothesis import given, settings

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.models import SessionAnalytics
from sessions_app.services import analytics, items, recomputing, sessions
from sessions_app.services.recomputing import Chosen
from tests.conftest import Cast
from tests.db.tools import INSUFFICIENT_PRIVILEGE, attempt
from tests.doing import DAY, HOUR, NINE, add, counter, do, every, nothing_changes
from tests.management.running import manage
from tests.services.test_histories import Step, histories, in_a_database, play

RECOMPUTE = "recompute_analytics"


@given(histories)
@settings(in_a_database, max_examples=8)
def test_after_any_history_it_is_what_the_summary_says(cast: Cast, happened: list[Step]) -> None:
    """Rows that somebody spoiled, and rows that are merely old, in any story: each pair is as recomputed."""
    history = play(cast, happened)
    project_id = history.project.id
    with clock.at(history.now), acting_as_system([project_id]):
        for person in history.people:
            analytics.get_summary(person.id, project_id)
        rows = SessionAnalytics.objects.filter(project_id=project_id)
        rows.filter(user=cast.bob).update(
            items_decided_since=-7, items_parked=99, last_activity=None, previous_activity=history.now
        )
        rows.filter(user=cast.vera).update(items_exploring=55, computed_version=0)
    chosen = Chosen(project_id=project_id)
    (batch,) = recomputing.batches(chosen)
    recomputing.recompute(batch, chosen)
    with clock.at(history.now), acting_as_system([project_id]):
        for row in rows:
            assert told(row) == summarised(row), row.user
    assert recomputing.recompute(batch, chosen).rows_written == 0


def test_rows_that_are_right_are_not_written(cast: Cast) -> None:
    spoil(cast)
    before = stored(cast)
    assert manage(RECOMPUTE, "--json").document == {
        "dry_run": False,
        "rows": 3,
        "counters": 0,
        "rows_written": 1,
        "marked_stale": 1,
        "steps": 0,
    }
    after = stored(cast)
    assert [name for name in before if before[name] != after[name]] == ["Bob"]
    assert after["Bob"]["computed_version"] == analytics.STALE
    assert manage(RECOMPUTE, "--json").document["rows_written"] == 0


def test_what_was_spoiled_is_computed_whole_at_the_next_look(cast: Cast) -> None:
    spoil(cast, suggested_next_steps=[])
    manage(RECOMPUTE)
    with acting_as(cast.bob.id):
        assert len(analytics.get_summary(cast.bob.id, cast.project.id)["suggestedNextSteps"]) == 1


def test_steps_are_computed_when_asked_for(cast: Cast) -> None:
    spoil(cast, suggested_next_steps=[])
    assert manage(RECOMPUTE, "--steps", "--json").document["steps"] == 1
    assert stored(cast)["Bob"]["computed_version"] == counter(cast).version
    assert len(stored(cast)["Bob"]["suggested_next_steps"]) == 1


def test_check_names_each_difference_and_fails(cast: Cast) -> None:
    spoil(cast)
    with nothing_changes():
        ran = manage(RECOMPUTE, "--check", "--json")
    assert ran.code == 1
    assert "1 values differ" in ran.error
    assert ran.document["differences"] == [
        {
            "project_id": str(cast.project.id),
            "user_id": str(cast.bob.id),
            "what": "items_exploring",
            "stored": "9",
            "recomputed": "1",
        }
    ]
    assert "items_exploring: stored 9, recomputed 1" in manage(RECOMPUTE, "--check").out
    manage(RECOMPUTE)
    assert manage(RECOMPUTE, "--check").code == 0


def test_what_is_only_old_is_no_difference(cast: Cast) -> None:
    """It is computed when it is read. Nor is a sign of life that made no row old."""
    looked(cast)
    with clock.at(NINE + DAY):
        do(cast, "bob", items.add_item, title="Horn")
        visit(cast)
    looked(cast)
    with clock.at(NINE + DAY + HOUR / 4), acting_as(cast.ann.id):
        sessions.touch_session(cast.ann.id, cast.project.id)
    assert manage(RECOMPUTE, "--check").code == 0
    assert manage(RECOMPUTE, "--json").document["rows_written"] == 1
    assert stored(cast)["Ann"]["last_activity"] == NINE + DAY + HOUR / 4


def test_a_row_of_versions_to_come_is_a_difference(cast: Cast) -> None:
    """As after a restore of one table: it would be believed once the project gets there."""
    looked(cast)
    spoil(cast, items_exploring=1, computed_version=1000)
    ran = manage(RECOMPUTE, "--check", "--json")
    assert [each["what"] for each in ran.document["differences"]] == ["computed_version"]
    manage(RECOMPUTE)
    assert stored(cast)["Bob"]["computed_version"] == analytics.STALE


def test_an_activity_that_no_session_has_is_a_difference(cast: Cast) -> None:
    spoil(cast, items_exploring=1, last_activity=NINE)
    ran = manage(RECOMPUTE, "--check", "--json")
    assert [(each["what"], each["recomputed"]) for each in ran.document["differences"]] == [
        ("last_activity", None)
    ]
    manage(RECOMPUTE)
    assert stored(cast)["Bob"]["last_activity"] is None


def test_wrong_counters_are_found_and_recounted(cast: Cast) -> None:
    """Only somebody who goes round the triggers can make them wrong; pages are told of the right ones."""
    add(cast, "Lamp")
    looked(cast)
    was = counter(cast).version
    with connections["owner"].cursor() as owner:
        owner.execute("update project_counters set exploring = 7, blockers_open = 2")
    ran = manage(RECOMPUTE, "--check", "--project", "Lighthouse", "--json")
    assert {(each["user_id"], each["what"], each["recomputed"]) for each in ran.document["differences"]} >= {
        (None, "exploring", "1"),
        (None, "blockers_open", "0"),
    }
    assert manage(RECOMPUTE, "--json").document["counters"] == 2
    now = counter(cast)
    assert (now.exploring, now.blockers_open, now.version) == (1, 0, was + 1)
    assert manage(RECOMPUTE, "--check").code == 0


def test_only_the_system_recounts(as_ann: Cast) -> None:
    assert attempt("select recount_project(%s)", as_ann.project.id) == INSUFFICIENT_PRIVILEGE


def test_a_dry_run_says_what_would_be_written(cast: Cast) -> None:
    spoil(cast)
    before = stored(cast)
    assert manage(RECOMPUTE, "--dry-run", "--steps", "--json").document["rows_written"] == 1
    assert stored(cast) == before


@pytest.mark.parametrize(
    ("typed", "rows"),
    [
        (["--project", "Lighthouse"], 3),
        (["--user", "BOB@example.org"], 1),
        (["--user", "ann@example.org"], 0),
        (["--project", "Zoe's own"], 0),
        (["--since", "2026-03-02"], 1),
        (["--since", "2026-03-02T09:00:01Z"], 0),
    ],
)
def test_what_is_chosen_is_recomputed_and_nothing_else(cast: Cast, typed: list[str], rows: int) -> None:
    with clock.at(NINE):
        visit(cast, "bob")
    spoil(cast)
    was_spoiled = bool(typed[1].lower().startswith(("light", "bob", "2026-03-02"))) and rows > 0
    assert manage(RECOMPUTE, *typed, "--json").document["rows_written"] == int(was_spoiled)


@pytest.mark.parametrize(
    ("typed", "rows"), [(["--user", "bob@example.org"], 1), (["--since", "2026-03-02"], 1), ([], 4)]
)
def test_what_is_named_is_counted_and_counters_are_nobodys(cast: Cast, typed: list[str], rows: int) -> None:
    """Zoe's project and everybody's counters are left alone, and are in no total."""
    with clock.at(NINE):
        visit(cast, "bob")
    looked(cast)
    with acting_as(cast.zoe.id):
        analytics.get_summary(cast.zoe.id, cast.other.id)
    with connections["owner"].cursor() as owner:
        owner.execute("update project_counters set exploring = 7")
    checked = manage(RECOMPUTE, *typed, "--check", "--json").document
    assert checked["rows"] == rows
    assert any(each["user_id"] is None for each in checked["differences"]) is (typed == [])
    done = manage(RECOMPUTE, *typed, "--json").document
    assert (done["rows"], done["counters"]) == (rows, 0 if typed else 2)


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (["--project", "No such"], 1, "There is no project No such."),
        (["--project", "7a4d6f5e-0000-4000-8000-000000000000"], 1, "There is no project"),
        (["--project", "nul \x00"], 1, "project: holds characters that are not text"),
        (["--user", "nobody@example.org"], 1, "Nobody has the e-mail nobody@example.org."),
        (["--since", "yesterday"], 2, "'yesterday' is no moment"),
        (["--since", "2026-02-30"], 2, "is no moment"),
        (["--check", "--steps"], 2, "not allowed with"),
        (["--surprise"], 2, "unrecognized"),
    ],
)
def test_bad_words_are_refused(cast: Cast, typed: list[str], code: int, said: str) -> None:
    ran = manage(RECOMPUTE, *typed)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.error


def test_an_interrupt_leaves_whole_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done is done; the rest is done by the next run."""
    looked(cast)
    monkeypatch.setattr(recomputing, "PROJECTS_A_BATCH", 1)
    with connections["owner"].cursor() as owner:
        owner.execute("update session_analytics set items_parked = 5")
    recompute = recomputing.recompute
    calls: list[Any] = []

    def interrupted(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return recompute(*args, **kwargs)

    monkeypatch.setattr(recomputing, "recompute", interrupted)
    ran = manage(RECOMPUTE)
    assert (ran.code, "Interrupted" in ran.error) == (1, True)
    monkeypatch.setattr(recomputing, "recompute", recompute)
    manage(RECOMPUTE)
    assert manage(RECOMPUTE, "--check").code == 0


def told(row: SessionAnalytics) -> tuple[Any, ...]:
    return (
        *(row.items_decided_since, row.items_exploring, row.items_parked, row.pending_questions),
        *(row.last_activity, row.previous_activity),
    )


def summarised(row: SessionAnalytics) -> tuple[Any, ...]:
    summary = analytics.get_summary(row.user_id, row.project_id)
    found = analytics.step_facts(row.user_id, row.project_id)["lastActivity"]
    ended = summary["lastSessionEnd"]
    return (
        *(summary["itemsDecided"], summary["itemsExploring"]),
        *(summary["itemsParked"], summary["pendingQuestions"]),
        *(dt.datetime.fromisoformat(each) if each else None for each in (found, ended)),
    )


def looked(cast: Cast) -> None:
    """Everybody in Lighthouse has a row, of today."""
    for user in (cast.ann, cast.bob, cast.vera):
        with acting_as(user.id):
            analytics.get_summary(user.id, cast.project.id)


def spoil(cast: Cast, **values: Any) -> None:
    """Lighthouse has an item, and Bob's row says what is not so."""
    if not counter(cast).exploring:
        add(cast, "Lamp")
    looked(cast)
    with acting_as_system([cast.project.id]):
        SessionAnalytics.objects.filter(user=cast.bob).update(**({"items_exploring": 9} | values))


def visit(cast: Cast, who: str = "ann") -> None:
    user = getattr(cast, who)
    with acting_as(user.id):
        sessions.start_session(user.id, cast.project.id)


def stored(cast: Cast) -> dict[str, dict[str, Any]]:
    names = {user.id: user.display_name for user in (cast.ann, cast.bob, cast.vera)}
    return {
        names[row.user_id]: {key: value for key, value in vars(row).items() if key != "_state"}
        for row in every(SessionAnalytics, cast)
    }
