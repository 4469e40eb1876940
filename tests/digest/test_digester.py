"""Leases: a project has one digester at a time, and whoever dies gives it back."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, connections, transaction

from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.digest import claims, digester, fold, loop
from sessions_app.digest.claims import Claim, LeaseLost, claim, leave
from sessions_app.digest.digester import digest_claimed, digest_waiting
from sessions_app.digest.wakeups import Wakeups, wakeups
from sessions_app.models import AgentActivity, ProjectDigest, Question, SessionAnalytics
from sessions_app.services import agents, messages, sessions
from tests.conftest import Cast
from tests.db.tools import connect, owner_rows
from tests.doing import counter, do, every, send_report, the
from tests.waiting import wait_until


def ask(cast: Cast, *texts: str) -> None:
    for text in texts:
        send_report(cast, "QuestionerAgent", {"question": text})


def row(cast: Cast) -> ProjectDigest:
    with acting_as_system([cast.project.id]):
        return ProjectDigest.objects.get(project_id=cast.project.id)


def let_the_lease_end(cast: Cast) -> None:
    """As if its holder had been gone for so long."""
    with acting_as_system([cast.project.id]):
        ProjectDigest.objects.update(leased_until="2000-01-01T00:00:00Z")


def test_nothing_waits_and_nothing_is_claimed(cast: Cast) -> None:
    assert claim(10) == []


def test_a_project_is_claimed_by_one(cast: Cast) -> None:
    ask(cast, "Why?")
    (mine,) = claim(10)
    assert (mine.project_id, mine.tries) == (cast.project.id, 1)
    assert claim(10) == []
    assert digest_waiting() == 0
    assert digest_claimed(mine) == 1
    assert (row(cast).lease, row(cast).tries) == (None, 0)
    assert the(Question, cast).text == "Why?"


def test_a_hint_narrows_the_look(cast: Cast) -> None:
    ask(cast, "Why?")
    assert claim(10, only=[cast.other.id]) == []
    assert len(claim(10, only=[cast.other.id, cast.project.id])) == 1


def test_whoever_died_gives_its_project_back(cast: Cast) -> None:
    ask(cast, "Why?")
    (dead,) = claim(1)
    let_the_lease_end(cast)
    (mine,) = claim(1)
    assert (mine.project_id, mine.tries) == (dead.project_id, 2)
    assert digest_claimed(mine) == 1


def test_who_lost_the_lease_changes_nothing(cast: Cast) -> None:
    """A digester that hung comes back to find its project taken: its work is undone."""
    ask(cast, "Why?")
    (late,) = claim(1)
    let_the_lease_end(cast)
    (other,) = claim(1)
    with pytest.raises(LeaseLost):
        fold.fold_reports(late)
    assert every(Question, cast) == []
    late.release()
    assert row(cast).lease == other.lease
    assert digest_claimed(late) == 0
    assert digest_claimed(other) == 1


def test_a_report_that_ends_its_digester_is_given_up(cast: Cast, monkeypatch) -> None:
    """Others go on; after MOST_TRIES it is marked, and shown as failed."""
    ask(cast, "First?", "Kill me", "Last?")

    class Killed(BaseException):
        """What ends a process passes by every handler of ours."""

    fold_one = fold._fold

    def deadly(change: object, report: AgentActivity) -> None:
        if report.details["question"] == "Kill me":
            raise Killed
        fold_one(change, report)

    monkeypatch.setattr(fold, "_fold", deadly)
    deaths = 0
    for _ in range(10):
        found = claim(1)
        if not found:
            break
        try:
            digest_claimed(found[0])
        except Killed:
            deaths += 1
            connections.close_all()
            let_the_lease_end(cast)
    assert deaths == 1 + fold.MOST_TRIES
    assert {question.text for question in every(Question, cast)} == {"First?", "Last?"}
    with acting_as_system([cast.project.id]):
        failed = AgentActivity.objects.exclude(failure="").values_list("failure", "digested_version")
        assert list(failed) == [("GivenUp", 0)]
    assert row(cast).tries == 0


def test_a_project_that_cannot_be_given_back_waits_for_its_lease(cast: Cast, monkeypatch, caplog) -> None:
    """The database went away in the middle: two lines in the log, and no traceback."""

    def away(*_args: object) -> None:
        raise OperationalError("away")

    ask(cast, "Why?")
    with monkeypatch.context() as broken:
        broken.setattr(digester, "fold_reports", away)
        broken.setattr(Claim, "back_off", away)
        assert digest_waiting() == 0
    assert [record.exc_info for record in caplog.records if record.name == digester.__name__] == [None, None]
    assert claim(1) == []
    let_the_lease_end(cast)
    assert digest_waiting() == 1


def test_a_project_in_trouble_is_tried_again_later(cast: Cast, monkeypatch, caplog) -> None:
    ask(cast, "Why?")
    with monkeypatch.context() as broken:
        broken.setattr(digester, "fold_reports", lambda _claim: 1 / 0)
        assert digest_waiting() == 0
    assert "cannot be digested now" in caplog.text
    assert (row(cast).failure, row(cast).tries) == ("ZeroDivisionError", 1)
    assert claim(1) == [], "not at once"
    let_the_lease_end(cast)
    assert digest_waiting() == 1
    assert (row(cast).failure, row(cast).tries) == ("", 0)


def test_analytics_of_who_is_here_are_kept_fresh(cast: Cast) -> None:
    """Of members with an active session; others' are computed when they come."""
    with acting_as(cast.ann.id):
        sessions.start_session(cast.ann.id, cast.project.id)
    do(cast, "bob", messages.post_message, text="Hello")
    digest_waiting()
    (fresh,) = every(SessionAnalytics, cast)
    assert (fresh.user_id, fresh.computed_version) == (cast.ann.id, counter(cast).version)
    assert claim(1) == []


