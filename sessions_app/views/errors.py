"""Answers to what cannot be done, the same words for pages and HTMX."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template import loader
from redis.exceptions import RedisError

from sessions_app import problems
from sessions_app.db.trouble import trouble_of
from sessions_app.metrics.observed import current
from sessions_app.views.came_from import own_path

TITLES = {
    400: "That request made no sense",
    403: "Not yours to do",
    404: "Nothing here",
    409: "Not as things stand",
    413: "That is too much at once",
    422: "That did not fit",
    429: "Too often",
    500: "Our mistake",
    503: "Back in a moment",
}


def problem(request: HttpRequest, status: int, detail: str, title: str = "") -> HttpResponse:
    """An error as a page, or for HTMX as a toast; nothing was changed.

    What the person typed is shown on the page, so that no text is lost with a refusal.
    A program gets it as JSON.
    """
    if problems.is_api(request):
        return problems.problem(status, detail)
    back = came_from_path(request)
    # What another site's form holds, which is a 403, is not.
    is_theirs = status in (409, 413, 422) or (status == 403 and bool(back))
    context = {
        "status": status,
        "title": title or TITLES.get(status, "That did not work"),
        "detail": detail,
        "typed": _typed(request) if is_theirs else [],
        "level": "error",
        "back": back,
        "request_id": _request_id() if status >= 500 else "",
    }
    htmx = request.headers.get("HX-Request") == "true"
    template = "components/_error_toast.html" if htmx else f"{status}.html"
    body = loader.select_template([template, "problem.html"]).render(context, request)
    response = HttpResponse(body, status=status)
    if status == 503:
        response.headers["Retry-After"] = str(problems.RETRY_AFTER_SECONDS)
    return response


def _request_id() -> str:
    """What this request is called in the log, for whoever asks us about it."""
    observed = current()
    return observed.id if observed else ""


def came_from_path(request: HttpRequest) -> str:
    """The path of our own page that this request was sent from, or ""."""
    # Not get_host(), which raises for a foreign host, and that refusal is worded here too.
    return own_path(request.headers.get("Referer", ""), request.META.get("HTTP_HOST", ""))


def came_from_page(request: HttpRequest, path: str) -> str:
    """The path and query that this request was sent from where it is that page of ours, or ""."""
    came_from = came_from_path(request)
    return came_from if urlsplit(came_from).path == path else ""


def trouble_response(request: HttpRequest, exception: BaseException | None) -> HttpResponse | None:
    """The answer to an exception that is the database's or the input's trouble; None: it is ours."""
    if isinstance(exception, RequestDataTooBig):
        return problem(request, 413, problems.TOO_LARGE)
    if trouble := trouble_of(exception):
        return problem(request, trouble.status, trouble.detail)
    if isinstance(exception, RedisError):
        # It counts sign-in attempts; without it nobody is let in uncounted.
        return problem(request, 503, "Signing in is not possible just now. Try again in a moment.")
    return None


def bad_request(request: HttpRequest, exception: object = None) -> HttpResponse:
    """400: the request cannot be read at all."""
    if isinstance(exception, RequestDataTooBig):
        return problem(request, 413, problems.TOO_LARGE)
    return problem(request, 400, exception if isinstance(exception, str) else "The request cannot be read.")


def permission_denied(request: HttpRequest, exception: object = None) -> HttpResponse:
    """403: it is there, but this role may not."""
    in_admin = request.path_info.startswith("/admin/")
    rights = "rights in the admin do" if in_admin else "role in this project does"
    return problem(request, 403, f"Your {rights} not allow it.")


def page_not_found(request: HttpRequest, exception: object = None) -> HttpResponse:
    """404, the same for what is missing and for what is not for this person."""
    return problem(request, 404, "It is not there, or not for you.")


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or what the exception under way really is when the database is in trouble."""
    return trouble_response(request, sys.exc_info()[1]) or problem(
        request, 500, "Something broke on our side. Nothing you typed was half saved."
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 when a form's token is missing or of an earlier sign-in: reloading the page heals it."""
    said = "This page is older than your sign-in. Reload it and try again."
    return problem(request, 403, said, title="Signed in anew meanwhile")


def _typed(request: HttpRequest) -> list[str]:
    try:
        fields = request.POST.lists()
    except RequestDataTooBig:
        return []
    hidden = ("csrfmiddlewaretoken", "password")
    shown = (values for name, values in fields if not name.startswith(hidden))
    return [value for values in shown for value in values if value.strip()]
