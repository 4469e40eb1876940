"""Which requests the hot door knows, and what of a request its answer hangs on."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

from sessions_app.asgi import Scope
from sessions_app.panels import presence

Header = tuple[bytes, bytes]

TRACK_ACTIVITY = "/api/sessions/track-activity"
SUMMARY, ANALYTICS, STEPS, BLOCKERS = "summary", "analytics", "suggested-steps", "blockers"
MOST_BODY_BYTES = 16 * 1024
# What is said is remembered with the answer: whoever says more than browsers and programs do is not.
MOST_HEADER_BYTES = 4 * 1024

_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_OF_PROGRAMS = re.compile(
    rf"/api/sessions/(?:(?P<row>{SUMMARY}|{ANALYTICS})/(?P<whose>[^/]+)|(?P<list>{STEPS}|{BLOCKERS}))"
    rf"/(?P<project>{_ID})"
)
_OF_PAGES = re.compile(rf"/projects/(?P<project>{_ID})/(?:panels/(?P<panel>[a-z]+)/)?")

_PRESENCE = f"/panels/{presence.NAME}/"

# What is no part of the question: who passed it on and traces it, what a browser is called, what it would
# rather. Every other header is, known or not: two requests that differ in one are two questions.
_SAYS_NOTHING = frozenset(
    b"user-agent cache-control pragma connection keep-alive priority dnt sec-gpc accept-language referer"
    b" if-none-match x-request-id traceparent tracestate x-forwarded-for x-real-ip content-length"
    b" sec-fetch-site sec-fetch-mode sec-fetch-dest sec-fetch-user sec-ch-ua sec-ch-ua-mobile"
    b" sec-ch-ua-platform via cdn-loop cf-ray cf-visitor cf-connecting-ip cf-ipcountry true-client-ip"
    b" x-amzn-trace-id x-cloud-trace-context x-b3-traceid x-b3-spanid x-b3-parentspanid x-b3-sampled b3"
    b" sentry-trace baggage".split()
)
# With one of these a page is fetched without being opened (views/access.py).
_NO_LOAD = frozenset((b"hx-request", b"sec-purpose", b"purpose"))
# With one of these it is no plain question.
_UNUSUAL = frozenset((b"transfer-encoding", b"range", b"expect", b"upgrade", b"idempotency-key"))


# Not frozen, which would make it take thrice as long to make one.
@dataclass(slots=True)
class Question:
    """A request whose answer may be known already."""

    method: str
    path: str
    # Whoever asks: a program's Authorization header, or a browser's cookies.
    is_program: bool
    credential: str
    # All that the answer may hang on beside the state of things: equal keys ask for the same.
    key: tuple[Any, ...]
    request_id: str | None
    # What it asks about; "": the body tells.
    project_id: str = ""
    # What a program asks for, and of whom, as it says it; "": it does not say.
    asks_for: str = ""
    whose: str = ""
    # Whether the answer tells who is here,
    shows_presence: bool = False
    # and whether it is the project's page, which a person opens by that.
    is_page: bool = False
    if_none_match: str = ""
    # By time.perf_counter().
    asked_at: float = field(default_factory=time.perf_counter)

    @property
    def age(self) -> float:
        """How many seconds ago it was asked."""
        return time.perf_counter() - self.asked_at

    def said(self, name: bytes) -> str:
        """What one of its headers says; "" where it is not there."""
        return next((value.decode("latin-1") for header, value in self.key[2:] if header == name), "")

    @property
    def with_analytics(self) -> bool:
        """Whether the answer is the analytics row itself."""
        return self.asks_for == ANALYTICS

    @property
    def kind(self) -> tuple[object, ...]:
        """The same for questions that differ in nothing but who asks, and about what."""
        scheme, _path, *said = self.key
        return (self.asks_for, scheme, *(header for header in said if header[0] != b"authorization"))


def question_in(scope: Scope) -> Question | None:
    """The question in a request; None: it is not one for this door."""
    path, is_get = scope["path"], scope["method"] == "GET"
    asked = _OF_PROGRAMS.fullmatch(path) if is_get else None
    match = asked or (_OF_PAGES.fullmatch(path) if is_get else None)
    is_report = scope["method"] == "POST" and path == TRACK_ACTIVITY
    is_plain = not scope["query_string"] and scope.get("raw_path", path.encode()) == path.encode()
    if not is_plain or not (match or is_report):
        return None
    said = _said(scope)
    is_program = path.startswith("/api/")
    is_page = match is not None and not is_program and match["panel"] is None
    credential = said and said.get(b"authorization" if is_program else b"cookie")
    if not said or not credential or not _is_size_usual(said, is_report=is_report):
        return None
    if is_page and not said.keys().isdisjoint(_NO_LOAD):
        return None
    given_id = said.get(b"x-request-id")
    return Question(
        method=scope["method"],
        path=path,
        is_program=is_program,
        credential=credential.decode("latin-1"),
        key=(scope["scheme"], path, *(header for header in said.items() if header[0] not in _SAYS_NOTHING)),
        request_id=given_id.decode("latin-1") if given_id else None,
        project_id=match["project"] if match else "",
        asks_for=(asked["row"] or asked["list"]) if asked else "",
        whose=(asked["whose"] or "") if asked else "",
        shows_presence=is_page or path.endswith(_PRESENCE),
        is_page=is_page,
        if_none_match=said.get(b"if-none-match", b"").decode("latin-1"),
    )


def _said(scope: Scope) -> dict[bytes, bytes] | None:
    """The headers by their names; None where one is there twice, or is unusual."""
    said: dict[bytes, bytes] = dict(scope["headers"])
    is_plain = len(said) == len(scope["headers"]) and said.keys().isdisjoint(_UNUSUAL)
    is_short = sum(map(len, said.values())) <= MOST_HEADER_BYTES
    return said if is_plain and is_short else None


def _is_size_usual(said: dict[bytes, bytes], *, is_report: bool) -> bool:
    length = said.get(b"content-length", b"0")
    if not is_report:
        return length == b"0"
    return length.isdigit() and len(length) < 6 and 0 < int(length) <= MOST_BODY_BYTES
