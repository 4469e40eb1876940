"""Projects: create, list, read, change, delete."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

from pydantic import Field

from sessions_app.api.door import OWNS_ALSO_ARCHIVED, READS, SIGNED_IN, ApiRequest, May, Place, operation
from sessions_app.api.paging import NOT_A_CURSOR
from sessions_app.api.reading import Body, Id, LongPage, Query, Title
from sessions_app.api.showing import Data, Done, List, Shown
from sessions_app.models import Membership, Project
from sessions_app.models.projects import Role
from sessions_app.panels import projects as own_projects
from sessions_app.services import projects
from sessions_app.services.bearers import PersonCaller
from sessions_app.services.errors import Invalid

router = Place("/projects", "Projects")
PROJECT = "/{project_id}"


class ProjectNew(Body):
    title: Title


class ProjectEdit(Body):
    """What is left out stays as it is."""

    title: Title | None = None
    archived: bool | None = None
    # Whether the in-house agents keep out of it.
    agents_paused: bool | None = None
    # After so many days an item that stands still parks itself; null: never.
    idle_park_days: Literal[30, 60, 90] | None = None


class ProjectDeletion(Query):
    confirm_title: str = Field(max_length=1000, description="the project's title, to the letter")


class ProjectShown(Shown):
    """A project and its counts; `role` is the caller's own (null: an agent)."""

    id: UUID
    title: str
    role: Role | None
    archived_at: dt.datetime | None
    agents_paused_at: dt.datetime | None
    # After so many days an item that stands still parks itself; null: never.
    idle_park_days: int | None
    created_at: dt.datetime
    exploring: int
    decided: int
    parked: int
    pending_questions: int
    open_blockers: int
    version: int


class ProjectListed(Shown):
    """A project in one's list, with what waits there."""

    id: UUID
    title: str
    role: Role
    archived_at: dt.datetime | None
    # "2 hours ago"; "first session" before there was one.
    last_session: str
    decided_since: int
    exploring: int
    decided: int
    parked: int
    pending_questions: int
    open_blockers: int
    updated_at: dt.datetime | None


@operation(router, "GET", "", gives={200: List[ProjectListed]}, may=SIGNED_IN)
def project_list(request: ApiRequest, query: LongPage) -> List[ProjectListed]:
    """One's projects, those with open questions first, then those that changed last."""
    assert isinstance(request.caller, PersonCaller)
    try:
        found = own_projects.page(request.caller.user.id, after=query.cursor, most=query.limit)
    except (ValueError, OverflowError) as bad:
        raise Invalid("cursor", NOT_A_CURSOR) from bad
    return List(
        data=[
            ProjectListed(
                pending_questions=row["questions"],
                open_blockers=row["blockers"],
                **{name: row[name] for name in _COPIED},
            )
            for row in found.rows
        ],
        next=found.next or None,
    )


@operation(
    router,
    "POST",
    "",
    gives={201: Data[ProjectShown]},
    may=SIGNED_IN,
    example={"title": "Summer concert"},
)
def project_create(request: ApiRequest, body: ProjectNew) -> Data[ProjectShown]:
    """Create a project; the caller is its first owner."""
    assert isinstance(request.caller, PersonCaller)
    made = projects.create_project(request.caller.user, title=body.title)
    return _read(made.id, Role.OWNER)


@operation(router, "GET", PROJECT, gives={200: Data[ProjectShown]}, may=READS)
def project_read(request: ApiRequest, project_id: Id) -> Data[ProjectShown]:
    """One project with its counts and version."""
    return _read(project_id, _role(request.membership))


@operation(
    router,
    "PATCH",
    PROJECT,
    gives={200: Data[ProjectShown]},
    may=OWNS_ALSO_ARCHIVED,
    example={"title": "Summer concert 2027"},
)
def project_edit(request: ApiRequest, project_id: Id, body: ProjectEdit) -> Data[ProjectShown]:
    """Rename; archive (`archived: true`) or restore; let the in-house agents keep out; park what stands
    still. Owners only.
    """
    # Null says something of this one.
    sets_idle = "idle_park_days" in body.model_fields_set
    if body == ProjectEdit() and not sets_idle:
        raise Invalid("body", "must change something: title, archived, agentsPaused or idleParkDays.")
    if body.archived is False:
        projects.restore_project(project_id, request.actor)
    if body.title is not None:
        projects.rename_project(project_id, request.actor, title=body.title)
    if body.agents_paused is not None:
        (projects.pause_agents if body.agents_paused else projects.resume_agents)(project_id)
    if sets_idle:
        projects.set_idle_parking(project_id, request.actor, days=body.idle_park_days)
    if body.archived is True:
        projects.archive_project(project_id, request.actor)
    return _read(project_id, _role(request.membership))


@operation(router, "DELETE", PROJECT, gives={200: Done}, may=May(Role.OWNER))
def project_delete(request: ApiRequest, project_id: Id, query: ProjectDeletion) -> Done:
    """Delete a project with everything in it. Owners only, and its title must be said."""
    projects.delete_project(project_id, confirm_title=query.confirm_title)
    return Done(message="Deleted.")


def _role(membership: Membership | None) -> Role | None:
    return Role(membership.role) if membership else None


def _read(project_id: UUID, role: Role | None) -> Data[ProjectShown]:
    project = Project.objects.select_related("counter").get(id=project_id)
    counter = project.counter
    return Data(
        data=ProjectShown(
            id=project.id,
            title=project.title,
            role=role,
            archived_at=project.archived_at,
            idle_park_days=project.idle_park_days,
            agents_paused_at=project.agents_paused_at,
            created_at=project.created_at,
            exploring=counter.exploring,
            decided=counter.decided,
            parked=counter.parked,
            pending_questions=counter.questions_open,
            open_blockers=counter.blockers_open,
            version=counter.version,
        )
    )


_COPIED = (
    "id",
    "title",
    "role",
    "archived_at",
    "last_session",
    "decided_since",
    "exploring",
    "decided",
    "parked",
    "updated_at",
)
