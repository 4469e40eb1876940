"""A project's settings for agents: their tokens, webhooks, and the switch of those in the house."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_http_methods, require_POST

from sessions_app import clock
from sessions_app.models.projects import Role
from sessions_app.services import agent_tokens, projects, webhooks
from sessions_app.services.errors import Invalid
from sessions_app.views.access import ProjectRequest, writes
from sessions_app.views.agent_settings import EXPIRIES
from sessions_app.views.settings import agent_tokens_page, done, settings_page


@require_http_methods(["GET", "POST"])
def agent_token_list(request: ProjectRequest, project_id: UUID) -> HttpResponseBase:
    """GET the tokens, POST a new one."""
    view = agent_token_create if request.method == "POST" else agent_tokens_page
    return view(request, project_id=project_id)


@writes(Role.OWNER)
def agent_token_create(request: ProjectRequest) -> HttpResponse:
    """Make a token; it is on this answer, and nowhere else."""
    token, secret = agent_tokens.create_agent_token(
        request.membership.project_id,
        request.user,
        name=request.POST.get("name", ""),
        agent_type=request.POST.get("agent_type", ""),
        scopes=request.POST.getlist("scopes"),
        expires_at=_expiry(request.POST.get("expiry", "")),
    )
    return settings_page(request, new_token=token, new_token_secret=secret)


@require_POST
@writes(Role.OWNER, also_archived=True)
def agent_token_revoke(request: ProjectRequest, token_id: UUID) -> HttpResponse:
    agent_tokens.revoke_agent_token(request.membership.project_id, token_id)
    return done(request, "The token no longer works.", list_name="agent_tokens", part="agent-tokens")


@require_POST
@writes(Role.OWNER)
def webhook_create(request: ProjectRequest) -> HttpResponse:
    """Make a webhook; its secret is on this answer, and nowhere else."""
    webhook, secret = webhooks.create_webhook(
        request.membership.project_id,
        request.user,
        url=request.POST.get("url", ""),
        agent_type=request.POST.get("agent_type", ""),
    )
    return settings_page(request, new_webhook=webhook, new_webhook_secret=secret)


@require_POST
@writes(Role.OWNER, also_archived=True)
def webhook_delete(request: ProjectRequest, webhook_id: UUID) -> HttpResponse:
    webhooks.delete_webhook(request.membership.project_id, webhook_id)
    return done(request, "The webhook is gone.", part="webhooks")


@require_POST
@writes(Role.OWNER)
def webhook_test(request: ProjectRequest, webhook_id: UUID) -> HttpResponse:
    webhooks.send_test(request.membership.project_id, webhook_id)
    return done(request, "A test is on its way. Reload to see how it went.", part="webhooks")


@require_POST
@writes(Role.OWNER)
def agents_pause(request: ProjectRequest) -> HttpResponse:
    projects.pause_agents(request.membership.project_id)
    return done(request, "The in-house agents keep out of this project now.", part="in-house")


@require_POST
@writes(Role.OWNER)
def agents_resume(request: ProjectRequest) -> HttpResponse:
    projects.resume_agents(request.membership.project_id)
    return done(request, "The in-house agents are back.", part="in-house")


def _expiry(days: str) -> dt.datetime | None:
    """The moment that a choice of the form means; None: never."""
    if days not in EXPIRIES:
        raise Invalid("expiry", f"must be one of {', '.join(EXPIRIES)}.")
    return clock.now() + dt.timedelta(days=int(days)) if days != "never" else None
