"""How the page of figures' time grows with what it counts."""

from __future__ import annotations

import datetime as dt
import statistics
import time

import pytest
from django.db import connections
from django.urls import reverse

from sessions_app import clock
from sessions_app.models import User
from tests import factories
from tests.benchmarks.goals import Goals
from tests.conftest import Cast
from tests.rollup_rows import filled, quarter, visited
from tests.views.conftest import browse

NOW = dt.datetime(2026, 11, 26, 14, 5, tzinfo=dt.UTC)
PEOPLE, ELSEWHERE, QUARTERS, LOADS = 500, 180_000, 365 * 96, 15
# What one has where 1,000 projects share 200,000 pairs of a person and a project and a million ledger rows.
USUAL_SESSIONS, USUAL_LEDGER, USUAL_DECISIONS, LEDGER = 600, 1_000, 120, 1_000_000
MUCH_SESSIONS, MUCH_DECISIONS = 20_000, QUARTERS // 8
SESSIONS_IN = {"Empty": "no session", "One": "one session"}

# Spread over a year and the people by a prime, so that no two are of one person and quarter of an hour.
SESSIONS_OF = """
insert into session_rollups (id, project_id, user_id, bucket, sessions, span_seconds, active_seconds,
  gap_seconds, lag_seconds, items_decided)
select gen_random_uuid(), %(project)s, (%(people)s::uuid[])[1 + n %% cardinality(%(people)s::uuid[])],
  %(until)s::timestamptz - n * 7919 %% %(quarters)s * interval '15 minutes',
  1, array[20 + (random() * 9000)::int], array[(random() * 3000)::int], array[(random() * 900000)::int],
  array[(random() * 900)::int], array[(random() * 3)::int]
from generate_series(1, %(count)s) as n
on conflict do nothing
"""
WORK_OF = """
insert into work_rollups (id, project_id, bucket, kind, actor_kind, times, wait_seconds)
select gen_random_uuid(), %(project)s, %(until)s::timestamptz - n * interval '15 minutes', kind, by, 2,
  case kind when 'question.answered' then array[(random() * 90000)::int] else '{}' end
from generate_series(0, %(quarters)s, %(every)s) as n,
  (values ('item.decided', 'user'), ('item.decided', 'agent'), ('question.answered', 'user')) as w (kind, by)
"""
LIVES_OF = """
insert into decision_lives (id, project_id, item_id, began_version, began_at, actor_kind, ended_at, "end")
select gen_random_uuid(), %(project)s, gen_random_uuid(), 1, began, 'user',
  case when n %% 3 > 0 then least(%(until)s, began + random() * interval '40 days') end,
  case when n %% 3 > 0 then 'reopened' else '' end
from generate_series(0, %(quarters)s, %(every)s) as n,
  lateral (select %(until)s::timestamptz - n * interval '15 minutes' as began) as b
"""
LEDGER_OF = """
insert into activities (project_id, version, kind, actor_kind, actor_agent, data, created_at)
select %(project)s, n, 'message.posted', 'system', '', '{}', %(until)s::timestamptz - n * interval '1 minute'
from generate_series(1, %(count)s) as n
"""


@pytest.mark.benchmark
@pytest.mark.timeout(600)
def test_insights_of_much_and_of_nothing(cast: Cast, goals: Goals) -> None:
    """A year of a usual project and of a very busy one, beside one without and one with a session.

    There are 200,000 sessions and a million ledger rows in all.
    """
    people = User.objects.bulk_create(
        User(email=f"p{number}@example.org", display_name=f"Person {number}") for number in range(PEOPLE)
    )
    empty, one, usual, much, other = (
        factories.project(cast.ann, title) for title in ("Empty", "One", "Usual", "Much", "Another")
    )
    common = {"people": [person.id for person in people], "quarters": QUARTERS, "until": quarter(NOW)}
    with connections["owner"].cursor() as cursor:
        # Each row would be counted by itself.
        cursor.execute("alter table activities disable trigger user")
        for project, sessions, decisions, ledger in (
            (usual, USUAL_SESSIONS, USUAL_DECISIONS, USUAL_LEDGER),
            (much, MUCH_SESSIONS, MUCH_DECISIONS, USUAL_LEDGER),
            (other, ELSEWHERE, 1, LEDGER),
        ):
            its = common | {"project": project.id, "every": QUARTERS // decisions}
            cursor.execute(SESSIONS_OF, its | {"count": sessions})
            cursor.execute(WORK_OF, its)
            cursor.execute(LIVES_OF, its)
            cursor.execute(LEDGER_OF, its | {"count": ledger})
            cursor.execute(
                "update project_counters set version = %s where project_id = %s", [ledger, project.id]
            )
        cursor.execute("alter table activities enable trigger user")
        cursor.execute("analyze session_rollups, work_rollups, decision_lives, activities")
    visited(one, cast.ann, NOW - dt.timedelta(days=1))
    for project in (empty, one, usual, much):
        filled(project, NOW)
    browser = browse(cast.ann)
    busy = [(project, days) for project in (usual, much) for days in ("7", "30", "90", "365")]
    asked = [(empty, "30"), (one, "30"), *busy]
    times: dict[tuple[str, str], list[float]] = {(project.title, days): [] for project, days in asked}
    with clock.at(NOW):
        for load in range(LOADS):
            for project, days in asked:
                path = reverse("project_insights", args=[project.id])
                began = time.perf_counter()
                assert browser.get(path, {"days": days}).status_code == 200
                # The first compiles the templates.
                if load:
                    times[project.title, days].append(time.perf_counter() - began)
    medians = {what: statistics.median(values) * 1_000 for what, values in times.items()}
    for (title, days), median in medians.items():
        what = f"{title.lower()}, {days} days"
        goals.figure("insights page", f"{what}, median of {LOADS - 1} loads", median, "ms")
        for floor in ("Empty", "One"):
            ratio = median / medians[floor, "30"]
            goals.figure("insights page", f"{what}, to a project with {SESSIONS_IN[floor]}", ratio, "x")
