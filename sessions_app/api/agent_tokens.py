"""Agent tokens: made and revoked by owners."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from pydantic import Field

from sessions_app.api.door import OWNER_READS, OWNS, OWNS_ALSO_ARCHIVED, ApiRequest, Place, operation
from sessions_app.api.paging import by_time
from sessions_app.api.reading import Body, Id, LongPage, Moment
from sessions_app.api.showing import Data, Done, List, Shown
from sessions_app.models import AgentToken
from sessions_app.models.activity import AGENT_TYPE_MAX_CHARACTERS
from sessions_app.models.bearers import Scope
from sessions_app.services import agent_tokens
from sessions_app.services.bearers import PersonCaller

router = Place("/projects/{project_id}/agent-tokens", "Agent tokens")


class AgentTokenNew(Body):
    # What you call it, to tell several apart.
    name: str = Field(min_length=1, max_length=agent_tokens.NAME_MAX_CHARACTERS)
    # The name the agent acts under.
    agent_type: str = Field(min_length=1, max_length=AGENT_TYPE_MAX_CHARACTERS)
    # Of: briefing, activity, messages, items, questions, live. Left out: all but live.
    scopes: list[str] = Field(default=list(agent_tokens.USUAL_SCOPES), min_length=1, max_length=len(Scope))
    # Left out: until it is revoked.
    expires_at: Moment | None = None


class AgentTokenShown(Shown):
    """A token without its secret; `hint` are its last characters."""

    id: UUID
    name: str
    agent_type: str
    scopes: list[Scope]
    hint: str
    created_by: str
    created_at: dt.datetime
    last_used_at: dt.datetime | None
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None


class AgentTokenMade(AgentTokenShown):
    """`token` is told this once; only its hash is kept."""

    token: str


@operation(router, "GET", "", gives={200: List[AgentTokenShown]}, may=OWNER_READS)
def agent_token_list(request: ApiRequest, project_id: Id, query: LongPage) -> List[AgentTokenShown]:
    """The project's tokens, newest first; the secret is never shown again. Owners only."""
    rows = AgentToken.objects.filter(project_id=project_id).select_related("created_by")
    return by_time(rows, "created_at", query, _shown)


@operation(
    router,
    "POST",
    "",
    gives={201: Data[AgentTokenMade]},
    may=OWNS,
    example={"name": "Nightly planner", "agentType": "PlannerAgent", "scopes": ["briefing", "activity"]},
)
def agent_token_create(request: ApiRequest, project_id: Id, body: AgentTokenNew) -> Data[AgentTokenMade]:
    """Make a token for one agent of this project; shown once. Owners only."""
    assert isinstance(request.caller, PersonCaller)
    row, token = agent_tokens.create_agent_token(
        project_id,
        request.caller.user,
        name=body.name,
        agent_type=body.agent_type,
        scopes=body.scopes,
        expires_at=body.expires_at,
    )
    return Data(data=AgentTokenMade(**_shown(row).model_dump(), token=token))


@operation(router, "DELETE", "/{token_id}", gives={200: Done}, may=OWNS_ALSO_ARCHIVED)
def agent_token_revoke(request: ApiRequest, project_id: Id, token_id: Id) -> Done:
    """Revoke a token: its next request is refused, its sockets close. Owners only; twice is fine."""
    agent_tokens.revoke_agent_token(project_id, token_id)
    return Done(message="Revoked.")


def _shown(row: AgentToken) -> AgentTokenShown:
    return AgentTokenShown(
        id=row.id,
        name=row.name,
        agent_type=row.agent_type,
        scopes=[Scope(scope) for scope in row.scopes],
        hint=row.hint,
        created_by=str(row.created_by),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
