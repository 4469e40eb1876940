"""The worker of `serve` and `demo`: `manage.py worker` as a process of its own.

Work takes no time from the pages then, and a job that brings its process down leaves them alone.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from django.conf import settings

from sessions_app.management.working import STOP_SECONDS

logger = logging.getLogger(__name__)

# Beyond what the worker itself takes to stop: an interpreter's end.
KILL_AFTER_SECONDS = STOP_SECONDS + 2.0
# A worker that dies is started again after 1, 2, 4 … seconds; one that lived a while, after 1 again.
LONGEST_PAUSE_SECONDS = 30.0
LIVED_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.05


class WorkerProcess:
    """Keeps a worker running until it is stopped.

    The worker ends when its standard input does: so it ends with this process, whatever ends that.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._asked_at = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep_running, name="worker's keeper", daemon=True)

    def start(self) -> None:
        """Start it; returns at once."""
        self._keeper.start()

    def ask_to_stop(self) -> None:
        """Let it end what it does; returns at once."""
        if not self._stop.is_set():
            self._asked_at = time.monotonic()
            self._stop.set()
        process = self._process
        if process and process.stdin:
            process.stdin.close()

    def stop(self, is_hurried: Callable[[], bool]) -> None:
        """Wait until it has ended, at most KILL_AFTER_SECONDS since it was asked, in a hurry not at all.

        Then it is killed.
        """
        self.ask_to_stop()
        until = self._asked_at + KILL_AFTER_SECONDS
        while self._keeper.is_alive() and time.monotonic() < until and not is_hurried():
            self._keeper.join(LOOK_EVERY_SECONDS)
        if self._keeper.is_alive() and self._process:
            logger.warning("the worker does not stop; it is killed, and the next one does its work again")
            self._process.kill()
            self._keeper.join()

    def _keep_running(self) -> None:
        pause = 1.0
        while not self._stop.is_set():
            started = time.monotonic()
            self._process = process = _start()
            if self._stop.is_set() and process.stdin:
                # Asked to stop between the look and the start.
                process.stdin.close()
            code = process.wait()
            if self._stop.is_set():
                return
            if time.monotonic() - started > LIVED_SECONDS:
                pause = 1.0
            logger.error("the worker ended by itself (%s); it is started again in %.0f s", code, pause)
            self._stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 -- our own command
        [sys.executable, settings.BASE_DIR / "manage.py", "worker", "--until-stdin-closes"],
        stdin=subprocess.PIPE,
        # Links in mails carry the address that is served here.
        env=os.environ | {"BASE_URL": settings.BASE_URL},
        # Ctrl-C is the server's to hear.
        start_new_session=sys.platform != "win32",
    )
