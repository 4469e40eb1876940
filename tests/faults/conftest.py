"""Black-box cases of the promises: real processes, real faults, an oracle that asks the database.

Each case is written once and runs in two sizes: a quick one by `pytest -m quick`, as CI does, and the full
one by `pytest -m faults`.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.product import Product


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/faults" in item.path.as_posix() and item.get_closest_marker("faults") is None:
            item.add_marker(pytest.mark.quick)


@contextmanager
def running(*arguments: str, **more: str) -> Iterator[Product]:
    """The product on a folder of its own, until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="leftoff-faults-"))
    folder.chmod(0o755)
    product = Product(folder, more)
    try:
        product.serve(*arguments)
        yield product
    finally:
        product.end()
        shutil.rmtree(folder)


@pytest.fixture(scope="package")
def product() -> Iterator[Product]:
    """One product for the cases that leave it as they found it: each has people and projects of its own."""
    with running() as product:
        yield product
