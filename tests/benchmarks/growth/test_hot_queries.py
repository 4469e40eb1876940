"""Every page, operation and job on ten million ledger rows: no statement touches more than some hundreds.

`.venv/bin/pytest -m benchmark tests/benchmarks/growth/test_hot_queries.py` fills a database of 5 GB first.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from sessions_app import clock
from sessions_app.agents import gap_finder, recorder
from sessions_app.db.rls import acting_as
from sessions_app.digest.digester import digest_waiting
from sessions_app.jobs.agents import clarify_later
from sessions_app.jobs.digests import run_digests
from sessions_app.jobs.upkeep import run_upkeep
from sessions_app.live import rendering
from sessions_app.live.admissions import Admission
from sessions_app.live.rights import Standing
from sessions_app.panels import PANELS
from sessions_app.services import (
    analytics,
    deliveries,
    gap_rounds,
    hearing,
    presence,
    recomputing,
    rollups,
    tracking,
)
from tests.api.conftest import agent_program, program
from tests.api.table import TABLE as OPERATIONS
from tests.api.test_access import call, needs
from tests.benchmarks.goals import Goals
from tests.benchmarks.growth import after_long
from tests.benchmarks.growth.touched import Statement, Watch
from tests.benchmarks.growth.world import LARGE, SMALL, Grown, grown
from tests.views.conftest import World, browse
from tests.views.table import NOBODY, STAFF
from tests.views.table import TABLE as PAGES
from tests.views.test_access import address

# What one statement may touch: pages of lists, twenty things that are open, one's twenty projects for each
# policy that asks whose a row is.
MOST_ROWS = 1_200
# What is about all there is, and is not asked here: files, a day long ago told again from the ledger. It is
# wanted rarely.
WHOLE = (
    *("GET profile_data", "GET decisions_csv", "GET decisions_zip"),
    *("API decisions_csv", "API decisions_zip", "GET session_then", "API project_as_of"),
)
# What may touch more, by how its statement begins, or by all that is asked for.
BOUNDED = {
    # Every member's name, since some read alike, and their people.
    "-- What a page is made from": 5_000,
    # The 2,000 newest finds are ranked.
    "-- A page of what was found": 10_000,
    # Grows with what was ever decided: known, and read on the pages of decisions and of figures alone.
    "-- How long each decision of a project": 1_000_000,
    # Asked for rarely. An agent that was never there is told of all that was; what an agent reports is
    # compared with all that was reported here; whether an owner is left is looked for among all members.
    "API briefing_read": 100_000,
    'SELECT "blockers"."id"': 10_000,
    'UPDATE "memberships" SET "role"': 10_000,
    # Two hundred sockets at a time, of whom whole tables are read where that is less than to look each up.
    "-- What makes each socket's right": 100_000,
    # What agents and people sent in a week, told on the page of settings.
    'SELECT COUNT(*) AS "__count" FROM "agent_activities"': 100_000,
    'SELECT COUNT(*) AS "__count" FROM "tracked_activities"': 100_000,
    # The clock asks of each project whether it is behind: some rows of each, whatever is in it.
    "select project_id from projects_with_rollups": 10_000,
    "select project_id from projects_to_seek_gaps_in": 10_000,
    # Of everybody who is here, in portions, it is asked once an hour whether their analytics are old.
    "select checks, last_one from check_again": 100_000,
    # The roll-ups of two periods, of each person and quarter of an hour.
    "-- What a page of figures needs": 100_000,
    "-- What each person's sessions": 100_000,
    "-- How often each kind of work": 100_000,
}
# As often until plans are those that PostgreSQL keeps.
WARM = 8


@pytest.mark.benchmark
@pytest.mark.timeout(1800)
def test_what_each_statement_touches(
    database_ready: None, django_db_blocker: pytest.FixtureRequest, goals: Goals
) -> None:
    with django_db_blocker.unblock(), grown(LARGE) as world:
        watch = Watch(MOST_ROWS)
        _pages(world, watch)
        _operations(world, watch)
        _live(world, watch)
        _jobs(world, watch)
        away = Watch(MOST_ROWS)
        after_long.ask(world, away, after_long.LARGE)
    wrong = [*_wrong(watch.statements), *after_long.wrong(away.statements, MOST_ROWS, after_long.LARGE)]
    goals.figure(
        "growth", "statements watched on 10 million ledger rows", len(watch.statements + away.statements)
    )
    goals.at_most("growth", "of these touch more rows than they may", len(wrong), 0)
    assert not wrong, "\n".join(map(str, wrong))


def test_what_a_project_page_touches(database_ready: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """The same in small, of what is opened most; often enough that plans are those that stay."""
    with django_db_blocker.unblock(), grown(SMALL) as world:
        watch, browser = Watch(MOST_ROWS), browse(world.cast.ann)
        views = World(world.cast)
        for _ in range(WARM):
            for name in ("project", "decisions"):
                with watch.on(name):
                    assert browser.get(views.path(name)).status_code == 200
            with watch.on("recompute"), acting_as(world.cast.ann.id):
                analytics.recompute_now(world.cast.ann.id, world.projects[0])
        away = Watch(MOST_ROWS)
        after_long.ask(world, away, after_long.SMALL)
    wrong = [*_wrong(watch.statements), *after_long.wrong(away.statements, MOST_ROWS, after_long.SMALL)]
    assert not wrong, "\n".join(map(str, wrong))


def _wrong(statements: list[Statement]) -> Iterator[Statement]:
    """What touches more than it may, the first of its kind."""
    seen = set()
    for statement in statements:
        told = (statement.asked, statement.sql)
        most = next(
            (rows for words, rows in BOUNDED.items() if any(each.startswith(words) for each in told)),
            MOST_ROWS,
        )
        if statement.rows > most and (statement.asked, statement.sql) not in seen:
            seen.add((statement.asked, statement.sql))
            yield statement


def _pages(world: Grown, watch: Watch) -> None:
    """Every page and verb of the large project, as its owner."""
    ann, views = world.cast.ann, World(world.cast)
    browser = browse(ann)
    for name, row in PAGES.items():
        for method, least in (("GET", row.get), ("POST", row.post)):
            asked = f"{method} {name}"
            if least in (None, NOBODY, STAFF) or name == "project_delete" or asked in WHOLE:
                continue
            path = address(views, name, ann)
            body = row.query if method == "GET" else row.body(views, ann)
            with watch.on(asked):
                answer = browser.get(path, body) if method == "GET" else browser.post(path, body)
                if answer.streaming:
                    list(answer)
            assert answer.status_code < 500, name


def _operations(world: Grown, watch: Watch) -> None:
    """Every operation of the API there, by a person and, where it may, by an agent."""
    ann, views = world.cast.ann, World(world.cast)
    person, agent = program(ann), agent_program(world.cast)
    for name, row in OPERATIONS.items():
        asked = f"API {name}"
        if name == "project_delete" or asked in WHOLE:
            continue
        for caller in (person, agent) if row.scope else (person,):
            ids, body = needs(views, name, ann)
            with watch.on(asked):
                answer = call(caller, views, name, ids, body)
                if answer.streaming:
                    list(answer)
            assert answer.status_code < 500, name


def _live(world: Grown, watch: Watch) -> None:
    """What the sockets of a project ask: rights, news, panels, who is here."""
    ann, project_id = world.cast.ann, world.projects[0]
    admission = Admission(ann.id, project_id, "key", ann.get_session_auth_hash(), "token", "owner")
    with acting_as(ann.id):
        version = analytics.get_summary(ann.id, project_id)["version"]
    for _ in range(WARM):
        with watch.on("socket rights"):
            Standing([admission] * 200).rights()
        with watch.on("news"):
            rendering.news_after(project_id, version - 50, version)
        with watch.on("push"):
            rendering.render(ann.id, project_id, list(PANELS))
        with watch.on("presence"):
            presence.note_present(uuid.uuid4(), [(project_id, ann.id)])


def _jobs(world: Grown, watch: Watch) -> None:
    """What the digester and the clock do, over all projects."""
    ann, project_id = world.cast.ann, world.projects[0]
    with watch.on("upkeep"):
        run_upkeep()
    with watch.on("roll-ups"):
        for due in rollups.projects_due(clock.now()):
            rollups.roll_up(due)
    with watch.on("track"), acting_as(ann.id):
        tracking.track_activity(ann.id, project_id, kind="typed")
    with watch.on("digest"):
        digest_waiting([project_id])
    with watch.on("analytics"):
        recomputing.check_again()
    with watch.on("webhooks"):
        deliveries.next_try_at(clock.now())
    with watch.on("digests by mail"):
        run_digests(clock.now())
    with watch.on("agents"):
        for heard in hearing.projects_with_unheard():
            recorder.listen(heard, clarify_later, leave_silent=False)
        for due in gap_rounds.projects_due(clock.now())[:1]:
            gap_finder.seek_gaps(due)
