"""The two sizes of a case."""

from __future__ import annotations

from typing import Any

import pytest


def sizes(quick: Any, full: Any) -> Any:
    """Parametrize a case by `size`: quick by `pytest -m quick`, full by `pytest -m faults`."""
    return pytest.mark.parametrize(
        "size",
        [
            pytest.param(quick, id="quick", marks=pytest.mark.quick),
            pytest.param(full, id="full", marks=pytest.mark.faults),
        ],
    )
