"""One call of a tool: one transaction, in which the agent acts; or a refusal in words it can act on."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import mcp_types
from pydantic import BaseModel, ValidationError

from sessions_app.db.retry import retrying
from sessions_app.db.trouble import trouble_of
from sessions_app.mcp.tool import Answer, Arguments, Tool
from sessions_app.metrics import intake
from sessions_app.models import Project
from sessions_app.services import agent_tokens, shapes
from sessions_app.services.access import check_may_write
from sessions_app.services.bearers import AgentCaller
from sessions_app.services.errors import Invalid, NotAllowed, NotFound, ServiceError
from sessions_app.services.refusals import reason_of

logger = logging.getLogger(__name__)


def perform(tool: Tool, caller: AgentCaller, given: Mapping[str, Any]) -> mcp_types.CallToolResult:
    """Call the tool; what goes wrong is its result too, never an exception."""
    try:
        answer = _act(tool, caller, tool.takes.model_validate(dict(given)))
    except ValidationError as bad:
        return _refusal(_misfits(tool, bad), intake.reason_of_kind(bad.errors()[0]["type"]))
    except ServiceError as refused:
        return _refusal(_words(tool, refused), reason_of(refused))
    except Exception as error:
        trouble = trouble_of(error)
        if trouble is None:
            logger.exception("the tool %s failed", tool.name)
            return _refusal("Something broke on our side.", "fault")
        return _refusal(trouble.detail, intake.reason_of_status(trouble.status))
    intake.note_taken()
    data = answer.data
    return mcp_types.CallToolResult(
        content=[mcp_types.TextContent(text=answer.text)],
        structured_content=data.model_dump(mode="json", by_alias=True)
        if isinstance(data, BaseModel)
        else dict(data),
    )


@retrying
def _act(tool: Tool, caller: AgentCaller, arguments: Arguments) -> Answer:
    if tool.scope not in caller.scopes:
        raise NotAllowed(
            f"This token lacks the scope “{tool.scope}”; an owner of the project can make one that has it."
        )
    with caller.acting():
        # By the policies it is not there for a token that was revoked since the request came in.
        project = Project.objects.filter(id=caller.project_id).first()
        if project is None:
            raise NotFound("This project is not there (any more), or the token was revoked.")
        if tool.writes:
            check_may_write(project)
        answer = tool.run(caller, arguments)
        if tool.writes:
            agent_tokens.note_act(caller.token_id)
        return answer


def _misfits(tool: Tool, bad: ValidationError) -> str:
    """Every argument that does not fit, and what the tool takes."""
    known = list(tool.takes.model_fields)
    misfits = [
        _misfit(
            _path(error["loc"]),
            shapes.rule_of({**error, "ctx": {**error.get("ctx", {}), "known": known}}, names_known=False),
        )
        for error in bad.errors(include_url=False, include_input=False)
    ]
    return f"{' '.join(misfits)} {tool.name} takes {', '.join(known)}."


def _path(location: tuple[int | str, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")


def _misfit(field: str, rule: str) -> str:
    return f"`{field}` {rule.rstrip('.')}."


def _words(tool: Tool, refused: ServiceError) -> str:
    match refused:
        case Invalid(field=field, rule=rule):
            return _misfit(tool.renamed.get(field, field), rule)
        case NotFound():
            return f"{refused} get_briefing tells the ids that are there."
    return str(refused)


def _refusal(why: str, reason: str) -> mcp_types.CallToolResult:
    intake.note_refused(reason)
    text = f"{why} Nothing was changed."
    return mcp_types.CallToolResult(content=[mcp_types.TextContent(text=text)], is_error=True)
