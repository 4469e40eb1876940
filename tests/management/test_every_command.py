"""What holds for each of the operators' commands: it teaches, can be run twice, and says no with a code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import connections

from sessions_app.management import database
from sessions_app.management.teaching import TeachingCommand
from tests import filling
from tests.conftest import Cast
from tests.doing import nothing_changes
from tests.management.running import manage

TEACHING = sorted(
    name
    for name, app in get_commands().items()
    if app == "sessions_app" and isinstance(load_command_class(app, name), TeachingCommand)
)
# They take the whole database away and bring it back: tried with one of their own.
APART = {"backup", "restore"}
ADR = """# 1. Lamp

## Status

Accepted
"""
# How each other one is run in this test, and how with something that is not there.
TYPED = {
    "agent_token": ["list", "--project", "Lighthouse"],
    "doctor": [],
    "erase_user": ["vera@example.org", "--yes"],
    "export_user": ["ann@example.org", "--force", "--output"],
    "import_project": ["--project", "Imported", "--owner", "ann@example.org"],
    "prune": [],
    "recompute_analytics": [],
    "report": ["--project", "Lighthouse"],
    "rollup_metrics": [],
    "sweep_sessions": [],
    "upkeep": [],
}
PATHS = {"export_user": ["out.zip"], "import_project": ["docs"]}
UNKNOWN = {
    "agent_token": ["list", "--project", "No such"],
    "doctor": ["--only", "weather"],
    "erase_user": ["nobody@example.org", "--yes"],
    "export_user": ["nobody@example.org"],
    "import_project": ["/no/such/folder", "--project", "Imported", "--owner", "ann@example.org"],
    "prune": ["--older-than", "1"],
    "recompute_analytics": ["--project", "7a4d6f5e-0000-4000-8000-000000000000"],
    "report": ["--project", "No such"],
    "rollup_metrics": ["--project", "No such"],
    "sweep_sessions": ["--project", "No such"],
    "upkeep": ["--surprise"],
}


def test_each_is_in_these_tables() -> None:
    assert set(TEACHING) - APART == set(TYPED) == set(UNKNOWN)


@pytest.mark.parametrize("name", TEACHING)
def test_its_help_teaches(name: str) -> None:
    """What it is for, and examples that its own parser understands."""
    command = load_command_class("sessions_app", name)
    text = command.create_parser("manage.py", name).format_help()
    assert "examples:\n  manage.py" in text
    assert "exit codes: 0 done" in text
    assert "--json" in text
    assert command.examples


@pytest.mark.parametrize("name", TYPED)
def test_the_second_time_it_changes_nothing(cast: Cast, name: str, tmp_path: Path) -> None:
    filling.fill(cast.project, cast.ann)
    (tmp_path / "0001-lamp.md").write_text(ADR)
    paths = {"export_user": [str(tmp_path / "out.zip")], "import_project": [str(tmp_path)]}
    typed = [*TYPED[name], *paths.get(name, [])]
    first = manage(name, *typed, "--json")
    assert first.code == 0, first.error
    assert isinstance(json.loads(first.out), dict)
    with nothing_changes():
        second = manage(name, *typed, "--json")
    # Whoever is erased is nobody's e-mail any more.
    assert second.code == (1 if name == "erase_user" else 0)


@pytest.mark.parametrize("name", sorted(TYPED.keys() - {"doctor"}))
def test_a_database_of_another_release_is_refused(
    cast: Cast, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "unapplied_migrations", lambda: 3)
    with nothing_changes():
        ran = manage(name, *TYPED[name], *PATHS.get(name, []))
    assert (ran.code, ran.out) == (1, "")
    assert ran.error.startswith("The database lacks 3 migrations.")


def test_no_database_is_set_up_to_look_into(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A DATA_DIR that was forgotten is named."""
    folder = tmp_path / "postgres"
    monkeypatch.setitem(connections["default"].settings_dict, "EMBEDDED_DATA_DIR", folder)
    for name, typed in {"prune": [], "report": ["--project", "Lighthouse"], "backup": []}.items():
        ran = manage(name, *typed)
        assert ran.error.startswith(f"There is no database in {folder} yet."), name
    assert f"there is no database in {folder}" in manage("doctor", "--only", "database").out
    assert list(tmp_path.iterdir()) == []


def test_an_embedded_server_has_its_roles_already() -> None:
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL is not set"):
        call_command("create_roles")


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_there_is_refused_with_a_code(cast: Cast, name: str) -> None:
    with nothing_changes():
        ran = manage(name, *UNKNOWN[name], "--json")
    assert ran.code in (1, 2)
    assert ran.error
    assert ran.out == ""
