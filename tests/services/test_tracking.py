"""Tracked input: one row at once, folded later into session and analytics, each event once."""

from __future__ import annotations

import datetime as dt
import time
import uuid

import pytest
from django.db import IntegrityError

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.digest.digester import digest_waiting
from sessions_app.models import Project, SeenEvent, Session, SessionAnalytics, TrackedActivity
from sessions_app.services import members, projects, sessions, tracking
from sessions_app.services.errors import Conflict, NotFound
from tests import factories
from tests.conftest import Cast
from tests.db.tools import deadlocks, in_threads
from tests.doing import HOUR, NINE, NOT_TEXT, add, as_system, at_once, counter, do, every, refused_field, the

MINUTE = dt.timedelta(minutes=1)


def track(cast: Cast, who: str = "ann", at: dt.datetime | None = None, **more: object) -> bool:
    user = getattr(cast, who)
    with clock.at(at or clock.now()), acting_as(user.id):
        return tracking.track_activity(user.id, cast.project.id, **more)


def start(cast: Cast, at: dt.datetime, *, resume: bool = False) -> Session:
    with clock.at(at), acting_as(cast.ann.id):
        return sessions.start_session(cast.ann.id, cast.project.id, resume=resume)[0]


def test_it_is_one_row_and_nothing_else_at_first(cast: Cast) -> None:
    """No lock is taken, no version raised, nothing computed: that is the digester's."""
    before = counter(cast).version
    assert track(cast, at=NINE, kind="item.viewed", metadata={"path": ["a", 1, None]})
    (row,) = rows(cast)
    assert (row.user_id, row.kind, row.metadata) == (cast.ann.id, "item.viewed", {"path": ["a", 1, None]})
    assert (row.received_at, row.version, row.digested_at) == (NINE, before, None)
    assert counter(cast).version == before
    assert every(SessionAnalytics, cast) == []


def test_it_keeps_the_session_alive_at_the_version_of_its_moment(cast: Cast) -> None:
    """What others did after it came while the person was away, however late it is digested."""
    start(cast, NINE)
    add(cast, "Seen")
    seen = counter(cast).version
    track(cast, at=NINE + 20 * MINUTE)
    add(cast, "Not seen")
    assert digest_waiting([cast.project.id]) == 1
    session = the(Session, cast)
    assert (session.last_activity, session.end_version) == (NINE + 20 * MINUTE, seen)
    analytics = the(SessionAnalytics, cast)
    assert (analytics.activities_tracked, analytics.last_activity) == (1, NINE + 20 * MINUTE)


def test_a_session_kept_alive_by_waiting_input_is_not_over(cast: Cast) -> None:
    """The sweep and the next start fold first what waits: no digester ran for an hour."""
    started = start(cast, NINE)
    for minute in (20, 40, 60):
        track(cast, at=NINE + minute * MINUTE)
    assert as_system(cast, sessions.end_idle, NINE + 80 * MINUTE) == []
    assert start(cast, NINE + 81 * MINUTE, resume=True).id == started.id


def test_an_idle_session_ends_at_its_last_input(cast: Cast) -> None:
    start(cast, NINE)
    track(cast, at=NINE + 20 * MINUTE)
    assert len(as_system(cast, sessions.end_idle, NINE + 3 * HOUR)) == 1
    assert the(Session, cast).session_end == NINE + 20 * MINUTE


def test_it_starts_no_session_and_revives_none(cast: Cast) -> None:
    track(cast, at=NINE)
    start(cast, NINE + HOUR)
    with clock.at(NINE + HOUR + MINUTE), acting_as(cast.ann.id):
        sessions.end_session(cast.ann.id, cast.project.id)
    track(cast, at=NINE + HOUR + 2 * MINUTE)
    digest_waiting([cast.project.id])
    session = the(Session, cast)
    assert (session.is_active, session.last_activity) == (False, NINE + HOUR + MINUTE)
    assert the(SessionAnalytics, cast).activities_tracked == 2


def test_each_row_counts_once_whoever_digests(cast: Cast) -> None:
    start(cast, clock.now())
    for _ in range(30):
        track(cast)
    folded = at_once(*[lambda: digest_waiting([cast.project.id])] * 4)
    assert sum(folded) == 30, folded
    assert the(SessionAnalytics, cast).activities_tracked == 30


