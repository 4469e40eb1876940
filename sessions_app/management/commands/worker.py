"""Work without serving: the jobs, and the digester. `serve` and `demo` run one by themselves."""

from __future__ import annotations

import os
import sys
import threading
from argparse import SUPPRESS, ArgumentParser
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand

from sessions_app.db.lifetime import stop_if_unused
from sessions_app.management import database, leaving
from sessions_app.management.working import work

LOOK_SECONDS = 0.05


class Command(BaseCommand):
    help = "Work off jobs and agents' reports; any number of workers, on any machine, share the work."
    # Of a server that checked everything a moment ago, or of a machine that serves nothing.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        # How `serve` runs its own: whatever ends `serve` closes that pipe, so no worker is left behind.
        parser.add_argument("--until-stdin-closes", action="store_true", help=SUPPRESS)

    def handle(self, **options: Any) -> None:  # noqa: ANN401 -- Django's signature
        """Work until Ctrl-C or SIGTERM; a second one waits for no job any more.

        Raises CommandError when the database lacks migrations or cannot be had.
        """
        stop = threading.Event()
        of_serve = options["until_stdin_closes"]
        again = leaving.leave_now if of_serve else partial(leaving.leave_after, stop_if_unused)
        with leaving.on_signal(stop.set, again, again):
            if of_serve:
                threading.Thread(target=_wait_for_end_of_stdin, args=[stop], daemon=True).start()
                # Whoever started it may have ended meanwhile: then nothing is begun, nor a database started.
                stop.wait(LOOK_SECONDS)
            else:
                database.require_ready()
                self.stdout.write("The worker works. Ctrl-C stops it.")
                self.stdout.flush()
            work(stop)
            if not of_serve:
                stop_if_unused()
            leaving.leave_soon()


def _wait_for_end_of_stdin(stop: threading.Event) -> None:
    # Not sys.stdin.read(), whose lock would hold up the interpreter's end.
    while os.read(sys.stdin.fileno(), 1024):
        pass
    stop.set()
