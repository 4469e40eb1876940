"""The functions that page, API, admin and psql share."""

from __future__ import annotations

import datetime as dt
import json
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.insights.durations import ago
from sessions_app.services import analytics, items, sessions
from tests.conftest import Cast
from tests.db.tools import connect

NINE = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
FIRST_MOMENT, LAST_MOMENT = dt.datetime(1970, 1, 2, tzinfo=dt.UTC), dt.datetime(2200, 1, 1, tzinfo=dt.UTC)
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
MICROSECOND = dt.timedelta(microseconds=1)

THRESHOLDS = [
    (-DAY, "just now"),
    (0 * MINUTE, "just now"),
    (MINUTE - MICROSECOND, "just now"),
    (MINUTE, "1 minute ago"),
    (2 * MINUTE - MICROSECOND, "1 minute ago"),
    (2 * MINUTE, "2 minutes ago"),
    (HOUR - MICROSECOND, "59 minutes ago"),
    (HOUR, "1 hour ago"),
    (2 * HOUR - MICROSECOND, "1 hour ago"),
    (2 * HOUR, "2 hours ago"),
    (DAY - MICROSECOND, "23 hours ago"),
    (DAY, "1 day ago"),
    (2 * DAY - MICROSECOND, "1 day ago"),
    (2 * DAY, "2 days ago"),
    (7 * DAY - MICROSECOND, "6 days ago"),
    (7 * DAY, "1 week ago"),
    (14 * DAY - MICROSECOND, "1 week ago"),
    (14 * DAY, "2 weeks ago"),
    (30 * DAY - MICROSECOND, "4 weeks ago"),
    (30 * DAY, "1 month ago"),
    (60 * DAY - MICROSECOND, "1 month ago"),
    (60 * DAY, "2 months ago"),
    (365 * DAY - MICROSECOND, "12 months ago"),
    (365 * DAY, "1 year ago"),
    (730 * DAY - MICROSECOND, "1 year ago"),
    (730 * DAY, "2 years ago"),
    (3650 * DAY, "10 years ago"),
]


def in_words(pairs: list[tuple[dt.datetime, dt.datetime]]) -> list[str]:
    """What the database says of (moment, now) pairs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select time_since_words(pair.moment, pair.now)"
            " from unnest(%s::timestamptz[], %s::timestamptz[]) with ordinality as pair (moment, now, place)"
            " order by place",
            [[moment for moment, _ in pairs], [now for _, now in pairs]],
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.usefixtures("catalog")
class TestTimeSinceWords:
    def test_each_unit_begins_where_the_rules_say(self) -> None:
        """At each threshold and a microsecond before it, in the database and in Python."""
        pairs = [(NINE - length, NINE) for length, _ in THRESHOLDS]
        assert in_words(pairs) == [words for _, words in THRESHOLDS]
        assert [ago(*pair) for pair in pairs] == [words for _, words in THRESHOLDS]

    @settings(max_examples=60)
    @given(data=st.data())
    def test_it_agrees_with_python_on_any_pair(self, data: st.DataObject) -> None:
        """Any two moments of any two zones, far apart or a microsecond off a threshold."""
        moments = st.datetimes(
            min_value=FIRST_MOMENT.replace(tzinfo=None),
            max_value=LAST_MOMENT.replace(tzinfo=None),
            timezones=st.timezones(),
        )
        near = st.builds(
            lambda at, length, off: (at.astimezone(dt.UTC) - length + off * MICROSECOND, at),
            moments,
            st.sampled_from([length for length, _ in THRESHOLDS]),
            st.integers(-2, 2),
        )
        pairs = data.draw(st.lists(near | st.tuples(moments, moments), min_size=1, max_size=20))
        assert in_words(pairs) == [ago(*pair) for pair in pairs]

    def test_an_hour_stays_an_hour_when_the_clocks_change(self) -> None:
        """The session's time zone has no say in how long ago something was."""
        before = dt.datetime(2026, 3, 29, 0, 30, tzinfo=dt.UTC)
        with connection.cursor() as cursor:
            cursor.execute("set timezone = 'Europe/Berlin'")
            assert in_words([(before, before + HOUR), (before, before + DAY)]) == ["1 hour ago", "1 day ago"]
            cursor.execute("set timezone = 'UTC'")


def time_since(user_id: object, project_id: object, now: dt.datetime) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("select get_time_since_last_session(%s, %s, %s)", [user_id, project_id, now])
        return cursor.fetchone()[0]


def raw_summary(user_id: object, project_id: object, now: dt.datetime) -> dict[str, object] | None:
    with connection.cursor() as cursor:
        cursor.execute("select get_session_summary(%s, %s, %s)", [user_id, project_id, now])
        found = cursor.fetchone()[0]
    return json.loads(found) if isinstance(found, str) else found


