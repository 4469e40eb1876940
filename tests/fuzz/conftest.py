"""The suites are off by default; each has processes or the tests' database of its own."""

from __future__ import annotations

import pytest

from tests.commands.conftest import installed  # noqa: F401


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/fuzz" in item.path.as_posix():
            item.add_marker(pytest.mark.fuzz)
