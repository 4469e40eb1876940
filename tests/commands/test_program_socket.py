"""A program at the real server: signed in, it holds a socket, and leaves no secret in the log."""

from __future__ import annotations

import http.client
import json
from typing import Any

from tests.commands.conftest import OWNER_MAIL, PASSWORD, Installation, Serving
from tests.commands.raw import RawSocket
from tests.commands.test_serve import project_of
from tests.running import Browser


def ask(serving: Serving, method: str, path: str, body: object = None, token: str = "") -> Any:
    """Call the API; returns what its answer carries."""
    connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=20)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    connection.request(method, f"/api{path}", json.dumps(body) if body is not None else None, headers)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    assert answer["success"], answer
    return answer.get("data")


def shake_hands(serving: Serving, path: str, *headers: str) -> tuple[RawSocket, str]:
    """Ask for a socket as no browser does: no Origin, no cookies; returns it and the status line."""
    line = RawSocket(serving.port)
    line.send(
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{serving.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        *headers,
        "",
    )
    while b"\r\n\r\n" not in line.received:
        piece = line.tcp.recv(65536)
        assert piece, line.received
        line.received += piece
    head, _, line.received = line.received.partition(b"\r\n\r\n")
    return line, head.decode().split("\r\n")[0]


def hears(line: RawSocket, kind: str) -> dict[str, Any]:
    """The next message of this kind."""
    while True:
        opcode, content = line.frame()
        assert opcode == 1, content
        message: dict[str, Any] = json.loads(content)
        if message["type"] == kind:
            return message
        assert message["type"] == "beat"


def test_a_program_hears_by_bearer_and_by_ticket_and_no_secret_is_logged(installed: Installation) -> None:
    serving = installed.serve("--no-worker", LOG_LEVEL="DEBUG")
    olga: Browser = serving.first_owner()
    project_id = project_of(olga, "Heard").strip("/").split("/")[-1]
    tokens = ask(serving, "POST", "/auth/token", {"email": OWNER_MAIL, "password": PASSWORD})
    access = tokens["accessToken"]
    ticket = ask(serving, "POST", "/auth/ticket", {"projectId": project_id}, access)
    live = f"/projects/{project_id}/live/"
    by_bearer, accepted = shake_hands(serving, live, f"Authorization: Bearer {access}")
    assert " 101 " in accepted
    path = ticket["url"].partition(f":{serving.port}")[2]
    by_ticket, accepted = shake_hands(serving, path)
    assert " 101 " in accepted
    for refused, *headers in (
        (path,),
        (live,),
        (f"{live}?access_token={access}",),
        (live, f"Authorization: Bearer {access}", f"Authorization: Bearer {access}"),
        (live, f"Authorization: Bearer {access}", "Origin: null"),
        (live, f"Authorization: Bearer {access}", f"Origin: https://127.0.0.1:{serving.port}"),
    ):
        # autobahn has its own word for `null`: 400.
        assert shake_hands(serving, refused, *headers)[1].split()[1] in ("403", "400"), (refused, headers)
    since = [int(hears(line, "beat")["version"].split(".")[0]) for line in (by_bearer, by_ticket)]
    ask(serving, "POST", f"/projects/{project_id}/items", {"title": "A lamp"}, access)
    for line, version in zip((by_bearer, by_ticket), since, strict=True):
        hint = hears(line, "changed")
        assert hint == {"type": "changed", "since": version}
    olga.get("/profile/")
    olga.post("/account/logout/", {})
    assert [line.close_code() for line in (by_bearer, by_ticket)] == [4401, 4401]
    log = serving.log.read_text()
    assert "WebSocket" in log or "live/" in log, "what is looked at says something of sockets"
    for secret in (access, access.split(".")[2], tokens["refreshToken"], ticket["ticket"], PASSWORD):
        assert secret not in log
