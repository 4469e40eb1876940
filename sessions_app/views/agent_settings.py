"""What the settings show an owner of agents beside their tokens: set-up to copy, webhooks, their log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from sessions_app.models import Webhook, WebhookDelivery
from sessions_app.models.bearers import Scope
from sessions_app.services.agent_tokens import USUAL_SCOPES

# What the form offers: its value, and how it reads.
EXPIRIES = {"never": "Never", "30": "In 30 days", "90": "In 90 days", "365": "In a year"}
LOG_LENGTH = 20
PLACEHOLDER = "YOUR_TOKEN"


@dataclass(frozen=True)
class SetUp:
    """Something to copy: for which client, where it belongs, and the text."""

    id: str
    client: str
    where: str
    text: str

    @property
    def rows(self) -> int:
        """Lines of the text; one that is long wraps."""
        return sum(1 + len(line) // 70 for line in self.text.splitlines())


def agent_settings(project_id: UUID, token_secret: str = "") -> dict[str, Any]:
    """The context of the owner's parts of the page; `token_secret` is filled in where it was just made."""
    return {
        "scopes": [(scope.value, scope.label, scope.value in USUAL_SCOPES) for scope in Scope],
        "expiries": EXPIRIES.items(),
        "set_ups": set_ups(project_id, token_secret or PLACEHOLDER),
        "webhooks": Webhook.objects.filter(project_id=project_id)
        .select_related("created_by")
        .order_by("created_at", "id"),
        "deliveries": WebhookDelivery.objects.filter(project_id=project_id)
        .select_related("webhook")
        .order_by("-created_at", "-id")[:LOG_LENGTH],
    }


def set_ups(project_id: UUID, token: str) -> list[SetUp]:
    """How the usual clients are let in with this token."""
    server = {"url": f"{settings.BASE_URL}/mcp", "headers": {"Authorization": f"Bearer {token}"}}
    report = {"action": "Looked around", "details": {}}
    activity = f"{settings.BASE_URL}/api/projects/{project_id}/agent-activity"
    return [
        SetUp(
            "claude-code",
            "Claude Code",
            "in a terminal",
            f"claude mcp add --transport http leftoff {server['url']}"
            f' --header "Authorization: Bearer {token}"',
        ),
        SetUp(
            "cursor",
            "Cursor, and most others",
            "in .cursor/mcp.json, or wherever yours keeps mcpServers",
            _json({"mcpServers": {"leftoff": server}}),
        ),
        SetUp(
            "vs-code",
            "VS Code",
            "in .vscode/mcp.json",
            _json({"servers": {"leftoff": {"type": "http", **server}}}),
        ),
        SetUp(
            "curl",
            "Without MCP",
            "an agent’s report by curl",
            f'curl -X POST {activity} \\\n  -H "Authorization: Bearer {token}" \\\n'
            f"""  -H "Content-Type: application/json" \\\n  -d '{json.dumps(report)}'""",
        ),
    ]


def _json(value: object) -> str:
    return json.dumps(value, indent=2)
