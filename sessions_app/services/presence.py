"""Who has a project's page open, as each server process tells it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from sessions_app import clock
from sessions_app.models import Presence

# So long a person counts as here after their socket was last seen; told anew several times in between.
PRESENT_SECONDS = 30
# What a dead process left behind is cleared away after a while; it counts for nothing long before.
FORGET_AFTER = dt.timedelta(hours=1)


def note_present(server: UUID, people: Iterable[tuple[UUID, UUID]]) -> None:
    """Say that these (project, user) pairs are here now, at this server process."""
    pairs = sorted(people)
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into presences (id, project_id, user_id, server, seen_at)
            select gen_random_uuid(), p.project_id, p.user_id, %s, %s
            from unnest(%s::uuid[], %s::uuid[]) as p (project_id, user_id)
            -- Whoever was taken out, or whose project is gone, is here no more.
            where exists (
              select from memberships m where m.project_id = p.project_id and m.user_id = p.user_id
            )
            on conflict (project_id, user_id, server) do update set seen_at = excluded.seen_at
            """,
            [server, now, [project for project, _ in pairs], [user for _, user in pairs]],
        )
    projects = {project for project, _ in pairs}
    old(now).filter(project_id__in=projects).delete()


def old(now: dt.datetime) -> QuerySet[Presence]:
    """What a dead server process left behind."""
    return Presence.objects.filter(seen_at__lt=now - FORGET_AFTER)


def note_gone(server: UUID, project_id: UUID, user_id: UUID) -> None:
    """Say that the person's last socket at this server process is closed."""
    Presence.objects.filter(project_id=project_id, user_id=user_id, server=server).delete()
