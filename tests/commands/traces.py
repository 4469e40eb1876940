"""Jobs left for a real worker, good and bad ones (bad_jobs.py), and what became of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import psycopg

from sessions_app import embedded

# What a worker is started with to know them.
WITH_BAD_JOBS = {"DJANGO_SETTINGS_MODULE": "tests.commands.worker_settings"}

# A connection of one of the database's roles.
Database = Callable[[str], AbstractContextManager[psycopg.Connection[Any]]]


def make(database: Database) -> None:
    """Make the table in which good jobs leave their trace."""
    with database(embedded.OWNER) as owner:
        owner.execute("create table if not exists traces (number integer)")


def enqueue(database: Database, *jobs: tuple[str, dict[str, Any]]) -> list[int]:
    """Leave jobs as a request does: rows of the run-time role. Returns their ids."""
    with database(embedded.RUNTIME) as runtime:
        return [
            runtime.execute(
                "select unnest(procrastinate_defer_jobs_v1(array[row('default', %s, 0, null, null, %s, null)]"
                "::procrastinate_job_to_defer_v1[]))",
                [f"tests.commands.bad_jobs.{name}", json.dumps(arguments)],
            ).fetchall()[0][0]
            for name, arguments in jobs
        ]


def seen(database: Database) -> Counter[int]:
    """How often each of the good jobs was done, by number."""
    with database(embedded.OWNER) as owner:
        return Counter(number for (number,) in owner.execute("select number from traces"))


def left(database: Database) -> list[tuple[str, int]]:
    """How each job that is still there stands, and how often it was tried: those that were done are not."""
    with database(embedded.OWNER) as owner:
        return owner.execute(
            "select status::text, attempts from procrastinate_jobs where task_name like 'tests.%'"
        ).fetchall()
