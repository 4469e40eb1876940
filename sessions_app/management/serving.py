"""Bring the whole product up, and take down what was started: `serve` and `demo`."""

from __future__ import annotations

import os
import socket
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connections

from sessions_app.db.lifetime import stop_if_unused
from sessions_app.embedded import EmbeddedError
from sessions_app.keeper import Keeper
from sessions_app.lifespan import settle
from sessions_app.management import leaving
from sessions_app.management.worker_process import WorkerProcess


def add_arguments(parser: ArgumentParser) -> None:
    """Where to listen; --host other than this machine's own wants BASE_URL and a TLS proxy."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--tls-cert", type=Path, metavar="FILE", help="speak TLS and HTTP/2: the chain as PEM"
    )
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="and its key, without a password")
    parser.add_argument("--no-worker", action="store_true", help="another `manage.py worker` does the work")


def listen_at(host: str, port: int) -> None:
    """Raise CommandError when something listens there already: before anything is started.

    Without BASE_URL this is also the address that links carry.
    """
    if "BASE_URL" not in os.environ:
        settings.BASE_URL = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            raise CommandError(
                f"Cannot listen on {host}:{port} ({taken.strerror}). "
                "Is it running already? Otherwise choose another --port."
            ) from taken


@contextmanager
def starting() -> Iterator[None]:
    """Whatever ends the block, the embedded database that it started ends with it.

    Raises CommandError when it was asked to end before it served, or when the database does not stop.
    """
    give_up = partial(leaving.leave_after, stop_if_unused)
    with leaving.interruptible("Asked to end before it served.", give_up) as too_late:
        try:
            yield
        except BaseException:
            too_late()
            # Why it ends is what has to be read.
            with suppress(CommandError):
                _stop_database()
            raise
        # A first signal that comes as late as now must not break off the end of the database.
        too_late()
        _stop_database()


def tls_options(certificate: Path | None, key: Path | None) -> Any:  # noqa: ANN401 -- Twisted's
    """What TLS is spoken with, or None. Raises CommandError when the files or BASE_URL do not fit."""
    if not (certificate or key):
        return None
    if not (certificate and key):
        raise CommandError("--tls-cert and --tls-key: give both or neither.")
    if not settings.USES_TLS:
        raise CommandError(
            "With --tls-cert, BASE_URL has to begin with https://: cookies and links go by it."
        )
    from sessions_app.management.web import tls

    try:
        return tls.options(certificate, key)
    except tls.NoCertificate as lacking:
        raise CommandError(str(lacking)) from None


def serve(options: dict[str, Any], announce: Callable[[], None], speaks: Any) -> None:  # noqa: ANN401 -- Twisted's
    """Serve until Ctrl-C or SIGTERM, with a worker beside it; then stop what was started.

    A second signal ends it without waiting for whoever is still served, a third one without waiting for what
    the second one left to be done, but for the database's end. `announce` is called once the port listens;
    `options` are the command's own, `speaks` is what `tls_options()` made of them.
    """
    from config.asgi import application
    from sessions_app.management.web.server import WebServer

    worker = None if options["no_worker"] else WorkerProcess()
    # Both end at the same time: the worker leaves what it cannot finish to the next one.
    on_drain = worker.ask_to_stop if worker else lambda: None
    place = options["host"], options["port"]
    server = WebServer(application, *place, announce, on_drain=on_drain, speaks=speaks)
    keeper = Keeper()

    def give_up() -> None:
        if worker:
            # It uses the database too, which stays up for whoever does.
            worker.stop(lambda: True)
        stop_if_unused()

    # To the very end: a signal that comes while the rest is stopped must not leave the database behind.
    with leaving.on_signal(server.end_soon, server.end_now, partial(leaving.leave_after, give_up)):
        try:
            if worker:
                worker.start()
            keeper.start()
            settle()
            server.run()
        finally:
            keeper.stop(is_hurried=server.is_hurried)
            if worker:
                # A second signal may come as late as now.
                worker.stop(lambda: server.is_hurried)
            connections.close_all()
            _stop_database()
            leaving.leave_soon()


def _stop_database() -> None:
    """Stop it unless somebody else uses it. Raises CommandError when it cannot be stopped."""
    try:
        stop_if_unused()
    except EmbeddedError as trouble:
        raise CommandError(f"The database does not stop: {trouble}") from trouble
