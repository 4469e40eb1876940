"""Whether the database is of this release."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor


def missing_migrations(connection: BaseDatabaseWrapper) -> int:
    """How many of this release's migrations the database lacks. Raises Django's database errors."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
