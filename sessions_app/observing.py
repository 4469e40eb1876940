"""The outermost middleware: every request gets a name, is counted once it is answered, and logged."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch
from django.utils.log import log_response

from sessions_app.api import verbs
from sessions_app.api.reading import note_unread
from sessions_app.metrics import answered, intake
from sessions_app.metrics.observed import observing, request_id
from sessions_app.metrics.routes import match_of, route_of


class ObservingMiddleware:
    """See the module. What is told of a request is its route, never its address, query or body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        with observing(request_id(request.headers.get(answered.HEADER))) as observed:
            response = self.get_response(request)
            # Where it was refused before the API looked, a guessed word is still one.
            request.path_info = verbs.meant(request.method, request.path_info)
            match = match_of(request)
            route = route_of(request, match)
            answered.count(
                observed,
                route=route,
                method=request.method,
                status=response.status_code,
                seconds=time.perf_counter() - started,
            )
            if match and request.method == "POST" and (door := intake.DOORS.get(match.url_name or "")):
                intake.note_project(_project_in(match))
                if door is intake.Door.BATCH and not observed.entries:
                    note_unread(request)
                is_replay = "Idempotent-Replayed" in response.headers
                intake.count_answer(door, observed, response.status_code, replayed=is_replay)
            response.headers[answered.HEADER] = observed.id
            if response.status_code >= 400:
                # Django would say so when the request has no name any more, and name its address, which
                # may hold a secret or whatever somebody typed; it says nothing a second time.
                words = (response.reason_phrase, route)
                log_response("%s: %s", *words, response=response, request=request)  # type: ignore[arg-type]
        return response


def _project_in(match: ResolverMatch) -> UUID | None:
    """The project an address names, if it is one: the API's addresses take any text first."""
    try:
        return UUID(str(match.kwargs["project_id"]))
    except (KeyError, ValueError):
        return None
