"""How the costs of opening a project grow with what is in it and around it: curves of medians.

`.venv/bin/pytest -m benchmark tests/benchmarks/growth/test_cost_curves.py`
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from django.db import connections
from django.urls import reverse

from sessions_app.db.rls import acting_as
from sessions_app.live import rendering
from sessions_app.models import User
from sessions_app.panels import PANELS
from sessions_app.services import analytics
from tests import factories
from tests.benchmarks.goals import Goals
from tests.benchmarks.growth.world import Grown, Kind, grown
from tests.views.conftest import browse

ITEMS = (10, 100, 1_000, 10_000, 100_000)
MEMBERS = (1, 10, 100, 1_000)
SESSIONS = (1, 10, 100, 1_000, 10_000)
PROJECTS = (1, 10, 100, 1_000, 10_000)
KINDS = (
    *(Kind(items=n) for n in ITEMS),
    *(Kind(items=100, members=n) for n in MEMBERS),
    *(Kind(items=100, sessions=n) for n in SESSIONS),
    # Projects enough for one person to be in ten thousand of them.
    Kind(items=1, members=1, sessions=1, times=PROJECTS[-1]),
)
# The first turns make the plans that PostgreSQL keeps.
WARM, TURNS, SUMMARY_AT_MOST = 8, 25, 1.2

Cost = Callable[[], object]


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
def test_costs_as_a_project_grows(
    database_ready: None, django_db_blocker: pytest.FixtureRequest, goals: Goals
) -> None:
    with django_db_blocker.unblock(), grown(KINDS, rolled_up=False) as world:
        places = iter(world.projects)
        for what, sizes in (("items", ITEMS), ("members", MEMBERS), ("sessions", SESSIONS)):
            costs = {size: _costs(world.cast.ann, next(places)) for size in sizes}
            curves = _medians(costs)
            for name, points in curves.items():
                goals.curve("growth", name, points, what, "ms")
            if what == "items":
                ratio = curves["summary"][ITEMS[-1]] / curves["summary"][ITEMS[0]]
                goals.at_most("growth", "summary: 100,000 items beside 10", ratio, SUMMARY_AT_MOST, "x")
        costs = {size: _costs(*_person_in(size, world)) for size in PROJECTS}
        for name, points in _medians(costs).items():
            goals.curve("growth", name, points, "projects of the person", "ms")


def _costs(who: User, project_id: UUID) -> dict[str, Cost]:
    """What somebody's visit costs, part by part."""
    browser, page = browse(who), reverse("project", args=[project_id])
    return {
        "summary": partial(_summary, who, project_id),
        "recompute": partial(_recompute, who, project_id),
        "push": partial(rendering.render, who.id, project_id, list(PANELS)),
        "project page": lambda: browser.get(page),
    }


def _summary(who: User, project_id: UUID) -> None:
    # As every door does that knows which project it is about.
    with acting_as(who.id, project_id):
        analytics.get_summary(who.id, project_id)


def _recompute(who: User, project_id: UUID) -> None:
    with acting_as(who.id, project_id):
        analytics.recompute_now(who.id, project_id)


def _person_in(projects: int, world: Grown) -> tuple[User, UUID]:
    """Somebody new who is in so many of the small projects, and the first of them."""
    person = factories.user(f"In{projects}")
    small = world.projects[-PROJECTS[-1] :][:projects]
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            """
            insert into memberships (id, project_id, user_id, role, version, created_at)
            select gen_random_uuid(), p, %s, 'editor', 0, now() from unnest(%s::uuid[]) as p
            """,
            [person.id, small],
        )
        cursor.execute("analyze memberships")
    return person, small[0]


def _medians(costs: dict[int, dict[str, Cost]]) -> dict[str, dict[float, float]]:
    """Of each part its milliseconds by size, the sizes asked by turns."""
    taken: dict[str, dict[int, list[float]]] = {}
    for turn in range(WARM + TURNS):
        for size, parts in costs.items():
            for name, cost in parts.items():
                began = time.perf_counter()
                cost()
                if turn >= WARM:
                    taken.setdefault(name, {}).setdefault(size, []).append(time.perf_counter() - began)
    return {
        name: {size: statistics.median(times) * 1000 for size, times in by_size.items()}
        for name, by_size in taken.items()
    }
