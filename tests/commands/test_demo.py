"""`manage.py demo`: a lived-in installation to look around in, prepared once."""

from __future__ import annotations

import re
import signal

import psycopg
import pytest

from sessions_app import embedded
from tests.commands.conftest import Installation
from tests.running import Browser, manage

TABLES = ("users", "projects", "memberships", "items", "messages", "questions", "blockers", "activities")


def counts(installation: Installation) -> dict[str, int]:
    """How many rows there are, as the back-up role sees them."""
    server = embedded.ensure_running(installation.data_dir / "postgres")
    with psycopg.connect(**server.params(embedded.BACKUP, embedded.DATABASE)) as connection:
        found = {}
        for table in TABLES:
            row = connection.execute(f"select count(*) from {table}").fetchone()
            assert row
            found[table] = row[0]
    return found


@pytest.mark.slow
def test_the_demo_is_made_once_and_lived_in(installed: Installation) -> None:
    """Preparing it again makes nothing; starting it tells who may sign in, and they can."""
    manage(installed.data_dir, "demo", "--prepare-only", **installed.more)
    made = counts(installed)
    assert made["projects"] == 3
    assert min(made.values()) > 0
    manage(installed.data_dir, "demo", "--prepare-only", **installed.more)
    assert counts(installed) == made
    serving = installed.start("demo").wait_until_ready()
    people = re.findall(r"sign in as (.+): (\S+) / (.+)", serving.log.read_text())
    assert people
    _name, email, password = people[0]
    browser = Browser(serving.base)
    browser.sign_in(email, password)
    assert re.search(r"/projects/[0-9a-f-]{36}/", browser.get("/")[1])
    assert serving.stop(signal.SIGINT) == 0
    assert counts(installed) == made
