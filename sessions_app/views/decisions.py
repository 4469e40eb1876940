"""The decision log, and its files."""

from __future__ import annotations

import functools

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sessions_app.db import replica
from sessions_app.db.replica import Reading
from sessions_app.db.rls import acting_as
from sessions_app.insights.searching import WORDS_MAX_CHARACTERS
from sessions_app.panels import decision_files, decisions
from sessions_app.panels.decisions import Asked
from sessions_app.services import limits
from sessions_app.services.errors import Invalid
from sessions_app.services.texts import clean_line
from sessions_app.streamed import Streamed
from sessions_app.views.access import ProjectRequest
from sessions_app.views.lagging import reads_that_may_lag


@require_GET
@reads_that_may_lag
def decision_log(request: ProjectRequest) -> HttpResponse:
    """What stands, or with `history=1` all that was ever decided; `by` whom, `q` saying what."""
    try:
        context = decisions.context(
            request.membership.project_id, _asked(request), request.GET.get("older", "")
        )
    except ValueError as bad:
        raise Invalid("older", "must be what the page before said is next.") from bad
    context |= {"me": request.user, "membership": request.membership, "project": request.membership.project}
    return render(request, "decisions/page.html", context)


@require_GET
@reads_that_may_lag
def decisions_csv(request: ProjectRequest) -> Streamed:
    """The same as a table, whole."""
    limits.count_export(request.user.id)
    return decision_files.as_csv(request.membership.project_id, _reading(request), _asked(request))


@require_GET
@reads_that_may_lag
def decisions_zip(request: ProjectRequest) -> Streamed:
    """What is decided as MADR files."""
    limits.count_export(request.user.id)
    return decision_files.as_madr(request.membership.project_id, _reading(request))


def _reading(request: ProjectRequest) -> Reading:
    """How the file's pieces are read, after this view has answered."""
    user_id, project_id = request.user.id, request.membership.project_id
    return replica.reading(functools.partial(acting_as, user_id, project_id), project_id, user_id)


def _asked(request: ProjectRequest) -> Asked:
    by, history = request.GET.get("by", ""), request.GET.get("history", "")
    if by not in ("", *decisions.WHO_DECIDES):
        raise Invalid("by", f"must be one of {', '.join(decisions.WHO_DECIDES)}.")
    if history not in ("", "1"):
        raise Invalid("history", "must be 1, or left out.")
    words = clean_line(request.GET.get("q", ""), "q", most=WORDS_MAX_CHARACTERS, required=False)
    return Asked(history=history == "1", by=by, words=words)
