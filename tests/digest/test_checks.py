"""Analytics are asked about where something may have made them old: no cause is missed, none asked twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction

from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.digest.claims import claim
from sessions_app.digest.digester import digest_waiting
from sessions_app.models import AnalyticsCheck, Membership, SessionAnalytics
from sessions_app.services import anchors, kept_analytics, messages, sessions
from sessions_app.services.kept_analytics import Computed
from tests.conftest import Cast
from tests.db.tools import connect, owner_rows
from tests.doing import counter, do, every


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


def test_of_many_the_newest_is_kept_until_they_are_computed(here: Cast) -> None:
    for _ in range(3):
        say(here)
    newest = owner_rows("select max(id) from analytics_checks")
    assert len(claim(1)) == 1
    assert owner_rows("select id from analytics_checks") == newest
    assert claim(1) == [], "it is claimed already"
    assert owner_rows("select id from analytics_checks") == newest


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


def test_two_who_look_at_the_same_moment_wait_for_nothing(here: Cast) -> None:
    say(here)
    say(here)
    with connect("owner") as other:
        other.execute("begin")
        other.execute("select from analytics_checks for update")
        assert len(claim(1)) == 1
        other.execute("rollback")
    assert checks() == 2


def test_a_look_narrowed_by_a_hint_leaves_others_checks(here: Cast) -> None:
    say(here)
    assert claim(1, [here.other.id]) == []
    assert checks() == 1
    assert len(claim(1, [here.project.id])) == 1


def test_who_is_here_is_not_asked_about_while_nothing_changes(here: Cast) -> None:
    """However many they are: a look touches none of their rows."""
    with transaction.atomic(), connection.cursor() as cursor:

        def touched() -> int:
            cursor.execute(
                "select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))"
                " from pg_stat_xact_user_tables"
                " where relname in ('user_sessions', 'memberships', 'session_analytics')"
            )
            return int(cursor.fetchone()[0])

        before = touched()
        assert claim(10) == []
        assert touched() == before


def test_a_check_of_a_project_that_is_gone_is_answered(cast: Cast) -> None:
    with connect("owner") as owner:
        owner.execute("insert into analytics_checks (project_id) values (gen_random_uuid())")
    assert (claim(1), checks()) == ([], 0)


def test_members_see_their_own_projects_checks(cast: Cast) -> None:
    say(cast)
    for who, project in ((cast.ann, cast.project), (cast.zoe, cast.other)):
        with acting_as(who.id):
            assert set(AnalyticsCheck.objects.values_list("project_id", flat=True)) == {project.id}
