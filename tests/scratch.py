"""A database that one test has for itself, where it changes what others would miss."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from sessions_app.management.backup.databases import drop_by_force

# Each worker of the tests has one of its own.
NAME = f"test_scratch_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


@contextmanager
def scratch(template: str) -> Iterator[BaseDatabaseWrapper]:
    """The owner's connection to a copy of a database; the run-time role's leads there too."""
    owner, runtime = connections["owner"], connections["default"]
    usual = owner.settings_dict["NAME"], runtime.settings_dict["NAME"]
    connections.close_all()
    with owner._nodb_cursor() as server:
        drop_by_force(server.connection, NAME)
        server.execute(f"create database {NAME} template {template}")
        owner.settings_dict["NAME"] = runtime.settings_dict["NAME"] = NAME
        try:
            yield owner
        finally:
            connections.close_all()
            owner.settings_dict["NAME"], runtime.settings_dict["NAME"] = usual
            # Their ids are those of the other database.
            ContentType.objects.clear_cache()
            # Not by force: who has just gone is waited for, and may not be ended by everybody.
            server.execute(f"drop database {NAME}")
