"""The briefing: where an agent left off."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpResponse
from pydantic import Field

from sessions_app.api.door import READS, ApiRequest, Place, operation
from sessions_app.api.reading import Id, Query, Whole
from sessions_app.api.showing import Data
from sessions_app.insights import briefing as told
from sessions_app.services import briefing
from sessions_app.services.bearers import AgentCaller

router = Place("/projects/{project_id}/briefing", "Briefing")


class BriefingQuery(Query):
    since: Whole | None = Field(None, description="the project's version you know; left out: your last visit")
    format: Literal["json", "markdown"] = Field("json", description="`markdown` is text to read")


@operation(router, "GET", "", gives={200: Data[dict[str, Any]]}, may=READS, also_as="text/markdown")
def briefing_read(
    request: ApiRequest, project_id: Id, query: BriefingQuery
) -> Data[dict[str, Any]] | HttpResponse:
    """What a person would see, for an agent.

    State, decisions since its last visit, answers to its questions, open questions, blockers, next steps: at
    most 16 KB. Reading consumes nothing; the last visit is the agent's last own act.
    """
    caller = request.caller
    if isinstance(caller, AgentCaller):
        found = briefing.briefing(project_id, agent_type=caller.agent_type, since=query.since)
    else:
        found = briefing.briefing(project_id, user_id=caller.user.id, since=query.since)
    if query.format == "markdown":
        return HttpResponse(told.as_markdown(found), content_type="text/markdown; charset=utf-8")
    return Data(data=told.as_json(found))
