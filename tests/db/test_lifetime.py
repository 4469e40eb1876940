"""Ends that start nothing."""

from __future__ import annotations

import pytest
from django.db import connections

from sessions_app.db.lifetime import close_connections


def test_a_pool_that_was_never_made_is_not_made_to_be_closed(
    database_ready: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that cannot be started is a sentence then; nothing tries to start it again."""
    runtime = connections["default"]
    monkeypatch.setitem(runtime.settings_dict["OPTIONS"], "pool", {"max_size": 2})
    monkeypatch.setattr(runtime, "get_connection_params", lambda: pytest.fail("it asked where the server is"))
    close_connections()
