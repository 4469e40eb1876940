"""One client that keeps its connection, and says who it is as it likes."""

from __future__ import annotations

import http.client
import json
import urllib.parse
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

# Django takes the cookie's own value back: no page is needed first.
CSRF_TOKEN = "a" * 32


@dataclass(frozen=True)
class Told:
    """One answer."""

    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass
class Client:
    """A browser (by its cookie), a program (by its bearer), or nobody."""

    port: int
    cookie: str = ""
    bearer: str = ""
    csrf: str = CSRF_TOKEN
    connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def ask(
        self,
        method: str,
        path: str,
        *,
        form: Mapping[str, object] | None = None,
        body: object = None,
        htmx: bool = False,
        token: str | None = None,
        origin: str = "",
    ) -> Told:
        """Ask once: `form` goes as a page's form, `body` as JSON.

        A form comes from our own `origin` with the right `token`, unless another is said.
        """
        own = f"http://127.0.0.1:{self.port}"
        headers, raw = {"Host": f"127.0.0.1:{self.port}"}, b""
        cookies = [f"csrftoken={self.csrf}"] if form is not None else []
        if self.cookie:
            cookies.append(f"sessionid={self.cookie}")
        if cookies:
            headers["Cookie"] = "; ".join(cookies)
        if self.bearer:
            headers["Authorization"] = f"Bearer {self.bearer}"
        if htmx:
            headers["HX-Request"] = "true"
        if form is not None:
            raw = urllib.parse.urlencode(
                {**form, "csrfmiddlewaretoken": self.csrf if token is None else token}, doseq=True
            ).encode()
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin or own}
        elif body is not None:
            raw, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
            headers["Accept"] = "application/json, text/event-stream"
        return self._told(method, path, raw or None, headers)

    def _told(self, method: str, path: str, raw: bytes | None, headers: dict[str, str]) -> Told:
        for last in (False, True):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                self.connection.request(method, path, raw, headers)
                response = self.connection.getresponse()
                text = response.read().decode("utf-8", "replace")
                return Told(response.status, response.headers, text)
            except (http.client.RemoteDisconnected, ConnectionError):
                # The server may close a connection that was idle; it did not take the request then.
                self.close()
                if last:
                    raise
        raise AssertionError

    def close(self) -> None:
        if self.connection is not None:
            with suppress(OSError):
                self.connection.close()
            self.connection = None


def json_rpc(method: str, **params: Any) -> dict[str, Any]:
    """A call at MCP's door."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
