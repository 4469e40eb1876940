"""A Redis of a test's own, empty, which keeps nothing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from sessions_app import exchange
from sessions_app.db.trouble import Rest
from tests.running import free_port
from tests.waiting import wait_until

needs_redis = pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="no redis-server found: install Debian's"
)


@dataclass
class Redis:
    """One server on a port, which may end and begin again."""

    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty; returns once it answers."""
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: "PONG" in self.ask("ping"))

    def kill(self) -> None:
        """SIGKILL; one that is gone stays gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def ask(self, *words: str) -> str:
        """What it says to a command; "" when it does not answer."""
        done = subprocess.run(
            ["redis-cli", "-p", str(self.port), *words], capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    def has_listeners(self) -> bool:
        """Whether a process of the product listens to hints here."""
        count = self.ask("zcard", "leftoff:group:hints")
        return count.isdecimal() and count != "0"


@contextmanager
def own_redis() -> Iterator[Redis]:
    """A Redis until the block ends."""
    redis = Redis(free_port())
    try:
        redis.start()
        yield redis
    finally:
        redis.kill()


@pytest.fixture(autouse=True)
def rested_and_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a Redis did before, this process asks it, and waits though the machine is busy."""
    monkeypatch.setattr(exchange, "_rest", Rest(exchange.REST_SECONDS, exchange.logger))
    monkeypatch.setattr(exchange, "ANSWER_SECONDS", 10.0)
