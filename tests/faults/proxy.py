"""A small TCP proxy that does to a line what networks do: late, silent, or gone.

proxy = await Proxy(port).start()                   # an asynchronous test; `stop` at its end
with running_in_thread(Proxy(port)) as proxy: ...   # any other
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(eq=False)
class Line:
    """One connection through the proxy: its two ends, and whether anything sent over it was swallowed."""

    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    is_torn: bool = False

    def reset(self) -> None:
        for writer in self.writers:
            writer.transport.abort()


class Proxy:
    """Passes bytes to a port of this machine, or to a Unix socket.

    `cut`: all that is open is reset, and whatever comes. `reset`: only what is open. `hush`: everything is
    taken and nothing passed on, without a word; what was taken meanwhile is lost. `slow`: each piece comes
    that much later. `mend` ends all of it. They may be called from any thread.
    """

    def __init__(self, target: int | Path) -> None:
        self.target = target
        self.port = 0
        self.is_cut = self.is_silent = False
        # From, to; seconds.
        self.delay = (0.0, 0.0)
        self._dice = random.Random(7)
        self._server: asyncio.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lines: set[Line] = set()
        self._passing: set[asyncio.Task[None]] = set()

    async def start(self) -> Proxy:
        self._loop = asyncio.get_running_loop()
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def cut(self) -> None:
        """Reset all that is open, and whatever comes."""
        self.is_cut = True
        self.reset()

    def reset(self) -> None:
        """Reset all that is open; what comes afterwards passes."""
        self._in_loop(self._reset, False)

    def hush(self) -> None:
        """Take everything and pass on nothing, in the middle of whatever is under way."""
        self.is_silent = True

    def slow(self, least: float, most: float) -> None:
        """Let each piece, of either direction, wait so many seconds."""
        self.delay = (least, most)

    def mend(self) -> None:
        """Let everything pass again; what had something swallowed is reset, as by its peer."""
        self.is_cut = self.is_silent = False
        self.delay = (0.0, 0.0)
        self._in_loop(self._reset, True)

    async def stop(self) -> None:
        self.cut()
        self._reset(False)
        if self._server:
            self._server.close()
            await self._server.wait_closed()
        for task in self._passing:
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)

    def _in_loop(self, act: object, *values: object) -> None:
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act, *values)  # type: ignore[arg-type]

    def _reset(self, only_torn: bool) -> None:
        for line in list(self._lines):
            if line.is_torn or not only_torn:
                line.reset()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line([writer])
        self._lines.add(line)
        if self.is_cut:
            line.reset()
            return
        try:
            there_reader, there_writer = await self._connect()
        except OSError:
            line.reset()
            return
        line.writers.append(there_writer)
        for source, sink in ((reader, there_writer), (there_reader, writer)):
            task = asyncio.create_task(self._pass(line, source, sink))
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.target, Path):
            return await asyncio.open_unix_connection(self.target)
        return await asyncio.open_connection("127.0.0.1", self.target)

    async def _pass(self, line: Line, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                if any(self.delay):
                    await asyncio.sleep(self._dice.uniform(*self.delay))
                if self.is_silent or line.is_torn:
                    line.is_torn = True
                    continue
                sink.write(data)
                await sink.drain()
        if self.is_silent:
            # Not even the end of it is heard on the other side.
            line.is_torn = True
            return
        self._lines.discard(line)
        sink.close()


@contextmanager
def running_in_thread(proxy: Proxy) -> Iterator[Proxy]:
    """The proxy in a thread of its own until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="proxy", daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(proxy.start(), loop).result(10)
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(proxy.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
