"""Jobs of the tests' own, and a worker that works off what there is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.periodic import PeriodicRegistry
from procrastinate.tasks import Task

from sessions_app import clock
from sessions_app.jobs.job import Waits, job
from sessions_app.management.working import app_of_worker

# Tried again at once, so that a test sees all its tries; twice.
AT_ONCE = Waits(0, 0)


@pytest.fixture
def make_job(database: None) -> Iterator[Callable[..., Task[..., Any, ...]]]:
    """Makes a job of a function, for one test."""
    before = dict(app.tasks)

    def make(function: Callable[..., Any], **how: Any) -> Task[..., Any, ...]:
        return job(**{"limit_seconds": 20, "waits": AT_ONCE} | how)(function)

    yield make
    for name in app.tasks.keys() - before.keys():
        del app.tasks[name]


def work_off(**options: Any) -> None:
    """Work until nothing is left to do now; what the clock brings is not its business."""

    async def work() -> None:
        worker = app_of_worker()
        worker.periodic_registry = PeriodicRegistry()
        async with worker.open_async():
            await worker.run_worker_async(
                wait=False, listen_notify=False, install_signal_handlers=False, **options
            )

    while True:
        asyncio.run(work())
        # A worker that ends by itself does not wait for what its last jobs leave behind.
        if not ProcrastinateJob.objects.filter(status="todo").exclude(scheduled_at__gt=clock.now()).exists():
            return


def jobs() -> list[tuple[str, str, int]]:
    """Each job that there is: what it does, how it stands, how often it was tried."""
    rows = ProcrastinateJob.objects.order_by("id").values_list("task_name", "status", "attempts")
    return [(name.rpartition(".")[2], status, attempts) for name, status, attempts in rows]
