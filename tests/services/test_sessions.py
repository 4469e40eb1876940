"""Sessions: start, resume, touch, end, and the sweep of the idle ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.digest.digester import digest_waiting
from sessions_app.ledger import Actor
from sessions_app.models import Membership, Session
from sessions_app.services import agents, analytics, items, sessions
from sessions_app.services.errors import NotFound
from tests.conftest import Cast
from tests.db.tools import CHECK_VIOLATION, UNIQUE_VIOLATION, attempt

NINE = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
MICROSECOND = dt.timedelta(microseconds=1)
IDLE = 30 * MINUTE


def at(moment: dt.datetime, cast: Cast, act: Callable[..., Any], **how: object) -> Any:
    """Ann does something with her session at this moment, in a transaction of its own."""
    with clock.at(moment), acting_as(cast.ann.id):
        return act(cast.ann.id, cast.project.id, **how)


def change(cast: Cast, verb: Callable[..., Any], *args: object, actor: Actor | None = None) -> Any:
    """Somebody else changes the project meanwhile, by one version."""
    with acting_as_system([cast.project.id]):
        return verb(cast.project.id, actor or cast.actor("bob"), *args)


def sweep(cast: Cast, moment: dt.datetime) -> int:
    with acting_as_system([cast.project.id]):
        return len(sessions.end_idle(cast.project.id, moment))


def again(session: Session) -> Session:
    with acting_as_system([session.project_id]):
        return Session.objects.get(id=session.id)


def all_of(cast: Cast) -> list[Session]:
    with acting_as_system([cast.project.id]):
        return list(Session.objects.order_by("session_start", "created_at"))


class TestStart:
    def test_the_snapshot_says_what_the_project_was(self, cast: Cast) -> None:
        """Version, moment and counts at the start: constant size, whatever the project holds."""
        lamp, lens, _ = (change(cast, _add, title) for title in ("Lamp", "Lens", "Stairs"))
        change(cast, items.decide_item, lamp.id)
        change(cast, items.park_item, lens.id)
        with acting_as_system([cast.project.id]):
            agents.post_agent_activity(
                cast.project.id,
                agent_type="QuestionerAgent",
                action="asked",
                details={"questions": ["A?", "B?"]},
            )
        digest_waiting([cast.project.id])
        session, resumed = at(NINE, cast, sessions.start_session, metadata={"client": "test"})
        assert not resumed
        assert session.snapshot_at_start == {
            "version": 7,
            "taken_at": NINE.isoformat(),
            "decided": 1,
            "exploring": 1,
            "parked": 1,
            "pending_questions": 2,
        }
        stored = again(session)
        assert stored.snapshot_at_start == session.snapshot_at_start
        assert (stored.session_start, stored.last_activity, stored.session_end) == (NINE, NINE, None)
        assert (stored.is_active, stored.end_version, stored.metadata) == (True, 7, {"client": "test"})

    def test_the_snapshot_stays_what_it_was(self, cast: Cast) -> None:
        """What happens in the session changes where it stands, not where it began."""
        session, _ = at(NINE, cast, sessions.start_session)
        change(cast, _add, "Lamp")
        at(NINE + MINUTE, cast, sessions.touch_session)
        at(NINE + 2 * MINUTE, cast, sessions.end_session)
        assert again(session).snapshot_at_start == session.snapshot_at_start
        assert again(session).end_version == session.snapshot_at_start["version"] + 1

    def test_starting_ends_the_one_before(self, cast: Cast) -> None:
        """A plain start is always a new session, and the old one ended at that moment."""
        first, _ = at(NINE, cast, sessions.start_session)
        second, resumed = at(NINE + 5 * MINUTE, cast, sessions.start_session)
        assert not resumed
        assert second.id != first.id
        assert again(first).session_end == NINE + 5 * MINUTE
        assert [s.is_active for s in all_of(cast)] == [False, True]

    def test_a_viewer_has_sessions_too(self, cast: Cast) -> None:
        """A session is one's own: it needs no right to change the project."""
        with acting_as(cast.vera.id):
            session, _ = sessions.start_session(cast.vera.id, cast.project.id)
            assert sessions.end_session(cast.vera.id, cast.project.id).id == session.id

    def test_people_and_projects_do_not_get_in_each_others_way(self, cast: Cast) -> None:
        """Ann's and Bob's, and Ann's in another project: all active at once."""
        with acting_as_system([cast.other.id]):
            Membership.objects.create(project=cast.other, user=cast.ann, role="viewer")
        for user, project in ((cast.ann, cast.project), (cast.bob, cast.project), (cast.ann, cast.other)):
            with acting_as(user.id):
                sessions.start_session(user.id, project.id)
        with acting_as_system([cast.project.id, cast.other.id]):
            assert Session.objects.active().count() == 3

    @pytest.mark.parametrize("act", [sessions.start_session, sessions.end_session])
    def test_an_outsider_finds_no_project(self, cast: Cast, act: Callable[..., Any]) -> None:
        """Not there, the same as a project that never was; and nothing is written."""
        with pytest.raises(NotFound), acting_as(cast.zoe.id):
            act(cast.zoe.id, cast.project.id)
        assert all_of(cast) == []


