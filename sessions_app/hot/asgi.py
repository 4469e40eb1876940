"""What ASGI's words are here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sessions_app.hot.questions import Scope

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
