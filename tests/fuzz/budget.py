"""How long a suite may go on: minutes for all of them, or hours with `--hypothesis-profile=long`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings

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
    """So many examples, told in a form that can be run again."""
    return settings(max_examples=times(examples), print_blob=True, **more)


def in_time() -> pytest.MarkDecorator:
    """A test's limit in seconds, as long as its budget."""
    return pytest.mark.timeout(times(USUAL_SECONDS))
