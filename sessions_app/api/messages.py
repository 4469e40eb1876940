"""The chat: read, say, edit and delete one's own."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from sessions_app.api.door import READS, ApiRequest, Place, operation, writes
from sessions_app.api.paging import NOT_A_CURSOR
from sessions_app.api.reading import Body, Id, JsonObject, MessageText, Page
from sessions_app.api.showing import Data, Done, List
from sessions_app.api.shown import MessageShown, message_shown
from sessions_app.models import Message
from sessions_app.models.bearers import Scope
from sessions_app.services import agents, messages
from sessions_app.services.bearers import AgentCaller
from sessions_app.services.errors import Invalid

router = Place("/projects/{project_id}/messages", "Messages")
MESSAGE = "/{message_id}"


class MessageNew(Body):
    text: MessageText
    # Agents only: `agentQuestions: [{question, importance, category}]` become questions.
    metadata: JsonObject = Field(default_factory=dict)


class MessageEdit(Body):
    text: MessageText


@operation(router, "GET", "", gives={200: List[MessageShown]}, may=READS)
def message_list(request: ApiRequest, project_id: Id, query: Page) -> List[MessageShown]:
    """The chat, newest first."""
    rows = Message.objects.filter(project_id=project_id).newest_first()
    if query.cursor:
        rows = rows.before(_placed(project_id, query.cursor))
    found = list(rows[: query.limit + 1])
    given = found[: query.limit]
    return List(
        data=[message_shown(message) for message in given],
        next=str(given[-1].id) if len(found) > query.limit else None,
    )


@operation(
    router,
    "POST",
    "",
    gives={201: Data[MessageShown]},
    may=writes(Scope.MESSAGES),
    example={"text": "The mill hall is free on the 8th of May."},
)
def message_post(request: ApiRequest, project_id: Id, body: MessageNew) -> Data[MessageShown]:
    """Say something in the chat; an agent's `metadata.agentQuestions` become questions.

    The in-house agents hear what people say, “/decide …” and the like as on the page.
    """
    if isinstance(request.caller, AgentCaller):
        message = agents.post_agent_message(
            project_id, request.caller.agent_type, text=body.text, metadata=body.metadata
        )
    elif body.metadata:
        raise Invalid("metadata", "is for agents' messages; leave it out.")
    else:
        message = messages.post_message(project_id, request.actor, text=body.text, is_live=True)
    return Data(data=message_shown(message))


@operation(
    router,
    "PATCH",
    MESSAGE,
    gives={200: Data[MessageShown]},
    may=writes(),
    example={"text": "The mill hall is free on the 15th of May."},
)
def message_edit(
    request: ApiRequest, project_id: Id, message_id: Id, body: MessageEdit
) -> Data[MessageShown]:
    """Change one's own message."""
    message = messages.edit_message(project_id, request.actor, message_id, text=body.text)
    return Data(data=message_shown(message))


@operation(router, "DELETE", MESSAGE, gives={200: Done}, may=writes())
def message_delete(request: ApiRequest, project_id: Id, message_id: Id) -> Done:
    """Delete one's own message: its text is gone, its place in the talk stays."""
    messages.delete_message(project_id, request.actor, message_id)
    return Done(message="Deleted.")


def _placed(project_id: UUID, cursor: str) -> Message:
    """The message a page begins after; one that is deleted keeps its place."""
    try:
        found = Message.objects.filter(project_id=project_id, id=UUID(cursor)).first()
    except ValueError as bad:
        raise Invalid("cursor", NOT_A_CURSOR) from bad
    if found is None:
        raise Invalid("cursor", NOT_A_CURSOR)
    return found
