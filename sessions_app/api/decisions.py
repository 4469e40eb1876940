"""The decision log, and its files."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from sessions_app.api.door import READS_THAT_MAY_LAG, ApiRequest, Place, operation
from sessions_app.api.paging import NOT_A_CURSOR
from sessions_app.api.reading import Id, Limited, Query
from sessions_app.api.showing import Data, List, Shown
from sessions_app.api.shown import ItemNamed
from sessions_app.db import replica
from sessions_app.db.replica import Reading
from sessions_app.exporters.rows import DecisionRow, Named
from sessions_app.insights.searching import WORDS_MAX_CHARACTERS
from sessions_app.insights.stability import Stability
from sessions_app.panels import decision_files, decisions
from sessions_app.panels.decisions import Asked
from sessions_app.services.errors import Invalid
from sessions_app.streamed import Streamed

router = Place("/projects/{project_id}", "Decisions")


class DecisionShown(Shown):
    """A decision. `fate` is stands, superseded, reopened, parked, deleted or decided again.

    `by` is user, agent or system (an import); `decidedBy` are names.
    """

    item_id: UUID
    version: int
    title: str
    reason: str
    outcome: str
    alternatives: list[str]
    decided_at: dt.datetime
    decided_by: list[str]
    by: str
    quote: str
    message_id: UUID | None
    supersedes: list[ItemNamed]
    superseded_by: ItemNamed | None
    review_at: dt.datetime | None
    contested_at: dt.datetime | None
    contested_by: str
    contest_reason: str
    fate: str
    ended_at: dt.datetime | None


class StabilityShown(Shown):
    """How well decisions hold. Days; `halfLifeDays` is null while more than half are estimated to stand.

    The half-life is the median time until a decision is reopened or superseded (Kaplan and Meier).
    """

    decisions: int
    reopened: int
    superseded: int
    taken_back_share: float
    half_life_days: float | None
    still_standing_share: float
    seen_for_days: float


class DecisionFilter(Query):
    q: Annotated[str, StringConstraints(max_length=WORDS_MAX_CHARACTERS)] = Field(
        "", description="words in title, reason, alternatives or text"
    )
    by: Literal["user", "agent", "system", ""] = Field("", description="only decisions by these")
    history: Literal["true", "false"] = Field("false", description="also those that stand no longer")

    @property
    def asked(self) -> Asked:
        return Asked(history=self.history == "true", by=self.by, words=self.q)


class DecisionQuery(DecisionFilter, Limited):
    cursor: str = Field("", max_length=200, description="`next` of the page before; left out: the first page")


@operation(router, "GET", "/decisions", gives={200: List[DecisionShown]}, may=READS_THAT_MAY_LAG)
def decision_list(request: ApiRequest, project_id: Id, query: DecisionQuery) -> List[DecisionShown]:
    """The decision log, newest first: what stands now, or with `history` all there ever was."""
    try:
        rows, cursor = decisions.page(project_id, query.asked, cursor=query.cursor, most=query.limit)
    except ValueError as bad:
        raise Invalid("cursor", NOT_A_CURSOR) from bad
    return List(data=[_shown(row) for row in rows], next=cursor or None)


@operation(router, "GET", "/decisions/stability", gives={200: Data[StabilityShown]}, may=READS_THAT_MAY_LAG)
def decision_stability(request: ApiRequest, project_id: Id) -> Data[StabilityShown]:
    """How well the project's decisions hold."""
    return Data(data=stability_shown(decisions.project_stability(project_id)))


@operation(router, "GET", "/decisions.csv", gives={200: None}, may=READS_THAT_MAY_LAG, also_as="text/csv")
def decisions_csv(request: ApiRequest, project_id: Id, query: DecisionFilter) -> Streamed:
    """The decision log as one CSV table, whole; no cell is taken for a formula."""
    reading = _reading(request, project_id)
    return _tagged(decision_files.as_csv(project_id, reading, query.asked), project_id, query.asked)


@operation(
    router, "GET", "/decisions.zip", gives={200: None}, may=READS_THAT_MAY_LAG, also_as="application/zip"
)
def decisions_zip(request: ApiRequest, project_id: Id) -> Streamed:
    """What is decided as MADR files, one for each decision."""
    reading = _reading(request, project_id)
    return _tagged(decision_files.as_madr(project_id, reading), project_id, Asked())


def stability_shown(found: Stability) -> StabilityShown:
    return StabilityShown(
        decisions=found.decisions,
        reopened=found.reopened,
        superseded=found.superseded,
        taken_back_share=found.taken_back_share,
        half_life_days=None if found.half_life is None else _days(found.half_life),
        still_standing_share=found.still_standing,
        seen_for_days=_days(found.seen_for),
    )


def _reading(request: ApiRequest, project_id: UUID) -> Reading:
    """How the file's pieces are read, after this operation has answered."""
    user_id = request.membership.user_id if request.membership else None
    return replica.reading(request.caller.acting, project_id, user_id)


def _tagged(response: Streamed, project_id: UUID, asked: Asked) -> Streamed:
    response.headers["ETag"] = decision_files.etag(project_id, asked)
    return response


def _days(span: dt.timedelta) -> float:
    return round(span / dt.timedelta(days=1), 2)


def _shown(row: DecisionRow) -> DecisionShown:
    return DecisionShown(
        item_id=row.item_id,
        version=row.version,
        title=row.title,
        reason=row.reason,
        outcome=row.outcome,
        alternatives=list(row.alternatives),
        decided_at=row.decided_at,
        decided_by=list(row.decided_by),
        by=row.by,
        quote=row.quote,
        message_id=row.message_id,
        supersedes=[_named(one) for one in row.supersedes],
        superseded_by=_named(row.superseded_by) if row.superseded_by else None,
        review_at=row.review_at,
        contested_at=row.contested_at,
        contested_by=row.contested_by,
        contest_reason=row.contest_reason,
        fate=row.fate,
        ended_at=row.ended_at,
    )


def _named(one: Named) -> ItemNamed:
    return ItemNamed(id=one.id, title=one.title)
