"""Who is let in at /mcp, and what is refused before any tool: over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from django.conf import settings
from django.db import connections
from mcp import Client, MCPError

from sessions_app import ledger
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.headers import beside_django
from sessions_app.services import agent_tokens, sign_ins
from sessions_app.views.agent_settings import set_ups
from tests import factories
from tests.conftest import Cast
from tests.doing import add, again, nothing_changes
from tests.mcp.conftest import Agent, Server, calling, send, serving, text_of
from tests.running import free_port

BRIEFING = calling("get_briefing")
REPORT = calling("post_activity", action="x")


def refused(response: httpx2.Response, status: int) -> str:
    """Why a request was refused; in the form that clients show."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    for name, value in beside_django().items():
        assert response.headers.get_list(name) == [value], name
    body = response.json()
    assert body["jsonrpc"] == "2.0"
    return str(body["error"]["message"])


# --- whose the bearer is -------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer loa_wrong", "Basic eA==", "Bearer a, Bearer b"])
def test_no_bearer_or_a_bad_one_is_a_401(server: Server, database: None, header: str) -> None:
    response = send(server, BRIEFING, **({"authorization": header} if header else {}))
    assert refused(response, 401)
    assert response.headers["www-authenticate"].startswith("Bearer ")


def test_a_client_without_a_token_is_told_what_to_send(server: Server, database: None) -> None:
    async def connect() -> None:
        async with Client(server.url) as client:
            await client.list_tools()

    with pytest.raises((MCPError, BaseExceptionGroup)) as failed:
        asyncio.run(connect())
    assert "Authorization: Bearer" in _innermost(failed.value)


def test_a_persons_token_is_a_403(cast: Cast, server: Server) -> None:
    token = sign_ins.sign_in(cast.ann.email, factories.PASSWORD, client="127.0.0.1").access_token
    with nothing_changes():
        assert "a person's token" in refused(send(server, REPORT, token=token), 403)


def test_a_token_that_is_revoked_in_between_ends_the_conversation(cast: Cast, agent: Agent) -> None:
    async def talk(client: Client) -> str:
        assert not (await client.call_tool("get_briefing")).is_error
        await asyncio.to_thread(_revoke, cast, agent)
        with pytest.raises(MCPError) as failed:
            await client.call_tool("post_activity", {"action": "x"})
        return failed.value.message

    assert "not good (any more)" in agent.talk(talk)


def _revoke(cast: Cast, agent: Agent) -> None:
    with acting_as(cast.ann.id):
        agent_tokens.revoke_agent_token(cast.project.id, agent.row.id)
    connections["default"].close()


def test_calls_are_counted_like_the_apis(cast: Cast, hire: Callable[..., Agent]) -> None:
    with serving(API_CALLS_PER_MINUTE="3") as small:
        agent = hire()
        with nothing_changes():
            answers = [send(small, BRIEFING, token=agent.token) for _ in range(8)]
        # A minute may begin in the middle.
        late = next(answer for answer in answers if answer.status_code != 200)
        assert "Try again in" in refused(late, 429)
        assert 1 <= int(late.headers["retry-after"]) <= 61
        # Another token has its own.
        assert send(small, BRIEFING, token=hire("OtherAgent").token).status_code == 200


@pytest.mark.parametrize("client", ["cursor", "vs-code"])
def test_the_set_up_that_the_settings_page_shows_lets_an_agent_in(
    cast: Cast, agent: Agent, client: str
) -> None:
    shown = next(each for each in set_ups(cast.project.id, agent.token) if each.id == client)
    (servers,) = json.loads(shown.text).values()
    assert servers["leftoff"]["url"] == f"{settings.BASE_URL}/mcp"
    agent.token, agent.headers = "", servers["leftoff"]["headers"]
    assert agent.does("get_briefing")["project"]["title"] == "Lighthouse"


# --- from where ----------------------------------------------------------------------------------


def test_another_host_is_refused(server: Server, agent: Agent) -> None:
    """A name that somebody points at this machine is no way in for the pages under it."""
    with nothing_changes():
        assert "ALLOWED_HOSTS" in refused(
            send(server, REPORT, token=agent.token, host="evil.example:8000"), 421
        )


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_a_strangers_page_is_refused(server: Server, agent: Agent, origin: str) -> None:
    with nothing_changes():
        assert "CORS_ALLOWED_ORIGINS" in refused(send(server, REPORT, token=agent.token, origin=origin), 403)


def test_our_own_page_and_one_that_is_let_in_may(server: Server, agent: Agent) -> None:
    for origin in (server.base, "https://front.example"):
        response = send(server, BRIEFING, token=agent.token, origin=origin)
        assert response.status_code == 200, response.text
    assert response.headers["access-control-allow-origin"] == "https://front.example"


def test_the_browser_of_a_page_that_is_let_in_may_ask_first(server: Server, database: None) -> None:
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,mcp-protocol-version",
    }
    allowed = send(server, b"", method="OPTIONS", origin="https://front.example", **asked)
    assert allowed.status_code == 200, allowed.text
    assert allowed.headers["access-control-allow-origin"] == "https://front.example"
    denied = send(server, b"", method="OPTIONS", origin="https://evil.example", **asked)
    assert denied.status_code == 400
    assert "access-control-allow-origin" not in denied.headers


