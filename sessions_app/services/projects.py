"""Projects: create, rename, archive, restore, delete."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.db import connection, transaction

from sessions_app import clock, ledger
from sessions_app.insights import standstill
from sessions_app.ledger import Actor, Kind
from sessions_app.models import Item, Project, User
from sessions_app.models.projects import TITLE_MAX_CHARACTERS
from sessions_app.services import hearing
from sessions_app.services.errors import Invalid, NotFound
from sessions_app.services.texts import clean_line


def create_project(owner: User, *, title: str, project_id: UUID | None = None) -> Project:
    """Create a project; `owner` is its first member. Raises Invalid for a bad title.

    `project_id` is for the system, which names the project it acts for beforehand.
    """
    title = clean_line(title, "title", most=TITLE_MAX_CHARACTERS)
    with transaction.atomic():
        project = Project(id=project_id or uuid.uuid4(), title=title, created_by=owner)
        project.save(force_insert=True)
        with ledger.change(project.id, Actor.person(owner)) as change:
            change.record(Kind.PROJECT_CREATED, title=title)
    return project


def rename_project(project_id: UUID, actor: Actor, *, title: str) -> None:
    """Give a project another title. Raises Invalid, NotFound."""
    title = clean_line(title, "title", most=TITLE_MAX_CHARACTERS)
    with ledger.change(project_id, actor) as change:
        project = _get(project_id)
        if project.title != title:
            change.record(Kind.PROJECT_RENAMED, before=project.title, after=title)
            project.title = title
            project.save(update_fields=["title", "updated_at"])


def archive_project(project_id: UUID, actor: Actor) -> None:
    """Put a project away: it can be read and restored, and is out of the list's way."""
    with ledger.change(project_id, actor) as change:
        project = _get(project_id)
        if project.archived_at is None:
            change.record(Kind.PROJECT_ARCHIVED, title=project.title)
            project.archived_at = clock.now()
            project.save(update_fields=["archived_at", "updated_at"])


def restore_project(project_id: UUID, actor: Actor) -> None:
    """Bring an archived project back; what was about to park itself is warned of anew."""
    with ledger.change(project_id, actor) as change:
        project = _get(project_id)
        if project.archived_at is not None:
            change.record(Kind.PROJECT_RESTORED, title=project.title)
            project.archived_at = None
            project.save(update_fields=["archived_at", "updated_at"])
            _take_warnings_back(project_id)


def set_idle_parking(project_id: UUID, actor: Actor, *, days: int | None) -> None:
    """Let items that stand still park themselves after so many days; None: never. Raises Invalid, NotFound.

    Who was warned by the old rule is warned anew by the new one.
    """
    if days is not None and days not in standstill.PARK_DAYS:
        known = ", ".join(map(str, standstill.PARK_DAYS))
        raise Invalid("idle_park_days", f"must be one of {known}, or nothing for never.")
    with ledger.change(project_id, actor) as change:
        project = _get(project_id)
        if project.idle_park_days != days:
            before, after = (
                f"after {each} days" if each else "never" for each in (project.idle_park_days, days)
            )
            change.record(Kind.PROJECT_IDLE_SET, before=before, after=after)
            project.idle_park_days = days
            project.save(update_fields=["idle_park_days", "updated_at"])
            _take_warnings_back(project_id)


def pause_agents(project_id: UUID) -> None:
    """Let the in-house agents keep out of a project: they hear nothing and ask nothing. Raises NotFound.

    Twice is once. Every owner may; what they asked before stays.
    """
    _get(project_id)
    Project.objects.filter(id=project_id, agents_paused_at__isnull=True).update(agents_paused_at=clock.now())


def resume_agents(project_id: UUID) -> None:
    """Let the in-house agents in again; what was said meanwhile they do not take up. Raises NotFound."""
    _get(project_id)
    with transaction.atomic():
        paused = Project.objects.filter(id=project_id, agents_paused_at__isnull=False)
        if paused.update(agents_paused_at=None):
            hearing.hear_all(project_id)


def delete_project(project_id: UUID, *, confirm_title: str) -> None:
    """Delete a project with everything in it, ledger included.

    `confirm_title` must be its title: what cannot be undone is typed, not clicked. Raises Invalid,
    NotFound; the database refuses it to anyone but an owner.
    """
    with transaction.atomic():
        if " ".join(confirm_title.split()) != " ".join(_get(project_id).title.split()):
            raise Invalid("confirm_title", "must be the project's title, to the letter.")
        with connection.cursor() as cursor:
            cursor.execute("select erase_project(%s)", [project_id])
        # No ledger row tells it: the ledger went with it.
        ledger.announce_personal(project_id)


def _take_warnings_back(project_id: UUID) -> None:
    """Say of no item that it parks itself soon; the next upkeep says it again where it is so."""
    warned = Item.objects.filter(project_id=project_id, idle_warned_at__isnull=False)
    warned.update(idle_warned_at=None)


def _get(project_id: UUID) -> Project:
    project = Project.objects.filter(id=project_id).first()
    if project is None:
        raise NotFound("This project is not there.")
    return project
