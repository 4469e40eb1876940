"""Analytics are asked about where something may have made them old: no cause is missed, none asked twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction

from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.digest.claims import Claim, claim, leave
from sessions_app.digest.digester import digest_waiting
from sessions_app.jobs.analytics import check_analytics
from sessions_app.models import AnalyticsCheck, Membership, SessionAnalytics
from sessions_app.services import anchors, kept_analytics, messages, recomputing, sessions, tracking
from sessions_app.services.kept_analytics import Computed
from sessions_app.services.recomputing import check_again
from tests.conftest import Cast
from tests.db.tools import connect, is_somebody_waiting, owner_rows, rows_touched
from tests.doing import counter, do, every, send_report


def checks() -> int:
    return len(owner_rows("select from analytics_checks"))


def say(cast: Cast) -> None:
    do(cast, "bob", messages.post_message, text="Hello")


def catch_up(cast: Cast) -> None:
    with acting_as(cast.ann.id):
        anchors.catch_up(cast.ann.id, cast.project.id, counter(cast).version)


def begin_anew(cast: Cast) -> None:
    with acting_as(cast.ann.id):
        sessions.start_session(cast.ann.id, cast.project.id)


def store_late(cast: Cast) -> None:
    """What was computed before the last change is stored after what was computed since."""
    (row,) = every(SessionAnalytics, cast)
    fields = (field.attname for field in SessionAnalytics._meta.concrete_fields)
    columns = {name: getattr(row, name) for name in fields}
    columns["computed_version"] -= 1
    with acting_as(cast.ann.id):
        kept_analytics.keep(Computed(cast.ann.id, cast.project.id, columns))


@pytest.fixture
def here(cast: Cast) -> Cast:
    """Ann is here, and her analytics are of today."""
    say(cast)
    begin_anew(cast)
    digest_waiting()
    return cast


@pytest.mark.parametrize("cause", [say, catch_up, begin_anew, store_late])
def test_whatever_makes_them_old_is_found(here: Cast, cause: Callable[[Cast], None]) -> None:
    assert (claim(1), checks()) == ([], 0)
    cause(here)
    assert digest_waiting() == 0
    (fresh,) = every(SessionAnalytics, here)
    with acting_as_system([here.project.id]):
        member_version = Membership.objects.get(user=here.ann).version
    assert (fresh.computed_version, fresh.computed_member_version) == (counter(here).version, member_version)
    assert (claim(1), checks()) == ([], 0)


def test_a_session_that_was_put_there_is_found(cast: Cast) -> None:
    """By hand, as none of our verbs does it: past the membership's version."""
    begin_anew(cast)
    with acting_as(cast.ann.id):
        sessions.end_session(cast.ann.id, cast.project.id)
    assert (claim(1), checks()) == ([], 0)
    with acting_as_system([cast.project.id]), connection.cursor() as cursor:
        cursor.execute("update user_sessions set is_active = true, session_end = null")
    assert len(claim(1)) == 1


def test_where_nobody_is_here_a_change_is_asked_about_once(cast: Cast) -> None:
    say(cast)
    assert checks() > 0
    assert (claim(1), checks()) == ([], 0)


def test_of_many_a_new_one_is_left_until_they_are_computed(here: Cast) -> None:
    """None that was there: a look before may still take that away."""
    for _ in range(3):
        say(here)
    newest = owner_rows("select max(id) from analytics_checks")
    assert len(claim(1)) == 1
    ((left,),) = owner_rows("select id from analytics_checks")
    assert left > newest[0][0]
    assert claim(1) == [], "it is claimed already"
    assert owner_rows("select id from analytics_checks") == [(left,)], "one stays as it is"


def test_what_is_not_committed_yet_is_asked_about_afterwards(here: Cast) -> None:
    """Its cause is not seen before, whatever is answered meanwhile."""
    say(here)
    with connect() as other:
        other.execute("select set_config('app.projects', %s, false)", [f"{{{here.project.id}}}"])
        other.execute("begin")
        other.execute("select raise_version(%s)", [here.project.id])
        digest_waiting()
        assert (claim(1), checks()) == ([], 0)
        other.execute("commit")
    assert len(claim(1)) == 1