def test_where_there_is_tls_a_token_does_not_travel_in_the_clear(hire: Callable[..., Agent]) -> None:
    token = hire().token
    with serving(BASE_URL="https://leftoff.example", TRUST_PROXY_TLS_HEADER="1") as behind_proxy:
        asked = {"token": token, "host": "leftoff.example"}
        assert "https://leftoff.example/mcp" in refused(send(behind_proxy, BRIEFING, **asked), 403)
        assert send(behind_proxy, BRIEFING, **asked, x_forwarded_proto="https").status_code == 200


# --- in what form --------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_post(server: Server, agent: Agent, method: str) -> None:
    response = send(server, BRIEFING, token=agent.token, method=method)
    assert refused(response, 405) == "Send a POST."
    assert response.headers["allow"] == "POST"


def test_a_slash_at_the_end_is_the_same_door(server: Server, agent: Agent) -> None:
    assert send(server, BRIEFING, token=agent.token, path="/mcp/").status_code == 200


def test_what_lies_beneath_is_not_there(server: Server, agent: Agent) -> None:
    assert send(server, BRIEFING, token=agent.token, path="/mcp/more").status_code == 404


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "must be JSON"),
        (b"{", "must be JSON"),
        (b"\xff\xfe", "must be UTF-8"),
        (b"[" * 60 + b"]" * 60, "nested at most"),
        (b'{"a": NaN}', "must be JSON"),
        (b'{"id": 1, "id": 2}', "`id` is there twice"),
        (b'{"params": {"arguments": {"action": "a", "action": "b"}}}', "`action` is there twice"),
        (b'{"params": {"arguments": {"action": "a\\u0000"}}}', "`action` must not contain NUL"),
        (b'{"params": {"arguments": {"action": "\\ud800"}}}', "half a surrogate pair"),
        (b'{"params": {"arguments": {"since": 9223372036854775808}}}', "`since` must be between"),
    ],
)
def test_what_is_no_plain_json_is_a_400(server: Server, agent: Agent, body: bytes, why: str) -> None:
    assert why in refused(send(server, body, token=agent.token), 400)


@pytest.mark.parametrize("body", [[], [BRIEFING], {"hello": 1}, "x", {**BRIEFING, "jsonrpc": "1.0"}])
def test_json_that_is_no_request_is_a_400(server: Server, agent: Agent, body: object) -> None:
    response = send(server, body, token=agent.token)
    assert response.status_code == 400
    assert "error" in response.json()


def test_another_kind_of_body_is_refused(server: Server, agent: Agent) -> None:
    response = send(server, BRIEFING, token=agent.token, content_type="text/plain")
    assert response.status_code == 400


def test_a_tool_or_method_that_is_not_there_is_named(server: Server, agent: Agent) -> None:
    async def talk(client: Client) -> str:
        with pytest.raises(MCPError) as failed:
            await client.call_tool("delete_everything", {})
        return failed.value.message

    assert "get_briefing" in agent.talk(talk)
    no_method = {"jsonrpc": "2.0", "id": 1, "method": "resources/list"}
    assert send(server, no_method, token=agent.token).json()["error"]["code"] == -32601


def test_a_body_that_is_too_large_is_refused_before_it_is_read(server: Server, agent: Agent) -> None:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    just_over = json.dumps(calling("post_activity", action="x" * most)).encode()
    with nothing_changes():
        assert f"at most {most:,} bytes" in refused(send(server, just_over, token=agent.token), 413)
        # What is far over never gets as far as a tool's door: the server hangs up on it.
        assert send(server, b"x" * (3 * most), token=agent.token).status_code == 413
        chunked = _send_in_pieces(server, agent, [b"x" * 65_536] * 20)
    assert chunked == 413


def _send_in_pieces(server: Server, agent: Agent, pieces: list[bytes]) -> int:
    """A body whose length is not told before."""
    headers = {"authorization": f"Bearer {agent.token}", "content-type": "application/json"}
    with httpx2.Client(timeout=20) as http:
        return http.post(server.url, content=iter(pieces), headers=headers).status_code


def test_many_calls_at_once_are_each_answered(hire: Callable[..., Agent]) -> None:
    agent = hire()

    async def talk(client: Client) -> list[str]:
        asked = (client.call_tool("ask_question", {"question": f"Number {n}?"}) for n in range(12))
        return [text_of(result) for result in await asyncio.gather(*asked)]

    answers = agent.talk(talk)
    assert all(answer.startswith("Asked as question") for answer in answers)
    assert len(set(answers)) == 12


# --- trouble -------------------------------------------------------------------------------------


def test_a_database_that_is_away_is_told_and_nothing_else(database: None, hire: Callable[..., Agent]) -> None:
    agent = hire()
    with serving(DATABASE_PORT=str(free_port())) as lost:
        response = send(lost, BRIEFING, token=agent.token)
        assert refused(response, 503) == "The database does not answer just now. Nothing was lost; try again."
        assert int(response.headers["retry-after"]) > 0


def test_a_project_that_stays_busy_is_told_by_the_tool(cast: Cast, agent: Agent) -> None:
    (hall,) = add(cast, "Rent the hall")
    with acting_as_system([cast.project.id]), ledger.change(cast.project.id, cast.actor("ann")):
        said = agent.is_refused("record_decision", item_id=str(hall.id), reason="x")
    assert "try again" in said
    assert again(hall).state == "exploring"


def _innermost(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)


def test_the_door_keeps_no_session(server: Server, agent: Agent) -> None:
    """Any process may answer the next request."""
    response: Any = send(server, BRIEFING, token=agent.token)
    assert "mcp-session-id" not in response.headers
    assert response.json()["result"]["isError"] is False
