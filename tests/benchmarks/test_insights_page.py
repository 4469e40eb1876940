"""How the page of figures' time grows with what it counts: prints ratios, asserts none of them."""

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
from tests.conftest import Cast
from tests.rollup_rows import quarter, visited
from tests.views.conftest import browse

NOW = dt.datetime(2026, 11, 26, 14, 5, tzinfo=dt.UTC)
PEOPLE, SESSIONS, ELSEWHERE, QUARTERS, LOADS = 500, 20_000, 180_000, 365 * 96, 15

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
from generate_series(0, %(quarters)s, 8) as n,
  (values ('item.decided', 'user'), ('item.decided', 'agent'), ('question.answered', 'user')) as w (kind, by)
"""
LIVES_OF = """
insert into decision_lives (id, project_id, item_id, began_version, began_at, actor_kind, ended_at, "end")
select gen_random_uuid(), %(project)s, gen_random_uuid(), 1, began, 'user',
  case when n %% 3 > 0 then least(%(until)s, began + random() * interval '40 days') end,
  case when n %% 3 > 0 then 'reopened' else '' end
from generate_series(0, %(quarters)s, 8) as n,
  lateral (select %(until)s::timestamptz - n * interval '15 minutes' as began) as b
"""


@pytest.mark.benchmark
def test_insights_of_much_and_of_nothing(cast: Cast, capsys) -> None:
    """200,000 sessions, 20,000 of them in this project in a year, beside a project with none and with one."""
    people = User.objects.bulk_create(
        User(email=f"p{number}@example.org", display_name=f"Person {number}") for number in range(PEOPLE)
    )
    empty, one, much, other = (
        factories.project(cast.ann, title) for title in ("Empty", "One", "Much", "Another")
    )
    common = {"people": [person.id for person in people], "quarters": QUARTERS, "until": quarter(NOW)}
    with connections["owner"].cursor() as cursor:
        cursor.execute(SESSIONS_OF, common | {"project": much.id, "count": SESSIONS})
        cursor.execute(SESSIONS_OF, common | {"project": other.id, "count": ELSEWHERE})
        cursor.execute(WORK_OF, common | {"project": much.id})
        cursor.execute(LIVES_OF, common | {"project": much.id})
        cursor.execute("analyze session_rollups, work_rollups, decision_lives")
    visited(one, cast.ann, NOW - dt.timedelta(days=1))
    browser = browse(cast.ann)
    asked = [(empty, "30"), (one, "30"), *((much, days) for days in ("7", "30", "90", "365"))]
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
    with capsys.disabled():
        print(f"\ninsights page, median of {LOADS - 1} loads, beside projects with no and with one session:")
        for (title, days), median in medians.items():
            ratios = [median / medians[floor, "30"] for floor in ("Empty", "One")]
            print(f"  {title:>6} {days:>4} days  {median:7.1f} ms  {ratios[0]:5.2f} x {ratios[1]:5.2f} x")
