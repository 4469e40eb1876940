"""Who is let in at /mcp, and with what: all that is refused before the SDK sees a request."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from io import BytesIO

import mcp_types
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from starlette.middleware.cors import CORSMiddleware

from sessions_app import strict_json
from sessions_app.asgi import Message, Receive, Send
from sessions_app.db.trouble import trouble_of
from sessions_app.headers import beside_django
from sessions_app.live.access import is_our_origin
from sessions_app.mcp.server import CALLER, handle
from sessions_app.mcp.threads import in_thread
from sessions_app.mcp.tools import post_activity
from sessions_app.metrics import answered, intake
from sessions_app.metrics.observed import observing, request_id
from sessions_app.metrics.routes import MCP
from sessions_app.problems import NOT_SIGNED_IN, RETRY_AFTER_SECONDS
from sessions_app.services import limits
from sessions_app.services.bearers import AgentCaller, token_in, whose
from sessions_app.services.errors import TooMany, Unavailable

PATHS = ("/mcp", "/mcp/")
_REQUEST_ID = answered.HEADER.lower().encode()
# What clients in browsers send; where CORS_ALLOWED_ORIGINS lets them in.
_CLIENT_HEADERS = (
    "accept",
    "authorization",
    "content-type",
    "last-event-id",
    "mcp-method",
    "mcp-name",
    "mcp-protocol-version",
    "mcp-session-id",
)


class Refused(Exception):
    """The request goes no further. Answered as JSON-RPC, whose message clients show."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: int = mcp_types.INVALID_REQUEST,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers or {}


async def _let_in(scope: Message, receive: Receive, send: Send) -> None:
    try:
        request = ASGIRequest(scope, BytesIO())
        _check_place(request)
        if request.method != "POST":
            # There is nothing to listen for and no session to end: every POST stands for itself.
            raise Refused(405, "Send a POST.", headers={"Allow": "POST"})
        caller = await in_thread(_caller, request.headers.get("Authorization", ""))
        body = await _read(request, receive)
        _note(strict_json.glimpse(body))
        _check(body)
    except Refused as refused:
        await _answer(refused, send)
    else:
        await handle({**scope, CALLER: caller}, _again(body, receive), send)


# A page of another origin that is let in is told so, as at the API.
_with_cors = CORSMiddleware(
    _let_in,  # type: ignore[arg-type]
    allow_origins=settings.CORS_ALLOWED_ORIGINS,
    allow_methods=("POST",),
    allow_headers=_CLIENT_HEADERS,
    expose_headers=("Retry-After", "WWW-Authenticate"),
    max_age=settings.CORS_PREFLIGHT_MAX_AGE,
)


async def mcp(scope: Message, receive: Receive, send: Send) -> None:
    """Answer a request; counted and logged as those that Django answers."""
    send, started, answer = _private(send), time.perf_counter(), {"status": 500}
    given = [value.decode("latin-1") for name, value in scope["headers"] if name == _REQUEST_ID]
    with observing(request_id(given[0] if len(given) == 1 else None)) as observed:

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer["status"] = message["status"]
                named = (_REQUEST_ID, observed.id.encode())
                message = {**message, "headers": [*message.get("headers", []), named]}
            await send(message)

        try:
            await _with_cors(scope, receive, send_named)  # type: ignore[arg-type]
        finally:
            status, seconds = answer["status"], time.perf_counter() - started
            answered.count(observed, route=f"/{MCP}", method=scope["method"], status=status, seconds=seconds)
            intake.count_report(observed, status)


def _check_place(request: ASGIRequest) -> None:
    """Refuse what was meant for another address, or sent by a stranger's page (DNS rebinding)."""
    try:
        host = request.get_host()
    except DisallowedHost:
        raise Refused(421, "This server is not known by that host name: see ALLOWED_HOSTS.") from None
    origin = request.headers.get("Origin")
    is_known = origin is None or is_our_origin(origin, host) or origin in settings.CORS_ALLOWED_ORIGINS
    if not is_known:
        raise Refused(403, "Pages of this origin are not let in: see CORS_ALLOWED_ORIGINS.")
    if getattr(settings, "SECURE_SSL_REDIRECT", False) and not request.is_secure():
        raise Refused(403, f"Use {settings.BASE_URL}/mcp: a token must not travel in the clear.")


