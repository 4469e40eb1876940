"""Requests that no library would send, to the API of the real server: byte for byte."""

from __future__ import annotations

import json

from tests.api_program import Program
from tests.commands.conftest import OWNER_MAIL, PASSWORD, Installation, Serving
from tests.commands.raw import Raw

JSON = "Content-Type: application/json"
# Headers and body.
NO_HTTP = (
    (("Transfer-Encoding: chunked",), "zz\r\n\r\n"),
    (("Transfer-Encoding: gzip",), ""),
    (("Content-Length: x",), ""),
    (("Content-Length: 1", "Content-Length: 2", "Content-Length: x"), "{}"),
    (("no colon", "none here", "X-Good: yes"), ""),
    (("X (y): z",), ""),
    (("X-Y: a\x00b",), ""),
    (("X-Y: a\x0bb",), ""),
)


def ask(serving: Serving, line: str, *headers: str, body: str = "") -> tuple[int, dict[str, str], bytes]:
    """One request with these headers and no others but what HTTP itself needs."""
    client = Raw(serving.port).send(f"{line} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *headers, "")
    client.tcp.sendall(body.encode())
    return client.answer()


def test_what_no_library_would_send_is_answered_in_words(installed: Installation) -> None:
    serving = installed.serve("--no-worker")
    serving.first_owner()
    olga = Program.signed_in(serving.base, OWNER_MAIL, PASSWORD)
    project = olga.call("POST", "/projects", {"title": "Raw"})["id"]
    item = olga.call("POST", f"/projects/{project}/items", {"title": "One"})["id"]
    bearer = f"Authorization: Bearer {olga.bearer}"
    create, decide = "POST /api/projects", f"POST /api/projects/{project}/items/{item}/decide"
    length = "Content-Length: 17"
    whole = '{"title": "Two" }'
    for expected, line, headers, body in (
        # Case F04: a body of no kind, and none at all.
        (415, create, (bearer, length), whole),
        (415, create, (bearer, length, "Content-Type:"), whole),
        (415, create, (bearer, length, "Content-Type: text/plain"), whole),
        (201, create, (bearer, length, "Content-Type: application/json; charset=utf-8"), whole),
        (422, create, (bearer, JSON, "Content-Length: 0"), ""),
        (400, create, (bearer, JSON, "Content-Length: 1"), " "),
        (422, create, (bearer, JSON, "Content-Length: 4"), "null"),
        # Where nothing needs to be said, no body is fine.
        (200, decide, (bearer, "Content-Length: 0"), ""),
        (200, decide, (bearer,), ""),
        # A form is Django's to read, whatever its kind says.
        (415, create, (bearer, length, "Content-Type: multipart/form-data; boundary=x"), whole),
        (415, create, (bearer, length, "Content-Type: multipart/form-data"), whole),
        # Where the site begins is nobody's to say.
        (200, "GET /api/projects", (bearer, "Daphne-Root-Path: \u00ff"), ""),
        (200, "GET /api/projects", (bearer, "Daphne-Root-Path: /elsewhere"), ""),
        # What is no HTTP has an answer as every request, and one line in the log.
        *[(400, create, (bearer, JSON, *bad), body) for bad, body in NO_HTTP],
    ):
        status, answered, said = ask(serving, line, *headers, body=body)
        assert status == expected, (line, headers, said)
        assert len(answered["x-request-id"]) == 32, (line, headers)
        if status >= 400:
            assert answered["content-type"] == "application/problem+json", (line, headers)
            assert json.loads(said)["status"] == status
    assert {row["title"] for row in olga.call("GET", "/projects")} == {"Two", "Raw"}
    # A HEAD says how long the answer would be, and is over.
    head = (
        Raw(serving.port).send("HEAD /api/verbs HTTP/1.1", "Host: 127.0.0.1", "Connection: close", "").rest()
    )
    assert head.startswith(b"HTTP/1.1 200")
    assert head.endswith(b"\r\n\r\n")
    log = serving.log.read_text()
    assert log.count("POST unread 400") == len(NO_HTTP)
    assert "Traceback" not in log
