"""What is said in a project's story: by people and agents in the chat, and what agents report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sessions_app import clock
from sessions_app.db.rls import acting_as_system
from sessions_app.demo.occasions import Occasions, Who
from sessions_app.digest.digester import digest_waiting
from sessions_app.models import AgentToken, User
from sessions_app.services import agent_tokens, agents, messages


class TalkTold(Occasions):
    """The chat, and agents' reports."""

    def says(self, who: Who, text: str, *, asks: Sequence[dict[str, str]] = ()) -> UUID:
        """Say something in the chat; an agent's message may carry questions. Returns its id."""
        with self._event(who) as actor:
            if isinstance(who, str):
                metadata = {"agentQuestions": list(asks)} if asks else {}
                return agents.post_agent_message(self.project_id, who, text=text, metadata=metadata).id
            return messages.post_message(self.project_id, actor, text=text).id

    def says_instead(self, person: User, message_id: UUID, text: str) -> None:
        """Change one's own message."""
        with self._event(person) as actor:
            messages.edit_message(self.project_id, actor, message_id, text=text)

    def takes_back(self, person: User, message_id: UUID) -> None:
        """Delete one's own message."""
        with self._event(person) as actor:
            messages.delete_message(self.project_id, actor, message_id)

    def gives_token(self, agent_type: str) -> UUID:
        """The owner lets an outside agent in. Its secret is thrown away: nobody can use it."""
        with self._event(self.owner):
            token, _secret = agent_tokens.create_agent_token(
                self.project_id, self.owner, name=f"{agent_type} on Mina's server", agent_type=agent_type
            )
            AgentToken.objects.filter(id=token.id).update(created_at=clock.now())
            return token.id

    def reports(
        self,
        agent_type: str,
        action: str,
        details: dict[str, object],
        *,
        blocks: Sequence[str] = (),
        token_id: UUID | None = None,
    ) -> None:
        """An agent reports, and what it reports is digested. `blocks`: keys of items."""
        with self._event(agent_type):
            if blocks:
                details = details | {"blocks": [str(self.items[key]) for key in blocks]}
            agents.post_agent_activity(
                self.project_id,
                agent_type=agent_type,
                action=action,
                details=details,
                occurred_at=clock.now() - dt.timedelta(seconds=20),
                token_id=token_id,
            )
            if token_id is not None:
                AgentToken.objects.filter(id=token_id).update(last_used_at=clock.now())
        # Usually digested by now, right after the commit; a process that does not is no matter.
        with clock.at(self._moments.latest):
            digest_waiting([self.project_id])

    def resolves(self, agent_type: str, action: str, blocker: str) -> None:
        """An agent reports that what it raised (by how it begins) is resolved."""
        with acting_as_system([self.project_id]):
            blocker_id = self._blocker(blocker)
        self.reports(agent_type, action, {"resolves": [str(blocker_id)]})
