"""Who calls: a bearer in the Authorization header, and nothing else."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security import HttpBearer

from sessions_app.services import limits
from sessions_app.services.bearers import Caller, token_in, whose


class Bearer(HttpBearer):
    """An access token of `/api/auth/token`, or an agent's token."""

    def __call__(self, request: HttpRequest) -> Caller | None:
        """The caller, or None for a 401. Raises TooMany for one who calls too often."""
        token = token_in(request.headers.get("Authorization", ""))
        if not token:
            return None
        return self.authenticate(request, token)

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        """Look the bearer up, as at every request."""
        caller = whose(token)
        if caller is not None:
            caller.note_sender()
            if limits.COUNTED not in getattr(request, "scope", ()):
                limits.count_call(caller.name)
        return caller
