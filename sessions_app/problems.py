"""Errors at the API: `application/problem+json` (RFC 9457) with what existing front ends read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from sessions_app.metrics import observed

API = "/api"
CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
TOO_LARGE = "That is more than can be taken at once: at most 1 MiB."
NOT_SIGNED_IN = 'Bearer realm="leftoff", error="invalid_token"'


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks, which is answered in JSON whatever happens."""
    return request.path_info == API or request.path_info.startswith(f"{API}/")


def problem(
    status: int,
    detail: str,
    *,
    errors: Sequence[tuple[str, str]] = (),
    current: Mapping[str, object] | None = None,
) -> HttpResponse:
    """An error as JSON. `errors` are pairs of field and rule; `current` what stands there by now."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "success": False,
        "error": detail,
    }
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and (request := observed.current()):
        # To be told to whoever runs this: the log has it too.
        body["requestId"] = request.id
    if errors:
        body["errors"] = [{"field": field, "message": rule} for field, rule in errors]
    if current is not None:
        body["current"] = current
    response = HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=CONTENT_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = NOT_SIGNED_IN
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
