"""Search in a project."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from sessions_app.api.door import READS_THAT_MAY_LAG, ApiRequest, Place, operation
from sessions_app.api.reading import Id, Limited
from sessions_app.api.showing import Data, Shown
from sessions_app.insights.searching import WORDS_MAX_CHARACTERS
from sessions_app.panels import search
from sessions_app.services.bearers import PersonCaller

router = Place("/projects/{project_id}/search", "Search")


class FoundShown(Shown):
    """What was found, best first. `state` is an item's or a question's; `url` is its place in the pages."""

    type: search.Type
    id: UUID
    title: str
    snippet: str
    state: str
    who: str
    at: dt.datetime
    url: str


class SearchQuery(Limited):
    q: Annotated[str, StringConstraints(max_length=WORDS_MAX_CHARACTERS)] = Field(
        "", description="words; “in quotes” together, `-word` not; the last may be the beginning of one"
    )
    type: Literal["item", "decision", "message", "question", ""] = Field("", description="only these")


@operation(router, "GET", "", gives={200: Data[list[FoundShown]]}, may=READS_THAT_MAY_LAG)
def project_search(request: ApiRequest, project_id: Id, query: SearchQuery) -> Data[list[FoundShown]]:
    """Find words in the project's items, decisions, messages and questions.

    Best first. A decision is an item that is decided.
    """
    caller = request.caller
    rows = search.found(
        project_id,
        query.q,
        types=(query.type,) if query.type else search.TYPES,
        hides_agents=isinstance(caller, PersonCaller) and caller.user.hides_agents,
        most=query.limit,
    )
    return Data(data=[_shown(row) for row in rows])


def _shown(row: search.Found) -> FoundShown:
    return FoundShown(
        type=row.type,
        id=row.id,
        title=search.unmarked(row.title),
        snippet=search.unmarked(row.snippet),
        state=row.state,
        who=row.who,
        at=row.at,
        url=row.url,
    )
