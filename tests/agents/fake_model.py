"""A server on this machine that speaks as an OpenAI-compatible model does, and answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class FakeModel:
    url: str = ""
    # What was asked: headers and body.
    asked: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    # Each is a text, a value to be written as JSON, a status without either, or the bytes of a whole body;
    # the last one stays.
    answers: list[object] = field(default_factory=lambda: [{}])

    def shown(self, place: int = -1) -> Any:
        """The material of a request: what the last message to the model holds."""
        return json.loads(self.asked[place][1]["messages"][-1]["content"])


@contextmanager
def answering() -> Iterator[FakeModel]:
    """The server while the block runs."""
    fake = FakeModel()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(fake))
    fake.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield fake
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


def _handler_of(fake: FakeModel) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.path == "/v1/chat/completions"
            headers = {name.lower(): value for name, value in self.headers.items()}
            fake.asked.append((headers, body))
            answer = fake.answers.pop(0) if len(fake.answers) > 1 else fake.answers[0]
            if isinstance(answer, int):
                self._send(answer, json.dumps({"error": {"message": "said no"}}).encode())
            elif isinstance(answer, bytes):
                self._send(200, answer)
            else:
                text = answer if isinstance(answer, str) else json.dumps(answer)
                self._send(200, json.dumps(_completion(body["model"], text)).encode())

        def _send(self, status: int, raw: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Handler


def _completion(model: str, text: str) -> dict[str, object]:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    usage = {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}
    return {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [choice],
        "usage": usage,
    }
