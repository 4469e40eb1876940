"""The heads of answers: what Django sends before a body of some kind, learned and put before others."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import set_response_etag

from sessions_app.hot.answers import Answer
from sessions_app.hot.memory import Memory
from sessions_app.hot.questions import Header, Question

_ENCODING = b"content-encoding"
# What hangs on the body, and on nothing else.
_OF_THE_BODY = (b"etag", b"content-length")

_packing = GZipMiddleware(lambda _request: HttpResponse())


class Heads:
    """Heads by the kind of question they answer: nothing in them is one person's, or of one project."""

    def __init__(self) -> None:
        # Of each kind one for bodies that are sent packed, and one for those too small for that.
        self._known: Memory[tuple[object, ...], Answer] = Memory()

    def knows(self, question: Question) -> bool:
        """Whether Django answered such a question before."""
        kind = question.kind
        return any((kind, is_packed) in self._known for is_packed in (True, False))

    def learn(self, question: Question, answer: Answer) -> None:
        """Take the head of an answer by Django, if it is as usual."""
        if {name.lower() for name, _ in answer.headers}.issuperset(_OF_THE_BODY):
            self._known[question.kind, _is_packed(answer.headers)] = replace(answer, body=b"")

    def put_before(self, body: str, question: Question) -> Answer | None:
        """An answer with this body, as Django would send it; None where such a head is not known."""
        packed = _packed(body, question)
        usual = self._known.get((question.kind, packed.has_header("Content-Encoding")))
        if usual is None:
            return None
        content = packed.content
        new = {b"etag": packed["ETag"].encode(), b"content-length": str(len(content)).encode()}
        headers = tuple((name, new.get(name.lower(), value)) for name, value in usual.headers)
        return replace(usual, headers=headers, body=content, etag=packed["ETag"])


def _packed(body: str, question: Question) -> HttpResponse:
    """With its ETag, and made small where the asker takes it so, by what does it in Django."""
    response: HttpResponseBase = HttpResponse(body)
    set_response_etag(response)
    request = HttpRequest()
    request.META["HTTP_ACCEPT_ENCODING"] = question.said(b"accept-encoding")
    response = _packing.process_response(request, response)
    assert isinstance(response, HttpResponse)
    return response


def _is_packed(headers: tuple[Header, ...]) -> bool:
    return any(name.lower() == _ENCODING for name, _ in headers)
