"""Which Origin is our own, beside which Host."""

from __future__ import annotations

import pytest

from sessions_app.live.access import is_our_origin


@pytest.mark.parametrize(
    ("origin", "host", "is_ours"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("http://localhost:9000", "localhost:9000", True),
        ("http://localhost:9000", "localhost:9001", False),
        ("http://evil.example", "evil.example", False),
        # What is no host at all is nobody's: Python raises for some of these.
        ("http://[", "[", False),
        ("http://[v1.x]y", "[v1.x]y", False),
        ("http://", "", False),
    ],
)
def test_it_is_the_address_that_was_asked_for_and_one_of_ours(origin: str, host: str, is_ours: bool) -> None:
    assert is_our_origin(origin, host) is is_ours
