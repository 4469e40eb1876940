"""Tracked input of many projects is folded together: each row once, and as if it had come alone."""

from __future__ import annotations

import datetime as dt
import random
import time

import pytest
from django.db import connection, connections, transaction

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.digest import together
from sessions_app.digest.claims import Claim, claim, leave
from sessions_app.digest.digester import digest_waiting
from sessions_app.models import ProjectDigest, Session, SessionAnalytics
from sessions_app.services import sessions, tracking
from tests import factories
from tests.conftest import Cast
from tests.db.tools import connect, owner_rows, rows_touched
from tests.doing import NINE, every, send_report

MINUTE = dt.timedelta(minutes=1)

# What analytics and sessions should say of the input that was digested, counted from the rows.
RECOMPUTED = """
select t.project_id, t.user_id, count(*),
  max(t.received_at) filter (where t.received_at >= s.session_start),
  greatest(max(s.session_start), max(t.received_at) filter (where t.received_at >= s.session_start))
from tracked_activities t
left join user_sessions s on s.project_id = t.project_id and s.user_id = t.user_id
where t.digested_at is not null
group by t.project_id, t.user_id
order by 1, 2
"""
STORED = """
select a.project_id, a.user_id, a.activities_tracked, a.last_activity, s.last_activity
from session_analytics a
left join user_sessions s on s.project_id = a.project_id and s.user_id = a.user_id
where a.activities_tracked > 0
order by 1, 2
"""


def track(cast: Cast, who: str, at: dt.datetime = NINE) -> None:
    user = getattr(cast, who)
    with clock.at(at), acting_as(user.id):
        tracking.track_activity(user.id, (cast.other if who == "zoe" else cast.project).id)


def start(cast: Cast, who: str, at: dt.datetime) -> None:
    user = getattr(cast, who)
    with clock.at(at), acting_as(user.id):
        sessions.start_session(user.id, (cast.other if who == "zoe" else cast.project).id)


@pytest.mark.parametrize("rows_a_batch", [2, 7, 8_000])
def test_what_is_folded_is_what_counting_again_finds(cast: Cast, monkeypatch, rows_a_batch: int) -> None:
    """Of several people and projects, some in sessions that began between, in batches of any size."""
    monkeypatch.setattr(together, "BATCH_ROWS", rows_a_batch)
    dice = random.Random(8)
    starts = {"ann": 10, "zoe": 25}
    for minute in range(40):
        for who in (who for who, at in starts.items() if at == minute):
            start(cast, who, NINE + minute * MINUTE)
        track(cast, dice.choice(["ann", "bob", "zoe"]), NINE + minute * MINUTE)
        if minute % 15 == 14:
            digest_waiting()
    digest_waiting()
    stored = owner_rows(STORED)
    assert stored == owner_rows(RECOMPUTED)
    assert sum(row[2] for row in stored) == 40
    assert claim(1) == []


def test_what_whoever_acts_may_not_see_is_not_folded(cast: Cast) -> None:
    """Past row security, which the functions ask once for all the projects they are told."""
    track(cast, "ann")
    track(cast, "zoe")
    both = [cast.project.id, cast.other.id]
    lease = claim(10)[0].lease
    with acting_as(cast.vera.id, cast.project.id):
        assert tracking.fold_tracked(both, most=10) == 1
    with acting_as_system([]), connections["default"].cursor() as cursor:
        assert tracking.fold_tracked(both, most=10) == 0
        cursor.execute("select release_digested(%s, %s)", [lease, both])
        assert cursor.fetchall() == []
    assert [lease] * 2 == [row[0] for row in owner_rows("select lease from project_digests")]


def test_projects_that_are_done_are_released_in_the_batch(cast: Cast) -> None:
    track(cast, "ann")
    track(cast, "zoe")
    claims = claim(10)
    assert together.fold_together(claims, fail) == 2
    with acting_as_system([cast.project.id, cast.other.id]):
        assert set(ProjectDigest.objects.values_list("lease", "tries")) == {(None, 0)}
    assert claim(10) == []


