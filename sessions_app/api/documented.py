"""What the OpenAPI document says of every operation beside its own schemas: errors and examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sessions_app.problems import CONTENT_TYPE

_SAYS = {
    400: "The request cannot be read: no JSON, no UTF-8, or a bad Idempotency-Key",
    401: "No bearer, or one that is not good (any more)",
    403: "It is there, but this role or this token may not",
    404: "It is not there, or not for this caller",
    409: "Not as things stand: somebody was faster, the project is archived, or the first request under this "
    "Idempotency-Key is still under way",
    413: "The body is larger than 1 MiB",
    415: "The body is no application/json",
    422: "A field breaks a rule; `errors` names each, nothing was changed",
    429: "Too many requests; Retry-After says when",
    503: "The database does not answer just now; Retry-After says when",
}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "The same key and body after a success gives the same answer again, and nothing twice; "
    "kept 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]{1,255}$"},
}
IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "description": "The ETag of the answer you have: 304 when it still stands.",
    "schema": {"type": "string"},
}


def described(
    method: str,
    status: int,
    *,
    signed_in: bool,
    in_project: bool,
    example: Mapping[str, object] | None,
    shows: object,
    also_as: str = "",
) -> dict[str, Any]:
    """What is merged into the operation's part of the document.

    `example` is a body that works, `shows` what the answer of `status` looks like then, `also_as` the
    content type of a text it may be instead.
    """
    responses: dict[int, Any] = {
        code: {
            "description": _SAYS[code],
            "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            **({"headers": {"Retry-After": {"schema": {"type": "integer"}}}} if code in (429, 503) else {}),
        }
        for code in _errors(method, signed_in=signed_in, in_project=in_project)
    }
    if shows is not None:
        responses[status] = {"content": {"application/json": {"example": shows}}}
    if also_as:
        content = responses.setdefault(status, {}).setdefault("content", {})
        content[also_as] = {"schema": {"type": "string"}}
    if method == "GET":
        responses[status] = responses.get(status, {}) | {"headers": {"ETag": {"schema": {"type": "string"}}}}
        responses[304] = {"description": "What you have still stands"}
    extra: dict[str, Any] = {"responses": responses}
    if method in ("GET", "POST"):
        extra["parameters"] = [IDEMPOTENCY_KEY if method == "POST" else IF_NONE_MATCH]
    if example is not None:
        extra["requestBody"] = {"content": {"application/json": {"example": example}}}
    return extra


def _errors(method: str, *, signed_in: bool, in_project: bool) -> Iterator[int]:
    yield 400
    if signed_in:
        yield from (401, 403)
    else:
        yield 401
    if in_project:
        yield 404
    if method != "GET":
        yield from (409, 413, 415)
    yield from (422, 429, 503)
