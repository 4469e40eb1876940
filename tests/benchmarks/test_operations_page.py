"""How long the operations page takes with what a busy server keeps."""

from __future__ import annotations

import datetime as dt
import statistics
import time

import pytest
from django.db import connections

from sessions_app import clock
from sessions_app.panels.operations import RANGES
from tests import factories
from tests.benchmarks.goals import Goals
from tests.conftest import Cast
from tests.views.conftest import browse

NOW = dt.datetime(2026, 11, 26, 14, 5, tzinfo=dt.UTC)
ROUTES, LOADS = 30, 8

# Every route asked in every minute of two days, every hour of 35 days and every day of 400.
SAMPLES = """
insert into metric_samples (id, resolution, at, metric, labels, total, observations, most, classes)
select gen_random_uuid(), r.resolution, m.at, s.metric, format(s.labels, n), 12.5, 20, random(), s.classes
from (values ('minute', '1 minute', '2 days'), ('hour', '1 hour', '35 days'), ('day', '1 day', '400 days'))
    as r (resolution, every, kept),
  lateral generate_series(
    date_trunc(r.resolution, %(now)s::timestamptz, 'UTC') - r.kept::interval,
    %(now)s::timestamptz - interval '1 minute', r.every::interval
  ) as m (at),
  generate_series(1, %(routes)s) as n,
  (values
    ('leftoff_requests', 'route=/route-%%s/,status=2xx', '{}'::bigint[]),
    ('leftoff_request_seconds', 'route=/route-%%s/', '{0,3,4,5,3,2,1,1,1,0,0,0,0}'),
    ('leftoff_database_statements', 'by=/route-%%s/', '{}'),
    ('leftoff_database_seconds', 'by=/route-%%s/', '{}')
  ) as s (metric, labels, classes)
"""


@pytest.mark.benchmark
@pytest.mark.timeout(600)
def test_the_page_of_a_busy_server_and_of_a_new_one(cast: Cast, goals: Goals) -> None:
    browser = browse(factories.user("Stella", is_staff=True))
    empty = {key: loads(browser, key) for key in RANGES}
    with connections["owner"].cursor() as cursor:
        cursor.execute(SAMPLES, {"now": NOW, "routes": ROUTES})
        kept = cursor.rowcount
        cursor.execute("analyze metric_samples")
    full = {key: loads(browser, key) for key in RANGES}
    goals.figure("operations page", f"samples of {ROUTES} routes", kept)
    for key in RANGES:
        goals.figure("operations page", f"{key}, median of {LOADS} loads", full[key] * 1000, "ms")
        goals.figure("operations page", f"{key}, to the page with no samples", full[key] / empty[key], "x")


def loads(browser, key: str) -> float:
    """The median of some loads, in seconds; the first one compiles the templates."""
    times = []
    with clock.at(NOW):
        for _ in range(LOADS + 1):
            began = time.perf_counter()
            assert browser.get("/operations/", {"range": key}).status_code == 200
            times.append(time.perf_counter() - began)
    return statistics.median(times[1:])
