"""One's session: begin and end it, keep it alive; the history of sessions."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_GET, require_POST

from sessions_app import strict_json
from sessions_app.metrics import intake
from sessions_app.models.items import State
from sessions_app.models.projects import Role
from sessions_app.panels import as_of, common, history
from sessions_app.services import sessions, taking_in, tracking
from sessions_app.services.errors import Invalid
from sessions_app.strict_json import BadValue, NotJson
from sessions_app.views.access import ProjectRequest, reads, writes
from sessions_app.views.changed import all_panels, look
from sessions_app.views.lagging import reads_that_may_lag


@require_POST
@writes(Role.VIEWER, also_archived=True)
def session_start(request: ProjectRequest) -> HttpResponse:
    """Somebody is back at a page that was open all the time: resumes their session or starts one.

    HTMX gets all panels, which tell then from the new session; others the page.
    """
    if request.headers.get("HX-Request") == "true":
        return all_panels(request, look(request), is_committed=False)
    return redirect("project", request.membership.project_id)


@require_POST
@writes(Role.VIEWER, also_archived=True, is_activity=False)
def activity(request: ProjectRequest) -> HttpResponse:
    """Take in that the person did something: `kind`, `event_id`, `metadata` (a JSON object), all optional.

    202 once the row is committed. The same `event_id` counts once; with another body it is a 409.
    """
    is_new = tracking.track_activity(
        request.user.id,
        request.membership.project_id,
        kind=request.POST.get("kind", ""),
        metadata=_metadata(request.POST.get("metadata", "")),
        event_id=_event_id(request.POST.get("event_id", "")),
    )
    intake.note_again(not is_new)
    return HttpResponse("Noted.", status=202, content_type="text/plain")


@require_POST
@writes(Role.VIEWER, also_archived=True, is_activity=False)
def session_end(request: ProjectRequest) -> HttpResponse:
    """ "I am done for now": ends the session and goes to the projects list."""
    sessions.end_session(request.user.id, request.membership.project_id)
    return see_you(request)


def see_you(request: ProjectRequest, said: str = "") -> HttpResponse:
    """The answer to what ended one's session; `said` is what else was done."""
    messages.success(request, f"{said} See you. We will tell you where you left off.".strip())
    if request.headers.get("HX-Request") == "true":
        # HTMX would swap the list into a panel: it is to go there instead.
        return HttpResponse(headers={"HX-Redirect": resolve_url("projects")})
    return redirect("projects")


@require_GET
@reads_that_may_lag
def session_history(request: ProjectRequest) -> HttpResponse:
    """The project's sessions for owners, one's own for others; newest first."""
    try:
        context = history.context(request.membership, request.GET.get("older", ""))
    except ValueError as bad:
        raise Invalid("older", "must be what the page before said is next.") from bad
    return render(request, "sessions/page.html", context | {"me": request.user})


@require_GET
@reads
def session_then(request: ProjectRequest, session_id: UUID) -> HttpResponse:
    """The panel as it was at the start or the end of a past session. Owners may see all, others their own."""
    session = as_of.find_session(session_id, request.membership)
    if session is None:
        raise Http404
    at, state = request.GET.get("at", "start"), request.GET.get("state", State.EXPLORING)
    if at not in ("start", "end"):
        raise Invalid("at", "must be start or end.")
    if state not in State.values:
        raise Invalid("state", f"must be one of {', '.join(State.values)}.")
    view = look(request)
    try:
        shown = as_of.context(
            view, session, at_start=at == "start", state=state, after=request.GET.get("after", "")
        )
    except ValueError as bad:
        raise Invalid("after", "must be what the page before said is next.") from bad
    return render(request, "sessions/then.html", common(view) | shown)


def _event_id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as bad:
        raise Invalid("event_id", "must be a UUID.") from bad


def _metadata(text: str) -> dict[str, object]:
    if not text:
        return {}
    raw = text.encode()
    if len(raw) > taking_in.METADATA_MAX_BYTES:
        raise Invalid("metadata", f"must have at most {taking_in.METADATA_MAX_BYTES:,} bytes.")
    try:
        value = strict_json.parse(raw)
    except NotJson as bad:
        raise Invalid("metadata", str(bad)) from bad
    except BadValue as bad:
        raise Invalid(f"metadata.{bad.field}", bad.rule) from bad
    if not isinstance(value, dict):
        raise Invalid("metadata", "must be a JSON object.")
    return value
