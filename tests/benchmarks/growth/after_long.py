"""What somebody asks who was here last many changes ago: it grows with what they are told, with nothing else.

The summary counts what was decided meanwhile and stands, once in all and once without their own: two rows for
each. What changed, told in full, also counts each change by its kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import connections

from sessions_app.db.rls import acting_as
from sessions_app.services import analytics
from tests.api.conftest import program
from tests.benchmarks.growth.touched import Statement, Watch
from tests.benchmarks.growth.world import Grown
from tests.views.conftest import World, browse

# So many changes ago, in the worlds of these names. Of the last ones there a third are decisions that stand.
LARGE, SMALL = 45_000, 5_000
_DECIDED = 1 / 3
_COUNTED_BY_KIND = "-- What happened in a stretch"
# As often until plans are those that PostgreSQL keeps.
_WARM = 8
_ENDED_LONG_AGO = """
update user_sessions s
set end_version = c.version - %(changes)s,
  snapshot_at_start = s.snapshot_at_start || jsonb_build_object('version', c.version - %(changes)s - 40)
from project_counters c
where c.project_id = %(project)s and s.project_id = c.project_id and s.user_id = %(user)s
"""


def ask(world: Grown, watch: Watch, changes: int) -> None:
    """Let Vera have left so many changes ago, and ask what she and her programs ask of the first project."""
    vera, project_id = world.cast.vera, world.projects[0]
    with connections["owner"].cursor() as cursor:
        cursor.execute(_ENDED_LONG_AGO, {"user": vera.id, "project": project_id, "changes": changes})
    path = World(world.cast).path("project")
    browser, person = browse(vera), program(vera)
    for _ in range(_WARM):
        with watch.on("page, after long"):
            assert browser.get(path).status_code == 200
        with watch.on("summary, after long"):
            assert person.get(f"/sessions/summary/me/{project_id}").status_code == 200
        with watch.on("recompute, after long"), acting_as(vera.id, project_id):
            analytics.recompute_now(vera.id, project_id)


def wrong(statements: Iterable[Statement], most: int, changes: int) -> Iterator[Statement]:
    """What touches more than `most` rows and what changed meanwhile explains."""
    for statement in statements:
        each = 3 if statement.sql.startswith(_COUNTED_BY_KIND) else 2 * _DECIDED
        if statement.rows > most + each * changes:
            yield statement
