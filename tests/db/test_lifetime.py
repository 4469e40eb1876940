"""Ends that start nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connections

from sessions_app.db.lifetime import close_connections, stop_if_unused
from sessions_app.embedded import cluster


def test_a_pool_that_was_never_made_is_not_made_to_be_closed(
    database_ready: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that cannot be started is a sentence then; nothing tries to start it again."""
    runtime = connections["default"]
    runtime.close()
    monkeypatch.setitem(runtime.settings_dict["OPTIONS"], "pool", {"max_size": 2})
    monkeypatch.setattr(runtime, "get_connection_params", lambda: pytest.fail("it asked where the server is"))
    close_connections()


def test_where_nothing_runs_nobody_asks_how_it_would_be_stopped(
    database_ready: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A start that was refused, for root in a folder that is closed to others, has been told already."""
    (tmp_path / "postgres").mkdir()
    monkeypatch.setitem(connections["default"].settings_dict, "EMBEDDED_DATA_DIR", tmp_path / "postgres")
    monkeypatch.setattr(cluster, "account_for", lambda place: pytest.fail("it asked as whom"))
    assert stop_if_unused() is False
