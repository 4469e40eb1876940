"""One request, as daphne hands it to Django."""

from __future__ import annotations

import html
import logging
from typing import Any

from daphne.http_protocol import WebRequest

from sessions_app.metrics import answered
from sessions_app.metrics.observed import observing, request_id
from sessions_app.problems import RETRY_AFTER_SECONDS

logger = logging.getLogger(__name__)


class Request(WebRequest):  # type: ignore[misc]
    """See the module. Its connection takes no more of its body than it may have."""

    received_bytes = 0

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 -- Twisted's name
        """Keep a piece of the body, unless it makes the body too large."""
        self.received_bytes += len(data)
        if self.channel.may_have(self.received_bytes):
            super().handleContentChunk(data)

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Write what the application answers; the last answer of a server that ends says that it is."""
        if message["type"] == "http.response.start" and self.server.is_draining and self.channel:
            self.channel.persistent = False
            self.setHeader(b"Connection", b"close")
        super().handle_reply(message)

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        """An answer made here, where no application could: plain, and without the server's name."""
        with observing(request_id(None)) as observed:
            logger.warning("a request ended with %s: %s", status, body)
        said = f"<p>{html.escape(body)}</p>\n<p>Request {observed.id}</p>\n"
        text = f"<!doctype html><title>{status}</title>{said}".encode()
        headers = [
            (b"Content-Type", b"text/html; charset=utf-8"),
            (b"Content-Length", b"%d" % len(text)),
            (answered.HEADER.encode(), observed.id.encode()),
        ]
        if status == 503:
            headers.append((b"Retry-After", b"%d" % RETRY_AFTER_SECONDS))
        self.handle_reply({"type": "http.response.start", "status": status, "headers": headers})
        self.handle_reply({"type": "http.response.body", "body": text})