@pytest.mark.parametrize("is_leased", [False, True])
def test_a_look_takes_no_check_of_what_it_did_not_see(cast: Cast, is_leased: bool) -> None:
    """Ids come in no order of commits: a check may be older than one that is answered, and seen later."""
    begin_anew(cast)
    with acting_as(cast.ann.id):
        sessions.end_session(cast.ann.id, cast.project.id)
    digest_waiting()
    if is_leased:
        send_report(cast, "QuestionerAgent", {"question": "Why?"})
    leased = claim(1)
    with connect() as begins:
        begins.execute("select set_config('app.projects', %s, false)", [f"{{{cast.project.id}}}"])
        begins.execute("begin")
        begins.execute("update user_sessions set is_active = true, session_end = null")
        say(cast)
        with _look_that_stands_still(cast):
            begins.execute("commit")
            mine = claim(1, [cast.project.id])
            assert len(mine) == (not is_leased)
    leave([*leased, *mine])
    assert checks() >= 1
    digest_waiting()
    (fresh,) = every(SessionAnalytics, cast)
    assert fresh.computed_version == counter(cast).version
    assert (claim(1), checks()) == ([], 0)


@contextmanager
def _look_that_stands_still(cast: Cast) -> Iterator[None]:
    """Somebody looks at all projects, and has decided; what they take away they do after the block."""
    with acting_as(cast.zoe.id):
        tracking.track_activity(cast.zoe.id, cast.other.id, kind="typed")
    with connect("owner") as makes, ThreadPoolExecutor(1) as pool:
        makes.execute("begin")
        makes.execute(
            "insert into project_digests (project_id, tries, failure) values (%s, 0, '')", [cast.other.id]
        )
        look = pool.submit(_claim_apart)
        while not is_somebody_waiting() and not look.done():
            time.sleep(0.01)
        yield
        makes.execute("rollback")
        leave(look.result())


def _claim_apart() -> list[Claim]:
    try:
        return claim(1)
    finally:
        connections.close_all()


def test_two_who_look_at_the_same_moment_wait_for_nothing(here: Cast) -> None:
    say(here)
    say(here)
    with connect("owner") as other:
        other.execute("begin")
        other.execute("select from analytics_checks for update")
        assert len(claim(1)) == 1
        other.execute("rollback")
    assert checks() == 3
    assert (claim(1), checks()) == ([], 1)


def test_a_look_narrowed_by_a_hint_leaves_others_checks(here: Cast) -> None:
    say(here)
    assert claim(1, [here.other.id]) == []
    assert checks() == 1
    assert len(claim(1, [here.project.id])) == 1


def test_who_is_here_is_not_asked_about_while_nothing_changes(here: Cast) -> None:
    """However many they are: a look touches none of their rows."""
    with connect("owner") as owner:
        # By figures of fuller tables, as other tests leave them, planning itself would look at rows.
        owner.execute("analyze memberships, user_sessions, session_analytics, project_counters")
    # Whatever was left to ask is answered.
    assert (claim(10), checks()) == ([], 0)
    with transaction.atomic(), connection.cursor() as cursor:
        tables = "^(user_sessions|memberships|session_analytics)$"
        before = rows_touched(cursor, tables)
        assert claim(10) == []
        assert rows_touched(cursor, tables) == before


def test_analytics_that_are_gone_are_found(here: Cast) -> None:
    with connect("owner") as owner:
        owner.execute("delete from session_analytics")
    assert len(claim(1)) == 1


def test_a_check_that_was_lost_is_left_again(here: Cast) -> None:
    say(here)
    with connect("owner") as owner:
        owner.execute("delete from analytics_checks")
    assert claim(1) == []
    check_analytics(timestamp=0)
    assert (len(claim(1)), checks()) == (1, 1)
    assert check_again() == 0, "one is there"


@pytest.mark.parametrize("at_once", [1, 2])
def test_lost_checks_are_looked_for_in_portions(
    here: Cast, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(recomputing, "CHECKED_AT_ONCE", at_once)
    with acting_as(here.zoe.id):
        sessions.start_session(here.zoe.id, here.other.id)
    with connect("owner") as owner:
        owner.execute("delete from session_analytics")
        owner.execute("delete from analytics_checks")
    assert check_again() == 2
    assert {each.project_id for each in claim(10)} == {here.project.id, here.other.id}


def test_a_check_of_a_project_that_is_gone_is_answered(cast: Cast) -> None:
    with connect("owner") as owner:
        owner.execute("insert into analytics_checks (project_id) values (gen_random_uuid())")
    assert (claim(1), checks()) == ([], 0)


def test_members_see_their_own_projects_checks(cast: Cast) -> None:
    say(cast)
    for who, project in ((cast.ann, cast.project), (cast.zoe, cast.other)):
        with acting_as(who.id):
            assert set(AnalyticsCheck.objects.values_list("project_id", flat=True)) == {project.id}
