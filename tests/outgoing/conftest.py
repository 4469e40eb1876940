"""A receiver on this machine, which deliveries may go to here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.outgoing.receiver import Receiver, receiving


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiving() as each:
        yield each
