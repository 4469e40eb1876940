"""Databases to migrate: an empty one, and a copy of that of all other tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.scratch import scratch


@pytest.fixture
def name_of_the_tests(database_ready: None) -> str:
    """The name of the database of all other tests."""
    return str(connections["default"].settings_dict["NAME"])


@pytest.fixture
def from_nothing(
    name_of_the_tests: str, django_db_blocker: pytest.FixtureRequest
) -> Iterator[BaseDatabaseWrapper]:
    """The owner's connection, to an empty database."""
    with django_db_blocker.unblock(), scratch("template1") as owner:
        yield owner


@pytest.fixture
def migrated(
    name_of_the_tests: str, django_db_blocker: pytest.FixtureRequest
) -> Iterator[BaseDatabaseWrapper]:
    """The owner's connection, to a copy of the database of all other tests."""
    with django_db_blocker.unblock(), scratch(name_of_the_tests) as owner:
        yield owner