class TestResume:
    def test_a_reload_is_not_a_new_session(self, cast: Cast) -> None:
        """The same session, active until now, standing at the present version."""
        first, _ = at(NINE, cast, sessions.start_session)
        change(cast, _add, "Lamp")
        second, resumed = at(NINE + 10 * MINUTE, cast, sessions.start_session, resume=True)
        assert resumed
        assert second.id == first.id
        assert second.last_activity == NINE + 10 * MINUTE
        assert second.end_version == first.end_version + 1
        assert second.session_start == NINE
        assert second.snapshot_at_start == first.snapshot_at_start

    def test_without_a_session_it_starts_one(self, cast: Cast) -> None:
        """The first page load of a visit."""
        session, resumed = at(NINE, cast, sessions.start_session, resume=True)
        assert not resumed
        assert session.session_start == NINE

    @pytest.mark.parametrize(
        ("idle_for", "resumes"), [(IDLE - MICROSECOND, True), (IDLE, False), (IDLE + MICROSECOND, False)]
    )
    def test_thirty_minutes_are_the_limit(self, cast: Cast, idle_for: dt.timedelta, resumes: bool) -> None:
        """Under 30 minutes after the last activity it is the same session, from 30 on a new one."""
        first, _ = at(NINE, cast, sessions.start_session)
        at(NINE + MINUTE, cast, sessions.touch_session)
        second, resumed = at(NINE + MINUTE + idle_for, cast, sessions.start_session, resume=True)
        assert resumed is resumes
        assert (second.id == first.id) is resumes
        assert again(first).session_end == (None if resumes else NINE + MINUTE)

    def test_what_came_after_an_idle_session_was_while_away(self, cast: Cast) -> None:
        """The sweep by the next start: it ended where its last activity was, in time and version."""
        first, _ = at(NINE, cast, sessions.start_session)
        lamp = change(cast, _add, "Lamp")
        at(NINE + MINUTE, cast, sessions.touch_session)
        change(cast, items.decide_item, lamp.id)
        second, _ = at(NINE + 3 * IDLE, cast, sessions.start_session, resume=True)
        ended = again(first)
        assert (ended.session_end, ended.last_activity) == (NINE + MINUTE, NINE + MINUTE)
        assert ended.end_version == second.snapshot_at_start["version"] - 1
        summary = at(NINE + 3 * IDLE, cast, analytics.get_summary)
        assert summary["itemsDecidedSplit"] == {"lastSession": 0, "away": 1, "thisSession": 0}
        assert summary["lastSession"] == "1 hour ago"


class TestTouch:
    def test_it_extends_and_never_goes_back(self, cast: Cast) -> None:
        """A slower request with an earlier clock takes nothing back."""
        session, _ = at(NINE, cast, sessions.start_session)
        at(NINE + 20 * MINUTE, cast, sessions.touch_session)
        at(NINE + 10 * MINUTE, cast, sessions.touch_session)
        assert again(session).last_activity == NINE + 20 * MINUTE
        _, resumed = at(NINE + 45 * MINUTE, cast, sessions.start_session, resume=True)
        assert resumed

    def test_it_starts_nothing_and_wakes_nothing(self, cast: Cast) -> None:
        """Without a session, with an ended one, with an idle one: nothing happens."""
        at(NINE, cast, sessions.touch_session)
        assert all_of(cast) == []
        session, _ = at(NINE, cast, sessions.start_session)
        at(NINE + IDLE, cast, sessions.touch_session)
        assert again(session).last_activity == NINE
        at(NINE + IDLE, cast, sessions.end_session)
        at(NINE + IDLE + MINUTE, cast, sessions.touch_session)
        assert again(session).session_end == NINE


class TestEnd:
    def test_it_ends_now_at_the_present_version(self, cast: Cast) -> None:
        """Ending by hand is an activity: what happened until then was in the session."""
        session, _ = at(NINE, cast, sessions.start_session)
        change(cast, _add, "Lamp")
        ended = at(NINE + 10 * MINUTE, cast, sessions.end_session)
        assert ended.id == session.id
        stored = again(session)
        assert (stored.is_active, stored.session_end) == (False, NINE + 10 * MINUTE)
        assert stored.last_activity == stored.session_end
        assert stored.end_version == session.end_version + 1

    def test_twice_is_fine_and_changes_nothing(self, cast: Cast) -> None:
        """The second end finds none; the first one stands."""
        session, _ = at(NINE, cast, sessions.start_session)
        at(NINE + MINUTE, cast, sessions.end_session)
        before = again(session)
        assert at(NINE + 2 * MINUTE, cast, sessions.end_session) is None
        assert vars(again(session)) | {"_state": None} == vars(before) | {"_state": None}

    def test_before_any_start_there_is_none(self, cast: Cast) -> None:
        """Ending what never began is fine too."""
        assert at(NINE, cast, sessions.end_session) is None

    def test_an_idle_one_ended_at_its_last_activity(self, cast: Cast) -> None:
        """Pressing "done" on a page left open over lunch does not make lunch part of the session."""
        session, _ = at(NINE, cast, sessions.start_session)
        change(cast, _add, "Lamp")
        at(NINE + IDLE, cast, sessions.end_session)
        assert again(session).session_end == NINE
        assert again(session).end_version == session.end_version


