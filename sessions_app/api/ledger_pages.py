"""Pages of the ledger: what happened, and the project as it was."""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal
from uuid import UUID

from django.db.models import Q, QuerySet
from pydantic import Field

from sessions_app.api.door import READS, ApiRequest, May, Place, operation
from sessions_app.api.paging import NOT_A_CURSOR
from sessions_app.api.reading import Id, Limited, Page, Whole
from sessions_app.api.session_rows import Split
from sessions_app.api.showing import Data, List, Shown
from sessions_app.api.shown import FactShown, fact_shown
from sessions_app.models import Activity, Session
from sessions_app.models.items import State
from sessions_app.models.projects import Role
from sessions_app.panels import as_of, ledger_runs
from sessions_app.panels.ledger_filter import ACTORS, SPANS, BadFilter, parse_before, parse_filter
from sessions_app.panels.ledger_words import WORDS
from sessions_app.panels.viewing import members_of, viewing
from sessions_app.services import analytics
from sessions_app.services.bearers import PersonCaller
from sessions_app.services.errors import Invalid, NotFound

router = Place("/projects/{project_id}", "History")

_PLACE = re.compile(r"(\d{1,18}):(\d{1,18})", re.ASCII)


class Counts(Shown):
    exploring: int
    decided: int
    parked: int
    pending_questions: int
    open_blockers: int


class ItemThen(Shown):
    """An item as it was at that version."""

    id: UUID
    title: str
    state: State
    reason: str
    outcome: str
    state_version: int


class OpenThen(Shown):
    """A question that was open; `who` asked it."""

    id: UUID
    text: str
    who: str
    since: dt.datetime


class BlockerThen(OpenThen):
    """A blocker that was open; `who` raised it."""

    type: str


class ProjectThen(Shown):
    """The project as it was at `version`; `items` are one page of those it had then, moved last first.

    `items_decided` is what the session's person was told as decided since their session before. `questions`
    and `blockers` are the oldest fifty of those open.
    """

    version: int
    counts: Counts
    items_decided: int
    items_decided_split: Split
    questions: list[OpenThen]
    blockers: list[BlockerThen]
    items: list[ItemThen]
    next: str | None


class ChangesQuery(Limited):
    after: Whole = Field(0, description="the project's version you know already")
    cursor: str = Field("", max_length=200, description="`next` of the page before")
    span: str = Field("", max_length=20, description=f"what a person is told: {', '.join(SPANS)}")
    kind: str = Field("", max_length=20, description=f"with `span`: only {', '.join(WORDS)}")
    by: str = Field("", max_length=20, description=f"with `span`: only what {' or '.join(ACTORS)} did")
    before: str = Field("", max_length=200, description="with `span`: `next` of the page before")


class AsOfQuery(Page):
    at: Literal["start", "end"] = Field("start", description="of that session")
    state: Literal["exploring", "decided", "parked", ""] = Field("", description="only items in this state")


@operation(router, "GET", "/changes", gives={200: List[FactShown]}, may=READS)
def project_changes(request: ApiRequest, project_id: Id, query: ChangesQuery) -> List[FactShown]:
    """What happened after a version, oldest first: how a front end catches up.

    With `span` what a person's page of changes tells, newest first: `new` since they were here or caught
    up, `since` they left, in their `last` session, while `away`, or `now`. `next` is then the `before` of
    the following page.
    """
    if query.span:
        return _told(request, query)
    for name in ("kind", "by", "before"):
        if getattr(query, name):
            raise Invalid(name, "goes with a span.")
    version, last_id = _place(query.cursor) if query.cursor else (query.after, 2**63 - 1)
    rows = (
        Activity.objects.filter(project_id=project_id)
        .filter(Q(version__gt=version) | Q(version=version, id__gt=last_id))
        .select_related("actor")
        .order_by("version", "id")[: query.limit + 1]
    )
    return _page(list(rows), query.limit)


@operation(
    router,
    "GET",
    "/sessions/{session_id}/state",
    gives={200: Data[ProjectThen]},
    may=May(Role.VIEWER, may_lag=True),
)
def project_as_of(request: ApiRequest, project_id: Id, session_id: Id, query: AsOfQuery) -> Data[ProjectThen]:
    """The project as of a past session, rebuilt from the ledger.

    Owners see every session's, others their own.
    """
    assert request.membership is not None
    session = as_of.find_session(session_id, request.membership)
    if session is None:
        raise NotFound("This session is not there.")
    return Data(data=_as_of(session, query))


def _told(request: ApiRequest, query: ChangesQuery) -> List[FactShown]:
    if request.membership is None or not isinstance(request.caller, PersonCaller):
        raise Invalid("span", "is of a person's sessions, and an agent has none.")
    for name in ("after", "cursor"):
        if getattr(query, name):
            raise Invalid(name, "goes with no span.")
    try:
        which = parse_filter({"span": query.span, "kind": query.kind, "by": query.by})
        before = parse_before(query.before)
    except BadFilter as bad:
        raise Invalid(bad.field, bad.rule) from bad
    seen = analytics.see(request.caller.user.id, request.project.id)
    view = viewing(
        request.caller.user,
        request.membership,
        seen.summary,
        epoch=seen.epoch,
        here=seen.here,
        members=members_of(seen.members),
    )
    found = ledger_runs.read_facts(view, which, before, most_lines=query.limit + 1).rows
    return _page([ledger_runs.activity(row) for row in found], query.limit)


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


def _as_of(session: Session, query: AsOfQuery) -> ProjectThen:
    try:
        then = as_of.read(
            session,
            at_start=query.at == "start",
            state=query.state,
            after=query.cursor,
            most=query.limit,
        )
    except ValueError as bad:
        raise Invalid("cursor", NOT_A_CURSOR) from bad
    return ProjectThen(
        version=then.version,
        counts=Counts(
            exploring=then.exploring,
            decided=then.decided_now,
            parked=then.parked,
            pending_questions=then.questions,
            open_blockers=then.blockers,
        ),
        items_decided=then.decided,
        items_decided_split=Split(
            last_session=then.split.last_session,
            away=then.split.away,
            this_session=then.split.this_session,
        ),
        questions=[OpenThen.model_validate(row, from_attributes=True) for row in then.open_questions],
        blockers=[BlockerThen.model_validate(row, from_attributes=True) for row in then.open_blockers],
        items=[_item_then(item) for item in then.items],
        next=then.next or None,
    )


def _item_then(item: as_of.ItemThen) -> ItemThen:
    return ItemThen(
        id=item.id,
        title=item.title,
        state=State(item.state),
        reason=item.reason,
        outcome=item.outcome,
        state_version=item.version,
    )
