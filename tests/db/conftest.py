"""Projects with a row in every table, and a look at the catalog that costs no emptying."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections

from tests.conftest import Cast
from tests.filling import fill


@pytest.fixture
def catalog(database_ready: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The database of the tests for one that only reads its catalog."""
    with django_db_blocker.unblock():
        yield
        connections.close_all()


@pytest.fixture
def filled(cast: Cast) -> Cast:
    """The cast, and in both projects something in every table."""
    fill(cast.project, cast.ann)
    fill(cast.other, cast.zoe)
    return cast