def test_heaps_hold_up_no_project_with_a_report(cast: Cast, monkeypatch) -> None:
    """It is handed on after the first batch, which their shares, rounded up, fill without it."""
    monkeypatch.setattr(together, "BATCH_ROWS", 4)
    send_report(cast, "QuestionerAgent", {"question": "Why?"})
    heaps = [cast.other, factories.project(cast.zoe, "Zoe's second")]
    with acting_as(cast.zoe.id):
        for project in heaps * 5:
            tracking.track_activity(cast.zoe.id, project.id)
    handed_on = []

    def hand_on(mine: Claim) -> None:
        (left,) = owner_rows("select count(*) from tracked_activities where digested_at is null")
        handed_on.append((mine.project_id, *left))

    assert together.fold_together(claim(10), hand_on) == 10
    assert handed_on == [(cast.project.id, 6)]


def test_what_is_left_to_do_is_found_by_index(cast: Cast) -> None:
    """Also where any row of the table seems to be one that waits, and none of the project's is."""
    track(cast, "ann")
    track(cast, "zoe")
    (mine,) = claim(1, [cast.other.id])
    with acting_as_system([cast.other.id]):
        tracking.fold_tracked([cast.other.id], most=10)
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:

        def read_whole() -> int:
            cursor.execute(
                "select sum(seq_tup_read) from pg_stat_xact_user_tables where relname ~ '^tracked_activities'"
            )
            return int(cursor.fetchone()[0])

        cursor.execute("select set_config('app.projects', %s, true)", [f"{{{mine.project_id}}}"])
        cursor.execute(
            "insert into tracked_activities (project_id, user_id, kind, metadata, version, received_at)"
            " select project_id, user_id, kind, metadata, version, received_at"
            " from tracked_activities, generate_series(1, 3000) where project_id = %s",
            [cast.project.id],
        )
        cursor.execute("analyze tracked_activities")
        before = read_whole()
        cursor.execute("select project_id from release_digested(%s, %s)", [mine.lease, [mine.project_id]])
        assert cursor.fetchall() == []
        assert read_whole() == before
        transaction.set_rollback(True, using="owner")


def test_of_reports_that_wait_one_a_project_is_read(cast: Cast) -> None:
    """However many there are, whoever looks: for all projects, for some, and whether one is done."""
    send_report(cast, "QuestionerAgent", {"question": "Why?"})
    with connect("owner") as owner:
        owner.execute(
            "insert into agent_activities (id, project_id, agent_type, action, details, received_at, failure)"
            " select gen_random_uuid(), project_id, agent_type, action, details, received_at, ''"
            " from agent_activities, generate_series(1, 3000)"
        )
        owner.execute("analyze agent_activities")
    with acting_as_system([cast.project.id]), connections["default"].cursor() as cursor:
        before = rows_touched(cursor, "^agent_activities")
        (mine,) = claim(10)
        assert claim(10, [cast.project.id]) == []
        cursor.execute("select project_id from release_digested(%s, %s)", [mine.lease, [mine.project_id]])
        assert cursor.fetchall() == [(mine.project_id,)]
        # One for each who looks, and what planning may look at.
        assert rows_touched(cursor, "^agent_activities") - before < 20


def test_who_is_just_now_beginning_a_session_is_waited_for_by_nobody(cast: Cast) -> None:
    """Their input stays for the next batch; the others' is folded, in the same project too."""
    start(cast, "ann", NINE)
    for who in ("ann", "bob", "zoe"):
        track(cast, who, NINE + MINUTE)
    with connect("owner") as other:
        other.execute("begin")
        other.execute("select from memberships where user_id = %s for no key update", [cast.ann.id])
        assert digest_waiting() == 2
        assert folded(cast) == {cast.bob.id: 1}
        assert every(Session, cast)[0].last_activity == NINE
        other.execute("rollback")
    with acting_as_system([cast.project.id]):
        ProjectDigest.objects.update(leased_until=None)
    assert digest_waiting() == 1
    assert every(Session, cast)[0].last_activity == NINE + MINUTE