def test_a_hundred_changes_are_one_recompute(cast: Cast, monkeypatch) -> None:
    with acting_as(cast.ann.id):
        sessions.start_session(cast.ann.id, cast.project.id)
    for n in range(100):
        do(cast, "bob", messages.post_message, text=f"Hello {n}")
    computed: list[object] = []
    recompute = digester.analytics.recompute
    monkeypatch.setattr(
        digester.analytics, "recompute", lambda *args: (computed.append(args[0]), recompute(*args))[1]
    )
    digest_waiting()
    assert computed == [cast.ann.id]


def test_the_loop_digests_what_it_is_woken_for(cast: Cast) -> None:
    with looping():
        ask(cast, "Why?")
        wakeups.add(cast.project.id)
        wait_until(lambda: len(every(Question, cast)) == 1)


def test_the_loop_finds_what_nobody_woke_it_for(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(loop, "LOOK_EVERY_SECONDS", 0.1)
    with looping():
        ask(cast, "Why?")

        def is_asked_while_others_wake_it() -> bool:
            wakeups.add(cast.other.id)
            return len(every(Question, cast)) == 1

        wait_until(is_asked_while_others_wake_it, step=0.02)


def test_a_look_is_over_once_a_project_comes_again(cast: Cast, monkeypatch) -> None:
    """Else some that are always busy would keep it from whoever wakes it meanwhile."""
    digested = []

    def leave_as_they_are(_running: object, claims: list[Claim]) -> bool:
        digested.extend(each.project_id for each in claims)
        leave(claims)
        return True

    monkeypatch.setattr(loop, "MOST_CLAIMED", 1)
    monkeypatch.setattr(loop, "_digest_together", leave_as_they_are)
    ask(cast, "Why?")
    ask_elsewhere(cast)
    loop._look(loop._Running(), threading.Event(), None)
    first, second, third = digested
    assert {first, second} == {cast.project.id, cast.other.id}
    assert third == first


def test_whoever_was_left_comes_before_whoever_was_served(cast: Cast) -> None:
    ask(cast, "Why?")
    ask_elsewhere(cast)
    served, left = claim(2)
    served.release()
    leave([left], -1)
    (next_one,) = claim(1)
    assert (next_one.project_id, next_one.tries) == (left.project_id, 1)


def test_what_somebody_holds_is_given_back_without_waiting(cast: Cast) -> None:
    """That one is free when its lease is over, the other at once."""
    ask(cast, "Why?")
    ask_elsewhere(cast)
    both = claim(2)
    with connect("owner") as other:
        other.execute("begin")
        other.execute("select from project_digests where project_id = %s for update", [cast.project.id])
        # Who waits for a lock gives up in time: that would be an error.
        leave(both)
        other.execute("rollback")
    (again,) = claim(2)
    assert (again.project_id, again.tries) == (cast.other.id, 1)


@pytest.mark.parametrize("was_digested", [False, True])
def test_a_look_waits_for_no_project_that_is_erased(cast: Cast, was_digested: bool) -> None:
    """Nor takes it on; what waits in others is not held up."""
    if was_digested:
        ask(cast, "Who?")
        digest_waiting()
    ask(cast, "Why?")
    ask_elsewhere(cast)
    with connect("owner") as other:
        other.execute("select set_config('app.projects', %s, false)", [f"{{{cast.project.id}}}"])
        other.execute("begin")
        other.execute("select erase_project(%s)", [cast.project.id])
        (mine,) = claim(2)
        assert mine.project_id == cast.other.id
        other.execute("rollback")


def test_two_who_begin_with_the_same_projects_wait_for_nothing(cast: Cast) -> None:
    ask(cast, "Why?")
    ask_elsewhere(cast)
    with connect() as other:
        other.execute("begin")
        other.execute("select from claim_digests(gen_random_uuid(), 8, 1, %s)", [[cast.project.id]])
        (mine,) = claim(2)
        assert mine.project_id == cast.other.id
        other.execute("rollback")
    (mine,) = claim(2)
    assert mine.project_id == cast.project.id


def test_no_more_are_claimed_than_wanted(cast: Cast) -> None:
    """However the database goes about it: here it would look for them once for each row it tries."""
    ask(cast, "Why?")
    ask_elsewhere(cast)
    with transaction.atomic(), connection.cursor() as cursor:
        for way in ("hashjoin", "mergejoin", "hashagg", "material", "sort"):
            cursor.execute(f"set local enable_{way} = off")
        assert len(claim(1)) == 1


@pytest.mark.parametrize("is_narrowed", [False, True])
def test_of_input_that_waits_a_row_of_each_project_is_read(cast: Cast, is_narrowed: bool) -> None:
    """However much there is, as after an hour without a digester."""
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:

        def entries_read() -> int:
            cursor.execute(
                "select sum(pg_stat_get_xact_tuples_returned(indexrelid)) from pg_index"
                " where starts_with(indrelid::regclass::text, 'tracked_activities')"
            )
            return int(cursor.fetchone()[0])

        cursor.execute(
            "insert into tracked_activities (project_id, user_id, kind, metadata, version, received_at)"
            " select p.id, %s, 'typed', '{}', 0, now() from projects p, generate_series(1, 1000)",
            [cast.ann.id],
        )
        both = [cast.project.id, cast.other.id]
        before = entries_read()
        cursor.execute(
            "select project_id from claim_digests(gen_random_uuid(), 8, 10, %s)",
            [both if is_narrowed else None],
        )
        assert {row[0] for row in cursor.fetchall()} == set(both)
        assert entries_read() - before < 10
        transaction.set_rollback(True, using="owner")


def test_what_is_digested_one_by_one_is_claimed_one_by_one(cast: Cast, monkeypatch) -> None:
    """The lease of one whose turn comes late would be over by then."""
    claimed = []
    monkeypatch.setattr(
        digester, "digest_claimed", lambda mine: (claimed.append(leased()), digest_claimed(mine))[1]
    )
    ask(cast, "Why?")
    ask_elsewhere(cast)
    assert digest_waiting() == 2
    assert claimed == [1, 1]


def test_a_project_that_hangs_holds_up_no_other(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(loop, "LOOK_EVERY_SECONDS", 0.1)
    let_go = threading.Event()
    fold_reports = digester.fold_reports

    def hangs_in_lighthouse(mine: Claim) -> int:
        if mine.project_id == cast.project.id:
            let_go.wait(20)
        return fold_reports(mine)

    monkeypatch.setattr(digester, "fold_reports", hangs_in_lighthouse)
    ask(cast, "Why?")
    with looping():
        wait_until(lambda: row(cast).lease is not None if has_row(cast) else False)
        ask_elsewhere(cast)
        wait_until(lambda: was_asked_elsewhere(cast))
        let_go.set()


def test_more_projects_than_there_is_room_for_wait_for_no_clock(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(loop, "LOOK_EVERY_SECONDS", 60)
    monkeypatch.setattr(loop, "MOST_AT_ONCE", 1)
    ask(cast, "Why?")
    ask_elsewhere(cast)
    wakeups.add(None)
    with looping():
        wait_until(lambda: every(Question, cast) and was_asked_elsewhere(cast))


def test_wakeups_are_collected() -> None:
    mine, first, second = Wakeups(), uuid.uuid4(), uuid.uuid4()
    for _ in range(3):
        mine.add(first)
    mine.add(second)
    assert sorted(mine.take(0) or []) == sorted([first, second])
    assert mine.take(0) is None, "nobody asked in time: look at all"
    mine.add(first)
    mine.add(None)
    assert mine.take(0) is None


def test_the_lease_is_on_the_databases_clock(cast: Cast) -> None:
    ask(cast, "Why?")
    claim(1)
    with connections["owner"].cursor() as cursor:
        cursor.execute("select extract(epoch from leased_until - clock_timestamp()) from project_digests")
        left = float(cursor.fetchone()[0])
    assert claims.LEASE_SECONDS - 10 < left <= claims.LEASE_SECONDS


def leased() -> int:
    return int(owner_rows("select count(*) from project_digests where lease is not null")[0][0])


def has_row(cast: Cast) -> bool:
    with acting_as_system([cast.project.id]):
        return ProjectDigest.objects.filter(project_id=cast.project.id).exists()


def ask_elsewhere(cast: Cast) -> None:
    """Let an agent ask in the other project."""
    with acting_as_system([cast.other.id]):
        agents.post_agent_activity(
            cast.other.id, agent_type="A", action="asks", details={"question": "And here?"}
        )


def was_asked_elsewhere(cast: Cast) -> bool:
    with acting_as_system([cast.other.id]):
        return Question.objects.filter(project_id=cast.other.id).exists()


@contextmanager
def looping() -> Iterator[None]:
    """The digester's loop beside the test."""
    stop = threading.Event()
    thread = threading.Thread(target=loop.run_digester, args=[stop])
    thread.start()
    try:
        yield
    finally:
        stop.set()
        # It need not wait for its next look to see that.
        wakeups.add(None)
        thread.join(timeout=20)
        assert not thread.is_alive()
