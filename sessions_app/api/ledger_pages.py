"""Pages of the ledger: what happened, and the project as it was."""

from __future__ import annotations

import re
from uuid import UUID

from django.db.models import Q, QuerySet
from pydantic import Field

from sessions_app.api.door import READS, ApiRequest, May, Place, operation
from sessions_app.api.paging import NOT_A_CURSOR
from sessions_app.api.reading import Id, Limited, Page, Whole
from sessions_app.api.showing import Data, List, Shown
from sessions_app.api.shown import FactShown, fact_shown
from sessions_app.db import queries
from sessions_app.models import Activity, Session
from sessions_app.models.items import State
from sessions_app.models.projects import Role
from sessions_app.services.errors import Invalid, NotFound

router = Place("/projects/{project_id}", "History")

_PLACE = re.compile(r"(\d{1,18}):(\d{1,18})", re.ASCII)


class Counts(Shown):
    exploring: int
    decided: int
    parked: int


class ItemThen(Shown):
    """An item as it was at that version."""

    id: UUID
    title: str
    state: State
    reason: str
    outcome: str
    state_version: int


class ProjectThen(Shown):
    """The project as it was at `version`; `items` are one page of those it had then."""

    version: int
    counts: Counts
    items: list[ItemThen]
    next: str | None


class ChangesQuery(Limited):
    after: Whole = Field(0, description="the project's version you know already")
    cursor: str = Field("", max_length=200, description="`next` of the page before")


class AsOfQuery(Page):
    at: str = Field("start", pattern="^(start|end)$", description="`start` or `end` of that session")


@operation(router, "GET", "/changes", gives={200: List[FactShown]}, may=READS)
def project_changes(request: ApiRequest, project_id: Id, query: ChangesQuery) -> List[FactShown]:
    """What happened after a version, oldest first: how a front end catches up."""
    version, last_id = _place(query.cursor) if query.cursor else (query.after, 2**63 - 1)
    rows = (
        Activity.objects.filter(project_id=project_id)
        .filter(Q(version__gt=version) | Q(version=version, id__gt=last_id))
        .select_related("actor")
        .order_by("version", "id")[: query.limit + 1]
    )
    return _page(list(rows), query.limit)


@operation(
    router, "GET", "/sessions/{session_id}/state", gives={200: Data[ProjectThen]}, may=May(Role.VIEWER)
)
def project_as_of(request: ApiRequest, project_id: Id, session_id: Id, query: AsOfQuery) -> Data[ProjectThen]:
    """The project as of a past session, rebuilt from the ledger.

    Owners see every session's, others their own.
    """
    assert request.membership is not None
    session = Session.objects.filter(project_id=project_id, id=session_id).first()
    if session is None or not (request.membership.is_owner or session.user_id == request.membership.user_id):
        raise NotFound("This session is not there.")
    version = int(session.snapshot_at_start["version"]) if query.at == "start" else session.end_version
    return Data(data=_as_of(project_id, version, query))


def newest_first(rows: QuerySet[Activity], page: Page) -> List[FactShown]:
    """A page of these ledger rows, newest first. Raises Invalid for a cursor that is none."""
    if page.cursor:
        version, last_id = _place(page.cursor)
        rows = rows.filter(Q(version__lt=version) | Q(version=version, id__lt=last_id))
    found = list(rows.select_related("actor").order_by("-version", "-id")[: page.limit + 1])
    return _page(found, page.limit)


def _page(found: list[Activity], limit: int) -> List[FactShown]:
    given = found[:limit]
    last = given[-1] if len(found) > limit else None
    return List(data=[fact_shown(row) for row in given], next=f"{last.version}:{last.id}" if last else None)


def _place(cursor: str) -> tuple[int, int]:
    found = _PLACE.fullmatch(cursor)
    if found is None:
        raise Invalid("cursor", NOT_A_CURSOR)
    return int(found[1]), int(found[2])


def _as_of(project_id: UUID, version: int, page: Page) -> ProjectThen:
    try:
        after = UUID(page.cursor) if page.cursor else None
    except ValueError as bad:
        raise Invalid("cursor", NOT_A_CURSOR) from bad
    rows = queries.rows(
        "project_as_of",
        {"project": project_id, "version": version, "after": after, "most": page.limit + 1},
    )
    counts = Counts(**{state: rows[0][state] if rows else 0 for state in State.values})
    found = [row for row in rows if row["id"] is not None]
    given = found[: page.limit]
    return ProjectThen(
        version=version,
        counts=counts,
        items=[
            ItemThen(
                id=row["id"],
                title=row["title"],
                state=State(row["state"]),
                reason=row["reason"],
                outcome=row["outcome"],
                state_version=row["version"],
            )
            for row in given
        ],
        next=str(given[-1].get("id")) if len(found) > page.limit else None,
    )