def test_who_is_in_other_hands_hides_nobody_behind_them(cast: Cast, monkeypatch) -> None:
    """Their input comes first, and as much of it as a whole batch takes."""
    monkeypatch.setattr(together, "BATCH_ROWS", 2)
    first, second = sorted([cast.ann, cast.bob], key=lambda user: user.id)
    for user in (first, first, second):
        track(cast, "ann" if user == cast.ann else "bob")
    with connect("owner") as other:
        other.execute("begin")
        other.execute("select from memberships where user_id = %s for no key update", [first.id])
        assert digest_waiting() == 1
        other.execute("rollback")
    assert folded(cast) == {second.id: 1}


@pytest.mark.parametrize("table", ["session_analytics", "project_digests"])
def test_a_locked_row_holds_up_its_own_project_only(cast: Cast, table: str) -> None:
    """That one is digested by itself then, also when there is no room for it just now."""
    track(cast, "ann")
    digest_waiting()
    track(cast, "ann")
    track(cast, "zoe")
    handed_on: list[Claim] = []
    claims = claim(10)
    with connect("owner") as other:
        other.execute("begin")
        other.execute(f"select from {table} where project_id = %s for update", [cast.project.id])
        try:
            with connection.cursor() as cursor:
                # So long anybody may wait, but for a batch.
                cursor.execute("set lock_timeout = '60s'")
            started = time.monotonic()
            assert together.fold_together(claims, handed_on.append) == 1
            assert time.monotonic() - started < 30
        finally:
            connection.close()
        other.execute("rollback")
    assert [each.project_id for each in handed_on] == [cast.project.id]
    leave(handed_on)
    (again,) = claim(10)
    assert (again.project_id, again.tries) == (cast.project.id, 2)


def test_where_all_are_locked_they_are_not_looked_for_for_long(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(together, "HALVES_SECONDS", 0)
    track(cast, "ann")
    track(cast, "zoe")
    claims, handed_on = claim(10), list[Claim]()
    with connect("owner") as other:
        other.execute("begin; lock table session_analytics")
        assert together.fold_together(claims, handed_on.append) == 0
        other.execute("rollback")
    assert {each.project_id for each in handed_on} == {cast.project.id, cast.other.id}
    assert all(each.is_suspect for each in handed_on)


def test_trouble_of_one_project_holds_up_no_other(cast: Cast) -> None:
    """Together they fail, so each is digested by itself, and only that one is tried again later."""
    track(cast, "ann")
    track(cast, "zoe")
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "create function refuse() returns trigger language plpgsql as $$ begin"
            f" if new.project_id = '{cast.project.id}' then raise 'poison'; end if; return new; end $$;"
            "create trigger refuse before insert on session_analytics"
            " for each row execute function refuse()"
        )
        try:
            assert digest_waiting() == 1
        finally:
            cursor.execute("drop function refuse cascade")
    assert folded(cast) == {}
    with acting_as_system([cast.project.id, cast.other.id]):
        tries = dict(ProjectDigest.objects.values_list("project_id", "tries"))
        assert tries == {cast.project.id: 2, cast.other.id: 0}
        assert SessionAnalytics.objects.get(project=cast.other).activities_tracked == 1


def test_where_a_digester_failed_a_project_is_digested_by_itself(cast: Cast) -> None:
    """What took its digester down may do it again: it takes no other project along."""
    track(cast, "ann")
    claim(1)
    with acting_as_system([cast.project.id]):
        ProjectDigest.objects.update(leased_until="2000-01-01T00:00:00Z")
    (mine,) = claim(1)
    handed_on = []
    assert together.fold_together([mine], handed_on.append) == 0
    assert handed_on == [mine]


def test_whoever_has_no_turn_left_gives_it_back_untried(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(together, "TURN_SECONDS", -1)
    track(cast, "ann")
    assert together.fold_together(claim(1), fail) == 0
    with acting_as_system([cast.project.id]):
        assert ProjectDigest.objects.get().tries == 0
    (again,) = claim(1)
    assert again.tries == 1


def folded(cast: Cast) -> dict[object, int]:
    return {row.user_id: row.activities_tracked for row in every(SessionAnalytics, cast)}


def fail(*_args: object) -> None:
    raise AssertionError("nothing is to be handed on")
