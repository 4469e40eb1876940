"""One request, as daphne hands it to Django."""

from __future__ import annotations

import html
import logging
import time
from http import HTTPStatus
from typing import Any

from daphne.http_protocol import WebRequest

from sessions_app.management.web import refused
from sessions_app.metrics.observed import Observed, observing, request_id

logger = logging.getLogger(__name__)


class Request(WebRequest):  # type: ignore[misc]
    """See the module. Its connection takes no more of its body than it may have."""

    received_bytes = 0
    # When the last piece of its answer was written, on the monotonic clock.
    progressed_at = 0.0

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 -- Twisted's
        # Forms are Django's to read, and to refuse.
        super().__init__(*args, **named, parsePOSTFormSubmission=False)

    @property
    def has_begun(self) -> bool:
        """Its answer has a status by now."""
        return bool(self._response_started)

    def __repr__(self) -> str:
        """What the log may hold: Twisted's own has the address, with its query."""
        return f"<Request at {id(self):#x}>"

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 -- Twisted's name
        """Keep a piece of the body, unless it makes the body too large."""
        self.received_bytes += len(data)
        if self.channel.may_have(self.received_bytes):
            super().handleContentChunk(data)

    def process(self) -> Any:  # noqa: ANN401 -- Twisted's Deferred
        """Hand it over, without what daphne would make too much of.

        In the one header it lets anybody say where the site begins; in the other, what names a socket's
        dialect, of which none is spoken here, it stumbles over what is not ASCII.
        """
        self.requestHeaders.removeHeader(b"Daphne-Root-Path")
        self.requestHeaders.removeHeader(b"Sec-WebSocket-Protocol")
        return super().process()

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Write what the application answers; the last answer of a server that ends says that it is."""
        if message["type"] == "http.response.start" and self.server.is_draining and self.channel:
            self.channel.say_last(self)
        super().handle_reply(message)
        self.progressed_at = time.monotonic()

    async def room(self) -> None:
        """Wait until more of the answer may be made, or nobody waits for it any more."""
        if not self.finished and self.channel:
            await self.channel.room()

    def check_timeouts(self) -> None:
        """Give up an answer that does not begin in time, or stands still for as long; called now and then."""
        if not self.has_begun:
            super().check_timeouts()
        elif time.monotonic() - self.progressed_at > self.server.http_timeout:
            self.break_off()

    def break_off(self) -> None:
        """Cut an answer off in the middle: ended in order, half a file would pass for a whole one."""
        if not self.finished and self.channel:
            logger.warning("an answer was broken off after %s bytes", self.sentLength)
            self.channel.cut_off()

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        """An answer made here, where no application could: plain, and without the server's name.

        One that has begun is broken off instead.
        """
        if self.has_begun:
            self.break_off()
            return
        with observing(request_id(None)) as observed:
            logger.warning("a request ended with %s: %s", status, body)
            self._count(observed, status)
            if refused.is_programs(self.uri):
                kind, text = refused.worded(status, self.uri)
            else:
                said = f"<p>{html.escape(body)}</p>\n<p>Request {observed.id}</p>\n"
                kind = "text/html; charset=utf-8"
                text = f"<!doctype html><title>{status}</title>{said}".encode()
        for message in refused.messages(status, kind, text, observed.id):
            self.handle_reply(message)

    def _count(self, observed: Observed, status: int) -> None:
        is_handed_over = self.application_queue is not None
        # What broke in the application was counted there. What is given up here ends there later, and
        # only then is it known whether what it brought was taken in.
        if not is_handed_over or status == HTTPStatus.SERVICE_UNAVAILABLE:
            seconds, brought = self.duration(), not is_handed_over
            refused.count(observed, status, self.method, self.uri, seconds=seconds, brought=brought)
