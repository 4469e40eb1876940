"""Refusals as answers of the API: which status, which words, which field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from sessions_app.api.door import BadKey
from sessions_app.api.reading import UnsupportedBody
from sessions_app.metrics import intake
from sessions_app.problems import problem
from sessions_app.services import shapes
from sessions_app.services.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    ServiceError,
    TooMany,
    Unavailable,
)
from sessions_app.services.refusals import reason_of
from sessions_app.strict_json import BadValue, NotJson

NOT_THERE = "It is not there, or not for you."


def register(api: NinjaAPI) -> None:
    """Let `api` answer every refusal as a problem."""
    api.add_exception_handler(ServiceError, _refused)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(AuthenticationError, lambda request, _bad: problem(401, _who(request)))
    for kind in (HttpError, BadValue, NotJson, UnsupportedBody):
        api.add_exception_handler(kind, _unreadable)
    api.add_exception_handler(Http404, lambda _request, _missing: problem(404, NOT_THERE))
    api.add_exception_handler(BadKey, lambda _request, _bad: problem(400, _BAD_KEY))


_BAD_KEY = "The Idempotency-Key must be 1 to 255 visible ASCII characters."


def _refused(_request: HttpRequest, refused: Any) -> HttpResponse:  # noqa: ANN401 -- a ServiceError
    intake.note_refused(reason_of(refused))
    match refused:
        case Invalid(field=field, rule=rule):
            name = shapes.camel(field)
            return problem(422, f"{name} {rule}", errors=[(name, rule)])
        case Conflict(current=current):
            return problem(409, str(refused), current=current)
        case TooMany(retry_after=seconds):
            response = problem(429, str(refused))
            response.headers["Retry-After"] = str(seconds)
            return response
        case NotAllowed():
            return problem(403, str(refused))
        case Unavailable():
            return problem(503, str(refused))
    # One sentence for what is hidden and what is missing, whatever it is.
    assert isinstance(refused, NotFound)
    return problem(404, NOT_THERE)


def _invalid(_request: HttpRequest, bad: Any) -> HttpResponse:  # noqa: ANN401 -- a ValidationError
    intake.note_refused(intake.reason_of_kind(bad.errors[0]["type"]))
    errors = list(_fields(bad.errors))
    field, rule = errors[0]
    return problem(422, f"{field} {rule}", errors=errors)


def _fields(errors: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for error in errors:
        # The first part names where it stood (body, query, path), and of a body the second the argument.
        place = error["loc"][2:] if error["loc"][0] == "body" else error["loc"][-1:]
        field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
        yield field or "body", shapes.rule_of(error)


def _unreadable(_request: HttpRequest, bad: Any) -> HttpResponse:  # noqa: ANN401 -- one of those kinds
    # Ninja wraps why a body could not be read in an error of its own.
    reason: BaseException = bad.__cause__ if isinstance(bad, HttpError) and bad.__cause__ else bad
    match reason:
        case BadValue(field=field, rule=rule):
            return problem(422, f"{field} {rule}", errors=[(field, rule)])
        case NotJson() as not_json:
            return problem(400, f"The body {not_json}", errors=[("body", str(not_json))])
        case UnsupportedBody():
            return problem(415, "Send the body as application/json.")
    raise reason


def _who(request: HttpRequest) -> str:
    if request.headers.get("Authorization"):
        return "This token is not good (any more). Sign in again, or ask an owner for a new one."
    return "Send “Authorization: Bearer …” with an access token of /api/auth/token or an agent's token."
