"""Panels that one server process has drawn are not drawn by the next: by way of a Redis of the tests' own."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from redis import Redis

from sessions_app import clock, exchange
from sessions_app.live.rendering import render
from sessions_app.panels import PANELS
from sessions_app.panels.drawn import Store
from sessions_app.panels.shared import DRAWN_LONG
from sessions_app.panels.texts import Reader, Text
from sessions_app.services import messages
from tests.conftest import Cast
from tests.doing import NOON, add, do
from tests.faults.redis_server import needs_redis, own_redis, rested_and_patient  # noqa: F401 -- a fixture
from tests.panels.test_shared import drawings, panel_of
from tests.panels.test_texts import ANN, BOB, drawn

SAID = "Nobody but members reads this"


def test_a_text_is_the_same_elsewhere() -> None:
    text = drawn(
        '<p{% personal "news" bob 7 %} class="new"{% endpersonal %}>'
        '{% personal "mine" agent %}You{% else %}{% csrf_token %}{% endpersonal %}</p>'
    )
    there = Text.of_told(text.told())
    assert there.pieces == text.pieces
    for reader in (Reader(ANN, 6), Reader(ANN, None), Reader(BOB, 6)):
        assert there.choose(reader) == text.choose(reader)


@needs_redis
def test_another_process_draws_only_what_is_drawn_soon(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(cast, "Lamp")
    do(cast, "ann", messages.post_message, text=SAID)
    with own_redis() as redis, clock.at(NOON):
        settings.REDIS_URL = f"redis://127.0.0.1:{redis.port}/0"
        monkeypatch.setattr("sessions_app.panels.drawn.store", Store())
        here = render(cast.vera.id, cast.project.id, list(PANELS))
        monkeypatch.setattr("sessions_app.panels.drawn.store", Store())
        with drawings() as drawn_there:
            there = render(cast.vera.id, cast.project.id, list(PANELS))
        kept = Redis(port=redis.port)
        values = kept.mget(kept.scan_iter())
    assert here
    assert there
    assert SAID in here.panels["chat"]
    assert there.panels == here.panels
    assert set(drawn_there) == PANELS.keys() - DRAWN_LONG
    assert len(values) == len(DRAWN_LONG)
    assert not any(SAID.encode() in value for value in values), "what people wrote lies there sealed"


def test_one_that_says_nothing_costs_a_moment_once(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(cast, "Lamp")
    monkeypatch.setattr(exchange, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr("sessions_app.panels.drawn.store", Store(most_characters=0))
    asked, client = [], exchange._redis
    monkeypatch.setattr(exchange, "_redis", lambda url: asked.append(url) or client(url))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        for _ in range(3):
            assert "Lamp" in panel_of(cast, "vera", "items")
    # Once, and not again while it rests.
    assert len(asked) == 1
