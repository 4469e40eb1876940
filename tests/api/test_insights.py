"""Insights by the API: the figures of the page, with their definitions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from sessions_app import clock
from sessions_app.insights.definitions import MEASURES
from sessions_app.models import User
from tests.api.conftest import Program, data, fields, problem
from tests.conftest import Cast
from tests.rollup_rows import decided, filled, visited, worked

NOW = dt.datetime(2026, 11, 26, 14, 5, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _a_thursday() -> Iterator[None]:
    with clock.at(NOW):
        yield


def test_figures_with_what_they_mean(ann: Program, bob: Program, cast: Cast, here: str) -> None:
    User.objects.filter(id=cast.ann.id).update(time_zone="Asia/Kathmandu")
    for span in (60, 600, 1_200):
        visited(cast.project, cast.bob, NOW - span * DAY / 600, span=span)
    visited(cast.project, cast.ann, dt.datetime(2026, 11, 23, 18, 15, tzinfo=dt.UTC), span=3_000)
    worked(cast.project, NOW - DAY, "item.decided", times=2)
    worked(cast.project, NOW - DAY, "question.answered", waits=[90])
    decided(cast.project, NOW - 5 * DAY, NOW - 3 * DAY, "superseded")
    filled(cast.project, NOW)
    told = data(ann.get(f"{here}/insights?from=2026-11-20&to=2026-11-26"))
    assert told["period"] == {"from": "2026-11-20", "to": "2026-11-26"}
    assert told["before"] == {"from": "2026-11-13", "to": "2026-11-19"}
    assert (told["timeZone"], told["sessionsOf"]) == ("Asia/Kathmandu", "everybody")
    assert told["countedUntil"] == "2026-11-26T14:05:00Z"
    figures = {figure["key"]: figure for figure in told["figures"]}
    assert list(figures) == list(MEASURES)
    length = figures["sessionLength"]
    assert length["now"] == {"n": 4, "median": 900.0, "p95": pytest.approx(2_730), "mean": 1_215.0}
    assert length["before"] is None
    assert [one["times"] for one in length["classes"]] == [0, 1, 1, 1, 1, 0, 0, 0]
    assert length["classes"][1]["atLeast"] == 60
    assert length["meaning"].startswith("How long a visit lasts")
    assert figures["timeToAnswer"]["now"]["median"] == 90
    assert {day["day"]: day["sessions"] for day in told["days"]}["2026-11-24"] == 2
    assert (told["work"]["decidedByPeople"], told["workBefore"]["decidedByPeople"]) == (2, 0)
    assert (told["stability"]["superseded"], told["stability"]["halfLifeDays"]) == (1, 2.0)
    mine = data(bob.get(f"{here}/insights"))
    assert (mine["sessionsOf"], len(mine["days"])) == ("you", 30)
    assert mine["figures"][0]["now"]["n"] == 3
    assert mine["work"] == told["work"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-02-30", "from"),
        ("from=2026-11-02&to=2026-11-01", "from"),
        ("to=2100-01-01", "to"),
        ("to=2026-11-01T00:00:00Z", "to"),
        ("days=7", "days"),
    ],
)
def test_bad_days_are_named(ann: Program, here: str, query: str, field: str) -> None:
    assert fields(ann.get(f"{here}/insights?{query}")) == [field]


def test_agents_have_no_sessions_to_read(agent: Program, here: str) -> None:
    problem(agent.get(f"{here}/insights"), 403)
