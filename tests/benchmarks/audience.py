"""Who has a project open: sockets by the thousand at one server process, and what reaches them, when."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial

from tests.benchmarks.readers import Reader
from tests.faults.process import Process

# So many come at once.
AT_ONCE = 20
COME_BACK_SECONDS = 0.5
# Where nothing new was said that somebody may yet be told.
SETTLED_SECONDS = 1.0
# As pages say by themselves that they are there.
BEAT_SECONDS = 10


class Audience:
    """The sockets at one server process; `reader_of` makes the one of a number."""

    def __init__(self, process: Process, reader_of: Callable[[int, Audience], Reader]) -> None:
        self.process, self._reader_of = process, reader_of
        self.readers: list[Reader] = []
        # Who took which version, when, by Python's time.time().
        self._taken: list[tuple[float, int, Reader]] = []
        self.push_bytes = 0
        self._beating: asyncio.Task[None] | None = None

    @property
    def pushes(self) -> int:
        """How many came since it began to count."""
        return len(self._taken)

    def took(self, reader: Reader, version: int, size: int) -> None:
        self._taken.append((time.time(), version, reader))
        self.push_bytes = size

    async def grow(self, size: int) -> float:
        """Have so many sockets open; returns the memory that each new one takes, in KiB."""
        before, had = self.process.resident_bytes, len(self.readers)
        turns = asyncio.Semaphore(AT_ONCE)

        async def come(number: int) -> None:
            async with turns, asyncio.timeout(60):
                self.readers.append(await self._opened(number))

        await asyncio.gather(*(come(number) for number in range(had, size)))
        self._beating = self._beating or asyncio.create_task(self._beat())
        await self.quiet(SETTLED_SECONDS)
        return (self.process.resident_bytes - before) / (size - had) / 1024

    async def _opened(self, number: int) -> Reader:
        """One that is there; who is turned away comes back, as pages do."""
        loop = asyncio.get_running_loop()
        while True:
            make = partial(self._reader_of, number, self)
            try:
                _, reader = await loop.create_connection(make, "127.0.0.1", self.process.port)
                await reader.opened
            except ConnectionError:
                await asyncio.sleep(COME_BACK_SECONDS)
            else:
                return reader

    async def quiet(self, seconds: float = 3.0) -> None:
        """Wait until nothing comes any more."""
        seen = -1
        while seen != len(self._taken):
            seen = len(self._taken)
            await asyncio.sleep(seconds)

    def forget(self) -> None:
        """Begin to count anew."""
        self._taken.clear()

    def delays(self, sent: Sequence[float], first: int) -> list[float]:
        """How long each version took to each socket, or a newer one in its place; ms, sorted.

        `sent` is when each left, the first of them as version `first`. What never came took for ever.
        """
        taken: dict[Reader, list[tuple[float, int]]] = {reader: [] for reader in self.readers}
        for at, version, reader in self._taken:
            taken[reader].append((at, version))
        found = []
        for came in taken.values():
            place = 0
            for number, left in enumerate(sent):
                while place < len(came) and came[place][1] < first + number:
                    place += 1
                found.append((came[place][0] - left) * 1000 if place < len(came) else float("inf"))
        return sorted(found)

    def at(self, version: int) -> int:
        """How many stand at this version."""
        return sum(reader.version == version and reader.closed_with is None for reader in self.readers)

    async def leave(self) -> None:
        """All close."""
        if self._beating:
            self._beating.cancel()
        for reader in self.readers:
            reader.close()
        await asyncio.sleep(1)

    async def _beat(self) -> None:
        while True:
            for turn in range(BEAT_SECONDS):
                await asyncio.sleep(1)
                for reader in self.readers[turn::BEAT_SECONDS]:
                    reader.say_where()
