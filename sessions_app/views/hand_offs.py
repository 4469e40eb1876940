"""The hand-off at the end of a session: its draft, and leaving it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from sessions_app.models.projects import Role
from sessions_app.panels import common
from sessions_app.panels import hand_offs as panel
from sessions_app.services import hand_offs, sessions
from sessions_app.services.access import check_may_write, check_role
from sessions_app.services.errors import Invalid
from sessions_app.views.access import ProjectRequest, reads, writes
from sessions_app.views.changed import look
from sessions_app.views.sessions import see_you


@require_http_methods(["GET", "POST"])
def hand_off_page(request: ProjectRequest, project_id: UUID) -> HttpResponseBase:
    """GET the draft, POST what is left: then the session is over too."""
    view = _leave if request.method == "POST" else _draft
    return view(request, project_id=project_id)


@reads
def _draft(request: ProjectRequest) -> HttpResponse:
    check_role(request.membership, Role.EDITOR)
    check_may_write(request.membership.project)
    return _page(request)


@writes(is_activity=False)
def _leave(request: ProjectRequest) -> HttpResponse:
    """An empty note is none; the session ends either way, in the same transaction."""
    membership, text = request.membership, request.POST.get("text", "")
    said = ""
    if text.strip():
        session_id = _session(request)
        try:
            hand_offs.leave_hand_off(membership.project_id, request.actor, text=text, session_id=session_id)
        except Invalid as bad:
            return _page(request, {"text": text, "error": f"The note {bad.rule}"}, status=422)
        said = "Your note is left for whoever comes next."
    sessions.end_session(membership.user_id, membership.project_id)
    return see_you(request, said)


def _page(
    request: ProjectRequest, typed: Mapping[str, str] | None = None, *, status: int = 200
) -> HttpResponse:
    view = look(request)
    context = common(view) | panel.context(view) | dict(typed or {})
    return render(request, "hand_offs/page.html", context, status=status)


def _session(request: ProjectRequest) -> UUID:
    try:
        return UUID(request.POST.get("session", ""))
    except ValueError as bad:
        raise Invalid("session", "must be the session that the draft came with.") from bad
