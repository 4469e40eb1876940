"""What agents report, and the tokens they come with: never the secret, nor its hash."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from sessions_app.admin.filters import ByProject, Word, by_words
from sessions_app.admin.inspected import Inspected
from sessions_app.models import AgentActivity, AgentToken
from sessions_app.services import agent_tokens


@admin.register(AgentActivity)
class AgentActivityAdmin(Inspected):
    list_display = ("received_at", "agent_type", "action", "project", "fate", "tries")
    list_filter = (
        ByProject,
        by_words(
            "what became of it",
            "fate",
            Word("waiting", "Waits for the digester", Q(digested_version__isnull=True), is_indexed=True),
            Word("failed", "Given up", ~Q(failure="")),
            Word("digested", "Digested", Q(digested_version__isnull=False, failure="")),
        ),
    )
    order = order_in_project = ("-received_at", "-id")
    extras = ("fate",)

    @admin.display(description="What became of it")
    def fate(self, row: AgentActivity) -> str:
        if row.failure:
            return f"Given up: {row.failure}"
        if row.digested_version is None:
            return "Waits"
        return f"Digested at version {row.digested_version}"


@admin.register(AgentToken)
class AgentTokenAdmin(Inspected):
    list_display = (
        "name",
        "agent_type",
        "project",
        "scopes",
        "hint",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    list_filter = (
        ByProject,
        by_words(
            "revoked",
            "revoked",
            Word("no", "Not revoked", Q(revoked_at__isnull=True)),
            Word("yes", "Revoked", Q(revoked_at__isnull=False)),
        ),
    )
    secrets = ("token_hash",)
    actions = ("revoke",)

    @admin.action(description="Revoke", permissions=["act"])
    def revoke(self, request: HttpRequest, rows: QuerySet[AgentToken]) -> None:
        def verb(token: AgentToken) -> str:
            if token.revoked_at is not None:
                return ""
            agent_tokens.revoke_agent_token(token.project_id, token.id)
            return "Revoked the token."

        self.act_on(request, rows, verb, none="All of these were revoked already.")
