"""Bring the whole product up in one process, and take down what it started: `serve` and `demo`."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from argparse import ArgumentParser
from collections.abc import Callable

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from psycopg.conninfo import conninfo_to_dict

from sessions_app import embedded
from sessions_app.db.lifetime import stop_if_unused
from sessions_app.jobs.upkeep import run_upkeep

logger = logging.getLogger(__name__)

UPKEEP_EVERY_SECONDS = 60
# A browser that sends nothing for so long, or a page that takes so long, is given up.
HTTP_TIMEOUT_SECONDS = 60

Say = Callable[[str], None]


def add_arguments(parser: ArgumentParser) -> None:
    """Where to listen; --host other than this machine's own wants BASE_URL and a TLS proxy."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)


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


def prepare_database(say: Say) -> None:
    """Start the embedded server if it is used, create the roles, migrate.

    Raises CommandError when the database cannot be had, or is older than this release and there is
    no DATABASE_OWNER_URL to migrate it with.
    """
    try:
        if settings.IS_EMBEDDED:
            say("Starting PostgreSQL …")
            embedded.ensure_running(settings.DATABASES["default"]["EMBEDDED_DATA_DIR"], say=say)
        elif settings.DATABASE_OWNER_URL:
            create_roles(say)
        unapplied = _unapplied_migrations()
        if unapplied and not settings.IS_EMBEDDED and not settings.DATABASE_OWNER_URL:
            raise CommandError(
                f"The database lacks {unapplied} migrations. Set DATABASE_OWNER_URL (the owner's "
                "address), or run `manage.py migrate` where it is set."
            )
        if unapplied:
            say(f"Migrating ({unapplied} steps) …")
            call_command("migrate", verbosity=0, interactive=False)
        _refuse_unsafe_role()
    except (embedded.EmbeddedError, DatabaseError) as trouble:
        raise CommandError(f"The database cannot be used: {trouble}") from trouble


def create_roles(say: Say) -> None:
    """Create the roles that are missing on a server of one's own (DATABASE_OWNER_URL may create roles).

    The run-time role's password is that of DATABASE_URL. Raises CommandError when it cannot.
    """
    runtime = conninfo_to_dict(settings.DATABASE_URL)
    owner = conninfo_to_dict(settings.DATABASE_OWNER_URL)
    if runtime.get("user") != embedded.RUNTIME:
        raise CommandError(f"DATABASE_URL must sign in as {embedded.RUNTIME}, the role that policies bind.")
    # Whoever reads the back-up role's password changes it: nobody signs in by this one.
    passwords = {
        embedded.OWNER: str(owner.get("password") or secrets.token_urlsafe()),
        embedded.RUNTIME: str(runtime.get("password") or secrets.token_urlsafe()),
        embedded.BACKUP: secrets.token_urlsafe(),
    }
    try:
        report = embedded.create_roles(owner, passwords)
    except psycopg.errors.InsufficientPrivilege as refused:
        raise CommandError(
            "The roles are missing and DATABASE_OWNER_URL may not create them: docs/deploy.md has the SQL."
        ) from refused
    for role in report.created:
        say(f"Created the role {role}.")
    for warning in report.warnings:
        say(f"Note: {warning}")


def serve(host: str, port: int, announce: Callable[[], None]) -> None:
    """Serve until Ctrl-C or SIGTERM, with the upkeep beside it; then stop what was started.

    `announce` is called once the port listens.
    """
    from daphne.endpoints import build_endpoint_description_strings
    from daphne.server import Server

    from config.asgi import application

    done = threading.Event()
    upkeep = threading.Thread(target=_upkeep_until, args=[done], name="upkeep", daemon=True)
    upkeep.start()
    try:
        Server(
            application,
            endpoints=build_endpoint_description_strings(host=host, port=port),
            http_timeout=HTTP_TIMEOUT_SECONDS,
            # The name of the server's software is nobody's business.
            server_name="",
            ready_callable=announce,
        ).run()
    finally:
        done.set()
        upkeep.join(timeout=10)
        connections.close_all()
        stop_if_unused()


def _upkeep_until(done: threading.Event) -> None:
    while not done.wait(UPKEEP_EVERY_SECONDS):
        try:
            run_upkeep()
        except Exception:
            # The next run does what this one could not; nothing of it is lost.
            logger.exception("upkeep failed")
        finally:
            connections.close_all()


def _unapplied_migrations() -> int:
    executor = MigrationExecutor(connections["owner"])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _refuse_unsafe_role() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        if cursor.fetchone()[0]:
            raise CommandError(
                "DATABASE_URL signs in as a role that row security does not bind. "
                f"Use {embedded.RUNTIME} there, and the owner in DATABASE_OWNER_URL."
            )
