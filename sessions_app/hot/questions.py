"""Which requests the hot door knows, and what of a request an answer hangs on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

Scope = dict[str, Any]
Header = tuple[bytes, bytes]

_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_OF_PROGRAMS = re.compile(
    rf"/api/sessions/(?:summary/[^/]+|(?P<row>analytics)/[^/]+|suggested-steps|blockers)/(?P<project>{_ID})"
)
_OF_PAGES = re.compile(rf"/projects/(?P<project>{_ID})/panels/[a-z]+/")

# What is no part of the question: who passed it on, what a browser is called, what it would rather. Every
# other header is, known or not: two requests that differ in one are two questions.
_SAYS_NOTHING = frozenset(
    b"user-agent cache-control pragma connection keep-alive priority dnt sec-gpc accept-language referer"
    b" if-none-match x-request-id traceparent tracestate x-forwarded-for x-real-ip"
    b" sec-fetch-site sec-fetch-mode sec-fetch-dest sec-fetch-user sec-ch-ua sec-ch-ua-mobile"
    b" sec-ch-ua-platform".split()
)
# With one of these it is no plain question.
_UNUSUAL = frozenset((b"transfer-encoding", b"range", b"expect", b"upgrade"))


@dataclass(frozen=True, slots=True)
class Question:
    """A request for something that may be known already."""

    project_id: str
    # Whoever asks: a program's Authorization header, or a browser's cookies.
    is_program: bool
    credential: str
    # Whether the answer is the analytics row itself.
    with_analytics: bool
    # All that the answer may hang on: equal keys ask for the same.
    key: tuple[object, ...]
    if_none_match: str
    request_id: str | None


def question_in(scope: Scope) -> Question | None:
    """The question in a request; None: it is not one for this door."""
    if scope["method"] != "GET" or scope["query_string"]:
        return None
    path = scope["path"]
    match = _OF_PROGRAMS.fullmatch(path) or _OF_PAGES.fullmatch(path)
    if match is None or scope.get("raw_path", path.encode()) != path.encode():
        return None
    is_program = path.startswith("/api/")
    said: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in said or name in _UNUSUAL or (name == b"content-length" and value != b"0"):
            return None
        said[name] = value
    credential = said.get(b"authorization" if is_program else b"cookie")
    if credential is None:
        return None
    given_id = said.get(b"x-request-id")
    return Question(
        project_id=match["project"],
        is_program=is_program,
        credential=credential.decode("latin-1"),
        with_analytics=is_program and match["row"] is not None,
        key=(scope["scheme"], path, *(header for header in said.items() if header[0] not in _SAYS_NOTHING)),
        if_none_match=said.get(b"if-none-match", b"").decode("latin-1"),
        request_id=given_id.decode("latin-1") if given_id else None,
    )
