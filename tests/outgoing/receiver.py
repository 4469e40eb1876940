"""A receiver of webhooks on this machine: notes what came, and answers as it is told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler], None]

DRIP_SECONDS, DROP_EVERY_SECONDS = 10, 0.05


def status(code: int, **headers: str) -> Answer:
    """An answer that is only a status."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def garbage(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"\x00\x01 this is no HTTP\r\n\r\n")


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def drip(handler: BaseHTTPRequestHandler) -> None:
    """An answer whose headers never end; each byte comes soon enough."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    try:
        for _ in range(int(DRIP_SECONDS / DROP_EVERY_SECONDS)):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(DROP_EVERY_SECONDS)
    except OSError:
        return


def endless(handler: BaseHTTPRequestHandler) -> None:
    """A success with a body that does not end."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x" * 65536)
    except OSError:
        return


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    url: str
    answers: list[Answer] = field(default_factory=list)
    # When the answers of the list are used up.
    otherwise: Answer = field(default_factory=lambda: status(204))
    got: list[Request] = field(default_factory=list)

    def events(self) -> list[str]:
        return [request.json["type"] for request in self.got]


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver that listens until the block ends."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with lock:
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.got.append(Request(self.path, headers, body))
                answer = receiver.answers.pop(0) if receiver.answers else receiver.otherwise
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}/hook?of=leftoff")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield receiver
    server.shutdown()
    thread.join()
    server.server_close()


def is_signed(request: Request, secret: str) -> bool:
    """What a receiver does, written from the specification: https://www.standardwebhooks.com."""
    key = base64.b64decode(secret.split("_", 1)[1])
    text = request.headers["webhook-id"] + "." + request.headers["webhook-timestamp"] + "."
    digest = hmac.new(key, text.encode() + request.body, hashlib.sha256).digest()
    wanted = "v1," + base64.b64encode(digest).decode()
    return hmac.compare_digest(wanted, request.headers["webhook-signature"])