def test_a_first_session_has_no_time_since(cast: Cast) -> None:
    """Without an ended session it is the first one, also while it runs."""
    ann, project = cast.ann.id, cast.project.id
    with acting_as(ann):
        assert time_since(ann, project, NINE) == "first session"
        with clock.at(NINE):
            sessions.start_session(ann, project)
        assert time_since(ann, project, NINE + HOUR) == "first session"
        assert raw_summary(ann, project, NINE + HOUR)["lastSession"] == "first session"


def test_it_counts_from_the_end_of_the_last_ended_session(cast: Cast) -> None:
    """Not from its start, not from an older one, not from the one that runs now."""
    ann, project = cast.ann.id, cast.project.id
    with acting_as(ann):
        for day in (0, 1):
            with clock.at(NINE + day * DAY):
                sessions.start_session(ann, project)
            with clock.at(NINE + day * DAY + 20 * MINUTE):
                sessions.end_session(ann, project)
        ended = NINE + DAY + 20 * MINUTE
        assert time_since(ann, project, ended) == "just now"
        assert time_since(ann, project, ended + 2 * HOUR) == "2 hours ago"
        with clock.at(ended + 3 * DAY):
            sessions.start_session(ann, project)
        assert time_since(ann, project, ended + 3 * DAY) == "3 days ago"
        assert raw_summary(ann, project, ended + 3 * DAY)["lastSession"] == "3 days ago"


def test_without_rights_both_are_null(cast: Cast) -> None:
    """Nobody, an outsider, another member and another's project: NULL, the same as nothing there."""
    ann, bob, zoe = cast.ann.id, cast.bob.id, cast.zoe.id
    project, other = cast.project.id, cast.other.id

    def both(user_id: object, project_id: object) -> set[object]:
        return {time_since(user_id, project_id, NINE), raw_summary(user_id, project_id, NINE)}

    assert both(ann, project) == {None}
    with acting_as(zoe):
        assert both(ann, project) == {None}
        assert both(zoe, project) == {None}
    with acting_as(bob):
        assert both(ann, project) == {None}
        assert both(bob, other) == {None}
        assert both(bob, uuid4()) == {None}
        assert time_since(bob, project, NINE) == "first session"
    with acting_as_system([other]):
        assert both(ann, project) == {None}


def test_the_summary_is_what_the_service_tells(cast: Cast) -> None:
    """One statement and the service say the same, and the numbers are those of a plain count."""
    ann, project, actor = cast.ann.id, cast.project.id, cast.actor("ann")
    with acting_as(ann), clock.at(NINE):
        sessions.start_session(ann, project)
        first, second, third = (items.add_item(project, actor, title=title).id for title in "ABC")
        items.decide_item(project, actor, first)
        items.park_item(project, actor, second)
        sessions.end_session(ann, project)
    with acting_as_system([project]):
        items.decide_item(project, cast.actor("bob"), third)
        items.add_item(project, cast.actor("bob"), title="D")
    with acting_as(ann), clock.at(NINE + 2 * HOUR):
        stale = raw_summary(ann, project, NINE + 2 * HOUR)
        told = analytics.get_summary(ann, project)
        fresh = raw_summary(ann, project, NINE + 2 * HOUR)
    assert told == fresh
    # Counts are live before anybody computed the steps; only steps and blockers may be older.
    computed = {
        "suggestedNextSteps",
        "hiddenSteps",
        "activeBlockers",
        "computedVersion",
        "computedMemberVersion",
    }
    assert {k: v for k, v in stale.items() if k not in computed} == {
        k: v for k, v in fresh.items() if k not in computed
    }
    assert fresh["lastSession"] == "2 hours ago"
    assert (fresh["totalDecided"], fresh["itemsExploring"], fresh["itemsParked"]) == (2, 1, 1)
    assert fresh["totalItems"] == 4
    assert fresh["itemsDecided"] == sum(fresh["itemsDecidedSplit"].values()) == 2
    assert fresh["itemsDecidedSplit"] == {"lastSession": 1, "away": 1, "thisSession": 0}
    assert fresh["version"] == fresh["computedVersion"]


def test_psql_as_the_runtime_role_reads_the_same(cast: Cast) -> None:
    """A plain connection, the acting user set first: the summary; set to nobody: NULL."""
    ann, project = cast.ann.id, cast.project.id
    with acting_as(ann), clock.at(NINE):
        sessions.start_session(ann, project)
        told = analytics.get_summary(ann, project)
    ask = "select get_session_summary(%s, %s, %s), get_time_since_last_session(%s, %s)"
    with connect() as psql:
        assert psql.execute(ask, [ann, project, NINE, ann, project]).fetchone() == (None, None)
        psql.execute("select set_config('app.user_id', %s, false)", [str(ann)])
        assert psql.execute(ask, [ann, project, NINE, ann, project]).fetchone() == (told, "first session")
        psql.execute("select set_config('app.user_id', '', false)")
        assert psql.execute(ask, [ann, project, NINE, ann, project]).fetchone() == (None, None)