def test_another_persons_row_is_theirs(cast: Cast) -> None:
    track(cast, "ann")
    track(cast, "bob")
    track(cast, "bob")
    digest_waiting([cast.project.id])
    counted = {row.user_id: row.activities_tracked for row in every(SessionAnalytics, cast)}
    assert counted == {cast.ann.id: 1, cast.bob.id: 2}


def test_who_was_taken_out_meanwhile_leaves_no_analytics(cast: Cast) -> None:
    track(cast, "bob")
    do(cast, "ann", members.remove_member, cast.bob.id)
    assert digest_waiting([cast.project.id]) == 1
    assert every(SessionAnalytics, cast) == []


# --- event ids (case A07) ---------------------------------------------------------------------------


def test_an_event_counts_once(cast: Cast) -> None:
    event = uuid.uuid4()
    assert track(cast, event_id=event, kind="typed")
    assert not track(cast, event_id=event, kind="typed")
    assert len(rows(cast)) == 1
    digest_waiting([cast.project.id])
    assert not track(cast, event_id=event, kind="typed")
    assert digest_waiting([cast.project.id]) == 0
    assert the(SessionAnalytics, cast).activities_tracked == 1


def test_an_event_posted_many_times_at_once_counts_once(cast: Cast) -> None:
    event = uuid.uuid4()
    taken = at_once(*[lambda: track(cast, event_id=event)] * 8)
    assert sorted(taken) == [False] * 7 + [True]
    assert len(rows(cast)) == 1


def test_the_same_id_with_another_body_is_refused(cast: Cast) -> None:
    event = uuid.uuid4()
    track(cast, event_id=event, metadata={"n": 1})
    for other in ({"metadata": {"n": 2}}, {"kind": "other", "metadata": {"n": 1}}, {}):
        with pytest.raises(Conflict):
            track(cast, event_id=event, **other)
    assert len(rows(cast)) == 1
    assert len(every(SeenEvent, cast)) == 1


def test_anothers_equal_id_is_another_event(cast: Cast) -> None:
    event = uuid.uuid4()
    assert track(cast, "ann", event_id=event, kind="mine")
    assert track(cast, "bob", event_id=event, kind="other")
    assert len(rows(cast)) == 2


def test_after_a_refusal_the_id_can_be_used(cast: Cast) -> None:
    event = uuid.uuid4()
    assert refused_field(track, cast, event_id=event, kind="x" * 101) == "kind"
    assert track(cast, event_id=event, kind="x" * 100)


# --- bad input --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", NOT_TEXT)
def test_what_is_no_text_is_refused(cast: Cast, text: str) -> None:
    assert refused_field(track, cast, kind=text) == "kind"
    assert refused_field(track, cast, metadata={"a": text}) == "metadata"
    assert refused_field(track, cast, metadata={text: 1}) == "metadata"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "x" * 9000, [[[[1]]]] * 3000])
def test_metadata_that_cannot_be_stored_is_refused(cast: Cast, value: object) -> None:
    assert refused_field(track, cast, metadata={"a": value}) == "metadata"


def test_an_outsider_tracks_nothing(cast: Cast) -> None:
    with pytest.raises(NotFound):
        track(cast, "zoe")
    with pytest.raises(NotFound), acting_as(cast.ann.id):
        tracking.track_activity(cast.ann.id, cast.other.id)
    assert rows(cast) == []


def rows(cast: Cast) -> list[TrackedActivity]:
    return as_system(cast, lambda project: list(TrackedActivity.objects.filter(project_id=project)))


def test_a_project_is_deleted_whoever_tracks_meanwhile(cast: Cast) -> None:
    """Also while it is digested. Nobody deadlocks, and whoever tracks finds it gone in the end."""
    before = deadlocks()

    def until_gone(project: Project) -> str:
        for _ in range(1_000):
            try:
                with acting_as(cast.bob.id):
                    tracking.track_activity(cast.bob.id, project.id, event_id=uuid.uuid4())
            except (NotFound, IntegrityError):
                return "gone"
        return "still there"

    def delete(project: Project) -> str:
        time.sleep(0.05)
        with acting_as(cast.ann.id):
            projects.delete_project(project.id, confirm_title="Short")
        return "deleted"

    def digest() -> str:
        for _ in range(10):
            digest_waiting()
        return "digested"

    for _ in range(4):
        short = factories.project(cast.ann, "Short", editors=[cast.bob])
        tracks = (lambda short=short: until_gone(short),) * 3
        told = in_threads(*tracks, lambda short=short: delete(short), digest)
        assert told == ["gone"] * 3 + ["deleted", "digested"]
    assert deadlocks() == before
