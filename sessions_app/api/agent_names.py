"""Under which name an agent speaks."""

from __future__ import annotations

from sessions_app.api.door import ApiRequest
from sessions_app.services.bearers import AgentCaller
from sessions_app.services.errors import Invalid


def agent_of(request: ApiRequest, named: str) -> str:
    """The agent that acts: the token's own, or for a person the one they name.

    Raises Invalid where a token names another than its own, or a person none.
    """
    if isinstance(request.caller, AgentCaller):
        if named not in ("", request.caller.agent_type):
            raise Invalid("agent_type", f"must be “{request.caller.agent_type}”, whose token this is.")
        return request.caller.agent_type
    if not named.strip():
        raise Invalid("agent_type", "is required: the agent you report for.")
    return named
