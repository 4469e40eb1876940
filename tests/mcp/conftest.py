"""A real server process, and agents that speak to it by the SDK's own client over real HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx2
import pytest
from django.conf import settings
from django.db import connections
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult

from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.models import AgentActivity, AgentToken, Project, User
from sessions_app.services import agent_tokens
from sessions_app.services.agent_tokens import USUAL_SCOPES
from tests.conftest import Cast
from tests.running import ROOT, START_SECONDS, free_port

R = TypeVar("R")


@dataclass
class Server:
    """The process, and where it is."""

    base: str
    process: subprocess.Popen[bytes]
    log: Any

    @property
    def url(self) -> str:
        return f"{self.base}/mcp"

    def said(self) -> str:
        """What it wrote to its log so far."""
        self.log.seek(0)
        return str(self.log.read().decode())

    def end(self) -> None:
        """Have it end by itself; nothing of ours may have broken on the way."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=20) == 0
        said = self.said()
        self.log.close()
        assert "Traceback" not in said, said


def start_server(**more: str) -> Server:
    """Start a server on the tests' database, and wait until it listens."""
    port = free_port()
    log = tempfile.TemporaryFile()  # noqa: SIM115 -- it lives as long as the process
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.mcp.serve", connections["default"].settings_dict["NAME"], str(port)],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(settings.DATA_DIR), "PYTHONUNBUFFERED": "1"} | more,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return server
        time.sleep(0.05)
    raise AssertionError(f"it did not start:\n{server.said()}")


@contextmanager
def serving(**more: str) -> Iterator[Server]:
    """A server for one test, in an environment of its own."""
    server = start_server(**more)
    try:
        yield server
    finally:
        server.end()


@pytest.fixture(scope="session")
def server(database_ready: None) -> Iterator[Server]:
    """One server for all tests of this folder."""
    with serving() as server:
        yield server


@dataclass
class Agent:
    """An outside agent with a token of a project."""

    url: str
    token: str
    row: AgentToken
    # How the SDK negotiates: "auto" speaks the newest protocol, "legacy" that of the clients of 2025.
    mode: str = "auto"
    headers: dict[str, str] = field(default_factory=dict)

    def talk(self, talk: Callable[[Client], Awaitable[R]]) -> R:
        """One connection of the SDK's client, for as long as `talk` runs."""

        async def connected() -> R:
            headers = {"Authorization": f"Bearer {self.token}"} | self.headers
            async with (
                httpx2.AsyncClient(headers=headers, timeout=20) as http,
                Client(streamable_http_client(self.url, http_client=http), mode=self.mode) as client,
            ):
                return await talk(client)

        return asyncio.run(connected())

    def call(self, name: str, **arguments: object) -> CallToolResult:
        """Call one tool."""
        return self.talk(lambda client: client.call_tool(name, arguments))

    def does(self, name: str, **arguments: object) -> dict[str, Any]:
        """Call a tool that works; returns its data."""
        result = self.call(name, **arguments)
        assert not result.is_error, text_of(result)
        assert result.structured_content is not None
        return result.structured_content

    def is_refused(self, name: str, **arguments: object) -> str:
        """Call a tool that is refused; returns why."""
        result = self.call(name, **arguments)
        assert result.is_error, result.structured_content
        return text_of(result)


def text_of(result: CallToolResult) -> str:
    """What a model reads of a result."""
    (content,) = result.content
    assert content.type == "text"
    return content.text


@pytest.fixture
def hire(server: Server, cast: Cast) -> Callable[..., Agent]:
    """`hire()` makes a token of Lighthouse, by Ann, and the agent that has it."""

    def hire(
        agent_type: str = "PlannerAgent",
        *,
        project: Project | None = None,
        owner: User | None = None,
        scopes: tuple[str, ...] = USUAL_SCOPES,
        **more: str,
    ) -> Agent:
        owner = owner or cast.ann
        with acting_as(owner.id):
            row, token = agent_tokens.create_agent_token(
                (project or cast.project).id, owner, name="Test", agent_type=agent_type, scopes=scopes
            )
        return Agent(server.url, token, row, **more)

    return hire


@pytest.fixture
def agent(hire: Callable[..., Agent]) -> Agent:
    """An outside agent of Lighthouse."""
    return hire()


def reports(cast: Cast) -> list[AgentActivity]:
    """What agents reported in Lighthouse, in the order it came."""
    with acting_as_system([cast.project.id]):
        return list(AgentActivity.objects.filter(project_id=cast.project.id).order_by("received_at"))


def send(
    server: Server,
    body: bytes | object = None,
    *,
    token: str = "",
    method: str = "POST",
    path: str = "/mcp",
    **headers: str,
) -> httpx2.Response:
    """One HTTP request as it stands, for what the SDK's client would never send."""
    given = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
    if token:
        given["authorization"] = f"Bearer {token}"
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    with httpx2.Client(timeout=20) as http:
        return http.request(method, f"{server.base}{path}", content=content, headers=given)


def calling(name: str, **arguments: object) -> dict[str, object]:
    """A tool's call as JSON-RPC."""
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
