"""How the page of figures' time grows with what it counts: prints ratios, asserts none of them."""

from __future__ import annotations

import datetime as dt
import random
import statistics
import time
from uuid import uuid4

import pytest

from sessions_app import clock
from sessions_app.db.rls import acting_as_admin
from sessions_app.models import DecisionLife, Project, SessionRollup, User, WorkRollup
from tests import factories
from tests.rollup_rows import QUARTER, quarter, visited
from tests.views.conftest import World, browse

NOW = dt.datetime(2026, 11, 26, 14, 5, tzinfo=dt.UTC)
PEOPLE, SESSIONS, ELSEWHERE, DAYS, LOADS = 500, 20_000, 180_000, 365, 15


@pytest.mark.benchmark
def test_insights_of_much_and_of_nothing(world: World, capsys) -> None:
    """200,000 sessions, 20,000 of them in this project in a year, beside a project with none and with one."""
    cast, random_one = world.cast, random.Random(6)
    people = User.objects.bulk_create(
        User(email=f"p{number}@example.org", display_name=f"Person {number}") for number in range(PEOPLE)
    )
    empty, one, much, other = (
        factories.project(cast.ann, title) for title in ("Empty", "One", "Much", "Another")
    )
    with clock.at(NOW), acting_as_admin():
        sessions_of(much, people, SESSIONS, random_one)
        sessions_of(other, people, ELSEWHERE, random_one)
        work_of(much, random_one)
    visited(one, cast.ann, NOW - dt.timedelta(days=1))
    browser = browse(cast.ann)
    asked = [(empty, "30"), (one, "30"), *((much, days) for days in ("7", "30", "90", "365"))]
    times: dict[tuple[str, str], list[float]] = {(project.title, days): [] for project, days in asked}
    with clock.at(NOW):
        for load in range(LOADS):
            for project, days in asked:
                began = time.perf_counter()
                assert (
                    browser.get(world.path("project_insights", project=project), {"days": days}).status_code
                    == 200
                )
                if load:
                    times[project.title, days].append(time.perf_counter() - began)
    medians = {what: statistics.median(values) * 1_000 for what, values in times.items()}
    floor = medians["Empty", "30"]
    with capsys.disabled():
        print(f"\ninsights page, median of {LOADS - 1} loads, beside an empty project:")
        for (title, days), median in medians.items():
            print(f"  {title:>6} {days:>4} days  {median:7.1f} ms  {median / floor:5.2f} x")


def sessions_of(project: Project, people: list[User], count: int, random_one: random.Random) -> None:
    """So many sessions of these people, spread over a year."""
    quarters = DAYS * 96
    places = random_one.sample(range(len(people) * quarters), count)
    SessionRollup.objects.bulk_create(
        (
            SessionRollup(
                project=project,
                user=people[place // quarters],
                bucket=quarter(NOW) - place % quarters * QUARTER,
                sessions=1,
                span_seconds=[random_one.randrange(20, 9_000)],
                active_seconds=[random_one.randrange(0, 3_000)],
                gap_seconds=[random_one.randrange(600, 900_000)],
                lag_seconds=[random_one.randrange(2, 900)],
                items_decided=[random_one.randrange(0, 4)],
            )
            for place in places
        ),
        batch_size=5_000,
    )


def work_of(project: Project, random_one: random.Random) -> None:
    """Decisions by people and agents, answers and lives, all over the year."""
    buckets = [quarter(NOW) - number * QUARTER for number in range(0, DAYS * 96, 8)]
    WorkRollup.objects.bulk_create(
        WorkRollup(
            project=project,
            bucket=bucket,
            kind=kind,
            actor_kind=by,
            times=2,
            wait_seconds=[random_one.randrange(60, 90_000)] if kind == "question.answered" else [],
        )
        for bucket in buckets
        for kind, by in (("item.decided", "user"), ("item.decided", "agent"), ("question.answered", "user"))
    )
    DecisionLife.objects.bulk_create(
        DecisionLife(
            project=project,
            item_id=uuid4(),
            began_version=1,
            began_at=bucket,
            actor_kind="user",
            ended_at=min(NOW, bucket + dt.timedelta(hours=random_one.randrange(1, 900)))
            if number % 3
            else None,
            end="reopened" if number % 3 else "",
        )
        for number, bucket in enumerate(buckets)
    )
