"""How long a suite may go on: minutes for all of them, or hours with `--hypothesis-profile=long`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings

LONG = "long"
# By how much the long budget is longer.
TIMES = 30
USUAL_SECONDS = 300


def is_long() -> bool:
    """Whether the run asked for the long budget."""
    return settings.get_current_profile_name() == LONG


def times(usual: int) -> int:
    """How many of something are made up, of which there are so many usually."""
    return usual * TIMES if is_long() else usual


def budget(examples: int, **more: Any) -> settings:
    """So many examples. What CI finds anybody finds again; the long run looks elsewhere each time."""
    return settings(
        max_examples=times(examples),
        deadline=None,
        derandomize=not is_long(),
        print_blob=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        **more,
    )


def in_time() -> pytest.MarkDecorator:
    """A test's limit in seconds, as long as its budget."""
    return pytest.mark.timeout(times(USUAL_SECONDS))
