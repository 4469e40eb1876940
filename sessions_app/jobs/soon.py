"""A job that has work done at once, which the clock would find later."""

from __future__ import annotations

import logging
from typing import Any

from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.tasks import Task

from sessions_app import clock

logger = logging.getLogger(__name__)


def leave_job(task: Task[..., Any, ...]) -> None:
    """Leave a job of a task that has a queueing lock, unless one waits already: that will see it.

    Never raises: the request it follows is done, and the clock finds the work too.
    """
    try:
        task.defer(timestamp=int(clock.now().timestamp()))
    except AlreadyEnqueued:
        pass
    except Exception:
        logger.warning("no job could be left for %s, the clock will find its work", task.name, exc_info=True)