def _caller(authorization: str) -> AgentCaller:
    """The agent whose token this is, looked up at every request. Raises Refused."""
    try:
        caller = whose(token) if (token := token_in(authorization)) else None
        if caller is not None:
            caller.note_sender()
            # Until its body says otherwise, it was a report: none that is refused goes uncounted.
            intake.note_report(isinstance(caller, AgentCaller))
            limits.count_call(caller.name)
    except TooMany as refused:
        raise Refused(429, str(refused), headers={"Retry-After": str(refused.retry_after)}) from None
    except Unavailable as away:
        raise _later(str(away)) from None
    except Exception as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        raise _later(trouble.detail) from None
    if caller is None:
        raise Refused(
            401,
            "This token is not good (any more): an owner of the project can make a new one."
            if authorization
            else "Send “Authorization: Bearer …” with an agent's token, of the project's settings.",
            headers={"WWW-Authenticate": NOT_SIGNED_IN},
        )
    if not isinstance(caller, AgentCaller):
        raise Refused(
            403,
            "This is a person's token. Here agents are let in: make one a token in the project's settings.",
        )
    return caller


def _later(why: str) -> Refused:
    return Refused(503, why, code=mcp_types.INTERNAL_ERROR, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


async def _read(request: ASGIRequest, receive: Receive) -> bytes:
    """The body, as long as the API would take it. Raises Refused."""
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    too_much = Refused(413, f"A request must have at most {most:,} bytes.")
    declared = request.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared) > most:
        raise too_much
    body, is_more = bytearray(), True
    while is_more:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused(400, "The request ended too soon.")
        body += message.get("body", b"")
        if len(body) > most:
            raise too_much
        is_more = message.get("more_body", False)
    return bytes(body)


def _check(body: bytes) -> None:
    """Refuse what is no JSON, and what the SDK would change unsaid: a key twice."""
    try:
        strict_json.parse(body)
    except strict_json.NotJson as bad:
        raise Refused(400, f"The body {bad}", code=mcp_types.PARSE_ERROR) from None
    except strict_json.BadValue as bad:
        intake.note_refused("bad-value")
        field = bad.field.removeprefix("params.arguments.")
        raise Refused(400, f"`{field}` {bad.rule}", code=mcp_types.INVALID_PARAMS) from None


def _note(call: object) -> None:
    """Note a call that is none of the intake's: another method, another tool, or an answer to us."""
    if not isinstance(call, dict):
        return
    method, params = call.get("method"), call.get("params")
    if method == "tools/call":
        name = params.get("name") if isinstance(params, dict) else None
        is_other = isinstance(name, str) and name != post_activity.TOOL.name
    else:
        is_other = isinstance(method, str) or "result" in call or "error" in call
    if is_other:
        intake.note_report(False)


def _again(body: bytes, receive: Receive) -> Receive:
    """Hand the body on that was read already; after it comes what comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message


def _private(send: Send) -> Send:
    """Answers are one agent's: no cache keeps them, whatever the SDK says, and they carry what all do."""
    private = [(name.lower().encode(), value.encode()) for name, value in beside_django().items()]

    async def send_private(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message.get("headers", []) if pair[0].lower() != b"cache-control"]
            message = {**message, "headers": [*kept, *private]}
        await send(message)

    return send_private


async def _answer(refused: Refused, send: Send) -> None:
    # Which request it was may not even have been read; the status says that it is this one.
    error = {"jsonrpc": "2.0", "id": None, "error": {"code": refused.code, "message": str(refused)}}
    body = json.dumps(error, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **refused.headers}
    await send(
        {
            "type": "http.response.start",
            "status": refused.status,
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": body})
