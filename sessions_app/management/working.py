"""What works beside the web server, in a process of its own: the jobs, and the digester."""

from __future__ import annotations

import asyncio
import copy
import logging
import threading
import time
from typing import Any

import procrastinate
from django.db import connection, connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.periodic import PeriodicRegistry

from sessions_app import reactions
from sessions_app.digest.loop import run_digester
from sessions_app.digest.wakeups import wakeups
from sessions_app.keeper import Keeper

logger = logging.getLogger(__name__)

# What it takes the jobs and the digester under way to end, or to be left to the next worker.
STOP_SECONDS = 9.0
LOOK_EVERY_SECONDS = 0.1
# After trouble it waits 1, 2, 4 … seconds; after a while without trouble it begins at 1 again.
LONGEST_PAUSE_SECONDS = 15.0
QUIET_SECONDS = 60.0
POOL_MAX_CONNECTIONS = 3
CONNECT_SECONDS = 5


def work(stop: threading.Event) -> None:
    """Work until `stop` is set, then end what is under way within STOP_SECONDS.

    Trouble with the database is waited out. What had to be left is done by the next worker.
    """
    if stop.is_set():
        return
    reactions.work_here()
    digester = threading.Thread(target=_digest_until, args=[stop], name="digester", daemon=True)
    digester.start()
    keeper = Keeper(is_worker=True)
    keeper.start()
    pause = _Pause(stop)
    while not stop.is_set():
        try:
            asyncio.run(_work_jobs_until(stop))
        except Exception as trouble:
            pause.after("the jobs", trouble)
        finally:
            connections.close_all()
    # It may be waiting for somebody to wake it.
    wakeups.add(None)
    digester.join(STOP_SECONDS)
    keeper.stop()


def _digest_until(stop: threading.Event) -> None:
    pause = _Pause(stop)
    while not stop.is_set():
        try:
            run_digester(stop)
        except Exception as trouble:
            pause.after("the digester", trouble)
        finally:
            connections.close_all()


async def _work_jobs_until(stop: threading.Event) -> None:
    """Run the jobs; raises what ends procrastinate's worker, such as a database that went away."""
    # Django's own connection first: it starts an embedded database that is down.
    await asyncio.to_thread(_ask_database)
    jobs = app_of_worker()
    async with jobs.open_async():
        working = asyncio.create_task(jobs.run_worker_async(install_signal_handlers=False))
        while not (stop.is_set() or working.done()):
            await asyncio.wait([working], timeout=LOOK_EVERY_SECONDS)
        if stop.is_set():
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
        else:
            await working
            raise RuntimeError("a part of it ended, see above")


def _ask_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    finally:
        connections.close_all()


def app_of_worker() -> procrastinate.App:
    """The app with the same jobs, on connections of a worker's own.

    Jobs that leave further jobs go on doing so through the other one, in their own transactions; so the
    app's connector is not replaced, as procrastinate's own command does.
    """
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    pool: dict[str, Any] = {"min_size": 1, "max_size": POOL_MAX_CONNECTIONS, "timeout": CONNECT_SECONDS}
    connector = procrastinate.PsycopgConnector(kwargs=connector_params(), **pool)
    # Its defaults hold already what Django's app adds to them.
    mine = procrastinate.App(connector=connector, worker_defaults=app.worker_defaults)
    copies = {id(task): copy.copy(task) for task in app.tasks.values()}
    for task in copies.values():
        task.blueprint = mine
    mine.tasks = {name: copies[id(task)] for name, task in app.tasks.items()}
    mine.periodic_registry = PeriodicRegistry()  # type: ignore[no-untyped-call]
    for each in app.periodic_registry.periodic_tasks.values():
        mine.periodic_registry.register_task(
            copies[id(each.task)], each.cron, each.periodic_id, copy.copy(each.configure_kwargs)
        )
    return mine


class _Pause:
    """Waits after trouble, longer each time it comes back soon."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self.seconds = 1.0
        self.last = time.monotonic()

    def after(self, who: str, trouble: BaseException) -> None:
        """Say what it was, and wait, or until it is time to stop."""
        now = time.monotonic()
        if now - self.last > QUIET_SECONDS:
            self.seconds = 1.0
        self.last = now
        reason = trouble.__cause__ or trouble
        logger.warning("%s cannot go on now, next try in %.0f s: %s", who, self.seconds, reason)
        self.stop.wait(self.seconds)
        self.seconds = min(self.seconds * 2, LONGEST_PAUSE_SECONDS)
