"""The admin's lists over many rows, beside the same pages over none and over one page of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import pytest
from django.db import connections
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.test import Client

from sessions_app.models import Activity, AgentActivity, Session, SessionAnalytics, TrackedActivity, User
from tests import factories
from tests.admin.conftest import path
from tests.benchmarks.goals import Goals
from tests.views.conftest import browse

PROJECTS, ROWS, A_PAGE, ASKS = 1_000, 200_000, 26, 7

# People and projects: each project has one person, who is its owner.
PEOPLE = """
insert into users
  (id, email, display_name, time_zone, hides_agents, is_staff, is_superuser, is_active, created_at, password)
select gen_random_uuid(), 'person' || n || '@example.org', 'Person ' || n, 'UTC', false, false, false, true,
  now(), ''
from generate_series(1, %(projects)s) as n;
insert into projects (id, title, created_by_id, created_at, updated_at)
select gen_random_uuid(), 'Project ' || row_number() over (), u.id, now(), now() from users u;
create table places as select row_number() over () - 1 as n, id, created_by_id from projects;
create unique index on places (n);
analyze places;
"""
# Row `s` is of project `s * 7919 mod …`: neighbours in time are of different projects.
FROM_PLACES = """
from generate_series(1, %(rows)s) as s
join places p on p.n = (s * 7919::bigint) %% (select count(*) from places)
"""
MINUTES_AGO = "now() - (%(rows)s + 1 - s) * interval '1 minute'"
FILL = {
    Session: f"""
insert into user_sessions
  (id, user_id, project_id, session_start, session_end, is_active, snapshot_at_start, metadata, last_activity,
   end_version, created_at, updated_at)
select gen_random_uuid(), p.created_by_id, p.id, {MINUTES_AGO}, {MINUTES_AGO} + s %% 90 * interval '1 minute',
  false, '{{"version": 1, "decided": 1, "exploring": 1, "parked": 0, "pending_questions": 0}}', '{{}}', now(),
  1, now(), now()
{FROM_PLACES}
""",
    Activity: f"""
insert into activities (project_id, version, kind, actor_kind, actor_id, actor_agent, data, created_at)
select p.id, s, 'item.added', 'user', p.created_by_id, '', '{{"title": "An idea"}}', {MINUTES_AGO}
{FROM_PLACES}
""",
    AgentActivity: f"""
insert into agent_activities
  (id, project_id, agent_type, action, details, received_at, digested_version, failure, tries)
select gen_random_uuid(), p.id, 'QuestionerAgent', 'asked', '{{}}', {MINUTES_AGO}, s, '', 0
{FROM_PLACES}
""",
    TrackedActivity: f"""
insert into tracked_activities (project_id, user_id, kind, metadata, version, received_at, digested_at)
select p.id, p.created_by_id, 'typed', '{{}}', 1, {MINUTES_AGO}, now()
{FROM_PLACES}
""",
    SessionAnalytics: """
insert into session_analytics
  (id, user_id, project_id, items_decided_since, items_exploring, items_parked, pending_questions,
   suggested_next_steps, active_blockers, hidden_steps, activities_tracked, computed_version,
   computed_member_version, created_at, updated_at)
select gen_random_uuid(), u.created_by_id, p.id, 1, 2, 3, 4, '[]', '[]', '[]', 0, 1, 1, now(), now()
from places u cross join places p
order by p.n, u.n
limit %(rows)s
""",
}
# What somebody looks for; `project` and `person` stand for one of each.
NARROWED = {
    Session: ("?active=no", "?active=yes", "?{project}", "?{person}", "?{project}&length=long", "?q={mail}"),
    Activity: ("?actor_kind=user", "?actor_kind=agent", "?{project}", "?{person}"),
    AgentActivity: ("?fate=waiting", "?fate=failed", "?{project}"),
    TrackedActivity: ("?fate=waiting", "?{project}", "?{project}&{person}"),
    SessionAnalytics: ("?{project}", "?{person}"),
}


@pytest.mark.benchmark
@pytest.mark.timeout(600)
def test_lists_of_many_rows(database: None, goals: Goals) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(PEOPLE % {"projects": PROJECTS})
        root = User.objects.create_superuser("root@example.org", factories.PASSWORD, display_name="Root")
        browser = browse(root)
        try:
            cursor.execute("alter table activities disable trigger activities_version")
            for model in FILL:
                for page, (none, some, many) in times_of(browser, cursor, model).items():
                    goals.figure("admin lists", f"{page}, {ROWS:,} rows", many, "ms")
                    goals.figure("admin lists", f"{page}, to none", many / none, "x")
                    goals.figure("admin lists", f"{page}, to a page of rows", many / some, "x")
        finally:
            cursor.execute("drop table places")
            cursor.execute("alter table activities enable trigger activities_version")


def times_of(browser: Client, cursor: CursorWrapper, model: type[Model]) -> dict[str, list[float]]:
    """Of each page over a model's rows the milliseconds with none, one page, and many of them."""
    times: dict[str, list[float]] = {}
    for rows in (0, A_PAGE, ROWS):
        if rows:
            cursor.execute(f"delete from {model._meta.db_table}")
            cursor.execute(FILL[model] % {"rows": rows})
        cursor.execute(f"vacuum analyze {model._meta.db_table}")
        for page in pages(cursor, model):
            times.setdefault(page, []).append(ask(browser, page) * 1000)
    return times


def pages(cursor: CursorWrapper, model: type[Model]) -> Iterator[str]:
    """The list as it opens, and narrowed down."""
    yield path(model)
    cursor.execute("select p.id, u.email from places p join users u on u.id = p.created_by_id where p.n = 77")
    project, mail = cursor.fetchone()
    words = {"project": f"project={project}", "person": f"person={mail}", "mail": mail}
    yield from (path(model) + narrowed.format(**words) for narrowed in NARROWED[model])


def ask(browser: Client, page: str) -> float:
    """Seconds until the page is there, the median."""
    taken = []
    for _ in range(ASKS):
        began = time.perf_counter()
        assert browser.get(page).status_code == 200
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