class TestSweep:
    def test_it_ends_the_idle_at_their_last_activity(self, cast: Cast) -> None:
        """Not at the time of the sweep: in time and in version where the person left."""
        session, _ = at(NINE, cast, sessions.start_session)
        change(cast, _add, "Lamp")
        at(NINE + 7 * MINUTE, cast, sessions.touch_session)
        change(cast, _add, "Lens")
        assert sweep(cast, NINE + 10 * IDLE) == 1
        ended = again(session)
        assert (ended.is_active, ended.session_end) == (False, NINE + 7 * MINUTE)
        assert ended.end_version == session.end_version + 1

    @pytest.mark.parametrize(("idle_for", "ends"), [(IDLE - MICROSECOND, 0), (IDLE, 1)])
    def test_it_leaves_those_who_are_there(self, cast: Cast, idle_for: dt.timedelta, ends: int) -> None:
        """The same 30 minutes as everywhere."""
        at(NINE, cast, sessions.start_session)
        assert sweep(cast, NINE + idle_for) == ends

    def test_twice_does_it_once(self, cast: Cast) -> None:
        """And it leaves other projects to their own sweep."""
        at(NINE, cast, sessions.start_session)
        with clock.at(NINE), acting_as(cast.zoe.id):
            elsewhere, _ = sessions.start_session(cast.zoe.id, cast.other.id)
        assert sweep(cast, NINE + IDLE) == 1
        assert sweep(cast, NINE + IDLE) == 0
        assert again(elsewhere).is_active

    def test_the_next_start_is_new(self, cast: Cast) -> None:
        """After the sweep a reload starts a session, whatever its idle time would have been."""
        first, _ = at(NINE, cast, sessions.start_session)
        sweep(cast, NINE + IDLE)
        second, resumed = at(NINE + IDLE, cast, sessions.start_session, resume=True)
        assert not resumed
        assert second.id != first.id


def test_each_start_and_end_raises_the_members_version(cast: Cast) -> None:
    """Ann's panel is older by it, so that her other tabs look again; a resume or touch is not."""

    def own() -> int:
        with acting_as(cast.ann.id):
            return Membership.objects.get(user=cast.ann).version

    counts = []
    for moment, act, how in (
        (0, sessions.start_session, {}),
        (1, sessions.start_session, {"resume": True}),
        (2, sessions.touch_session, {}),
        (3, sessions.start_session, {}),
        (4, sessions.end_session, {}),
        (5, sessions.end_session, {}),
    ):
        at(NINE + moment * MINUTE, cast, act, **how)
        counts.append(own())
    at(NINE, cast, sessions.start_session)
    sweep(cast, NINE + IDLE)
    assert [*counts, own()] == [1, 1, 1, 2, 3, 3, 5]


INSERT = """
insert into user_sessions (id, user_id, project_id, session_start, session_end, is_active,
  snapshot_at_start, metadata, last_activity, end_version, created_at, updated_at)
values (gen_random_uuid(), %s, %s, now(), %s, %s, '{}', '{}', now(), 0, now(), now())
"""


def test_a_second_active_session_is_refused_by_the_database(cast: Cast) -> None:
    """Case B04: the rule is in the database, for the run-time role and plain SQL."""
    ids = (cast.ann.id, cast.project.id)
    at(NINE, cast, sessions.start_session)
    with acting_as(cast.ann.id):
        assert attempt(INSERT, *ids, None, True) == UNIQUE_VIOLATION
        assert attempt(INSERT, *ids, NINE, False) == 1
        assert attempt("update user_sessions set is_active = true, session_end = null") == UNIQUE_VIOLATION
    assert sum(session.is_active for session in all_of(cast)) == 1


def test_a_session_has_an_end_when_it_is_over_and_not_before(cast: Cast) -> None:
    """No row says that it is active and ended, or neither."""
    with acting_as(cast.ann.id):
        assert attempt(INSERT, cast.ann.id, cast.project.id, NINE, True) == CHECK_VIOLATION
        assert attempt(INSERT, cast.ann.id, cast.project.id, None, False) == CHECK_VIOLATION


def test_a_start_costs_few_statements(cast: Cast, django_assert_max_num_queries: Any) -> None:
    """A page load resumes with one statement, plus the four of the transaction around it."""
    at(NINE, cast, sessions.start_session)
    with django_assert_max_num_queries(4, connection=connection):
        at(NINE + MINUTE, cast, sessions.start_session, resume=True)


def _add(project_id: Any, actor: Actor, title: str) -> Any:
    return items.add_item(project_id, actor, title=title)
