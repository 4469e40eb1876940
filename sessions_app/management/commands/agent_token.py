"""Agents' tokens from the command line: make, list, revoke."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from sessions_app import clock
from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.management import named
from sessions_app.management.teaching import Report, TeachingCommand
from sessions_app.models import AgentToken, Membership, Project, User
from sessions_app.models.bearers import Scope
from sessions_app.models.projects import Role
from sessions_app.services import agent_tokens


class Command(TeachingCommand):
    help = (
        "Make, list and revoke the tokens by which outside agents take part in a project. What is made here "
        "is an owner's, as if they had made it on the project's settings page, where it is listed under "
        "their name: whoever --as names, else who has been an owner longest of those who can sign in. "
        "The token itself is told once."
    )
    examples = (
        "create --project 'Platform' --agent Claude --name 'Build server' --days 90",
        "create --project 'Platform' --agent Scout --scope briefing --as ann@example.org --json",
        "list --project 'Platform'",
        "revoke --project 'Platform' --token 4b2c1f6e-8d1f-4c70-9d1e-0a4c7f3f5b11",
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["create", "list", "revoke"])
        parser.add_argument("--project", required=True, metavar="ID or TITLE")
        parser.add_argument("--as", dest="owner", metavar="EMAIL", help="the owner who does it")
        parser.add_argument("--agent", metavar="NAME", help="create: the name the agent acts under")
        parser.add_argument(
            "--name", metavar="TEXT", help="create: what its owner calls it (default: the agent)"
        )
        parser.add_argument(
            "--scope",
            action="append",
            choices=Scope.values,
            help="create: what it may do, once for each (default: all but live)",
        )
        parser.add_argument(
            "--days", type=named.days, metavar="N", help="create: how long it works (default: until revoked)"
        )
        parser.add_argument("--token", metavar="ID", help="revoke: which, as `list` tells it")

    def run(self, options: dict[str, Any]) -> Report:
        """Do one of the three."""
        project = named.project(options["project"])
        if options["act"] == "list":
            return _list(project)
        owner = _owner(project, options["owner"])
        if options["act"] == "revoke":
            return self._revoke(project, owner, options)
        return self._create(project, owner, options)

    def _create(self, project: Project, owner: User, options: dict[str, Any]) -> Report:
        if not options["agent"]:
            raise CommandError("Name the agent: --agent NAME.")
        days, is_trial = options["days"], options["dry_run"]
        token, secret = _make(
            project.id,
            owner,
            is_trial=is_trial,
            name=options["name"] or options["agent"],
            agent_type=options["agent"],
            scopes=options["scope"] or agent_tokens.USUAL_SCOPES,
            expires_at=clock.now() + dt.timedelta(days=days) if days else None,
        )
        if is_trial:
            # Its secret would open nothing.
            return Report(
                {**_shown(token), "dry_run": True, "token": None},
                [f"{owner} would get a token for {token.agent_type}."],
            )
        self.note(act="create", project=project.id, token=token.id, owner=owner.id)
        return Report(
            {**_shown(token), "dry_run": False, "token": secret},
            [secret],
        )

    def _revoke(self, project: Project, owner: User, options: dict[str, Any]) -> Report:
        is_trial = options["dry_run"]
        try:
            token_id = UUID(options["token"] or "")
        except ValueError as bad:
            raise CommandError("Say which token by its id, as `list` tells it: --token ID.") from bad
        with acting_as(owner.id):
            agent_tokens.revoke_agent_token(project.id, token_id)
            token = AgentToken.objects.get(id=token_id)
            transaction.set_rollback(is_trial)
        if not is_trial:
            self.note(act="revoke", project=project.id, token=token_id, owner=owner.id)
        told = "would no longer work" if is_trial else "no longer works"
        return Report({**_shown(token), "dry_run": is_trial}, [f"{token_id} {told}."])


def _list(project: Project) -> Report:
    with acting_as_system([project.id]):
        tokens = list(
            AgentToken.objects.filter(project=project)
            .select_related("created_by")
            .order_by("created_at", "id")
        )
    return Report(
        {"project_id": project.id, "tokens": [_shown(token) for token in tokens]},
        [
            f"{token.id} {token.agent_type} “{token.name}” …{token.hint} by {token.created_by}, "
            f"{_state(token)}"
            for token in tokens
        ]
        or ["No agent has a token of this project."],
    )


@retrying
def _make(
    project_id: UUID,
    owner: User,
    *,
    is_trial: bool,
    **fields: Any,  # noqa: ANN401 -- passed on
) -> tuple[AgentToken, str]:
    with acting_as(owner.id):
        made = agent_tokens.create_agent_token(project_id, owner, **fields)
        transaction.set_rollback(is_trial)
    return made


def _owner(project: Project, email: str | None) -> User:
    """Who does it: the owner that is named, else who has been one longest.

    Raises CommandError for somebody who is none, or whose account is switched off: they could not do it
    themselves.
    """
    with acting_as_system([project.id]):
        owners = Membership.objects.filter(project=project, role=Role.OWNER).select_related("user")
        if email is None:
            first = owners.filter(user__is_active=True).order_by("created_at", "id").first()
            if first is None:
                raise CommandError(
                    f"No owner of {project} is left whose account is switched on: switch one on in /admin/."
                )
            return first.user
        person = named.person(email)
        if not owners.filter(user=person).exists():
            raise CommandError(f"{person.email} is no owner of {project}.")
        if not person.is_active:
            raise CommandError(f"The account of {person.email} is switched off.")
        return person


def _state(token: AgentToken) -> str:
    if token.revoked_at:
        return "revoked"
    if token.expires_at is None:
        return "good until revoked"
    until = token.expires_at.date().isoformat()
    return f"good until {until}" if token.expires_at > clock.now() else f"expired {until}"


def _shown(token: AgentToken) -> dict[str, Any]:
    moments = {
        name: getattr(token, name) for name in ("created_at", "expires_at", "revoked_at", "last_used_at")
    }
    return {
        "id": token.id,
        "project_id": token.project_id,
        "agent_type": token.agent_type,
        "name": token.name,
        "scopes": token.scopes,
        "hint": token.hint,
        "created_by_id": token.created_by_id,
        **{name: moment.isoformat() if moment else None for name, moment in moments.items()},
    }
