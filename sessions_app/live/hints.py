"""Hints between processes: "project P is at version V", by way of the channel layer.

Who listens in the same process is told at once. One thread a process tells the others, and hears from them.
Whoever commits only leaves a note for it: no request waits for a hint, and none fails when it cannot be sent.
A hint may be lost; whoever acts on hints also looks by themselves now and then.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from channels.layers import get_channel_layer

from sessions_app.db.trouble import Complaint
from sessions_app.metrics.instruments import HINTS_DROPPED

logger = logging.getLogger(__name__)

GROUP = "hints"
# Wake-ups are batched: at most so many sends a second leave a process, whatever happens in it.
BATCH_SECONDS = 0.01
# A notification has room for so many ids and versions.
MOST_IN_ONE = 100
# A Redis that was emptied has forgotten who listens.
JOIN_AGAIN_SECONDS = 15.0
PAUSE_AFTER_TROUBLE_SECONDS = 0.5
# A server that does not answer at all must not hold up all later hints.
SEND_SECONDS = 5.0
FLUSH_SECONDS = 2.0
COMPLAIN_EVERY_SECONDS = 60.0

# In place of a version: there is work for a digester, and nothing for a page to show.
WORK = -1

# Told of a project with news, and the version it is at (0: only one member's panel, or presence; or WORK);
# None for the project: hints may have been missed, anything may have changed.
Listener = Callable[[UUID | None, int], None]


class Hints:
    """The process's hints; see the module. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        # By which this process knows what it has sent itself: a fork has a thread, and a name, of its own.
        self._name = ""
        self._pending: dict[UUID, int] = {}
        self._sent = threading.Condition(self._lock)
        self._sending = False
        self._listeners: list[Listener] = []
        self._complained_at = -COMPLAIN_EVERY_SECONDS
        self._complaint = Complaint(logger)
        self._closed = False

    def send(self, project_id: UUID, version: int = 0) -> None:
        """Tell this process, and leave a hint for all others; returns at once, and never raises."""
        with self._lock:
            is_woken = bool(self._pending)
            self._pending[project_id] = max(version, self._pending.get(project_id, version))
            self._run()
            if not is_woken:
                self._wake_up()
        self._tell(project_id, version)

    def subscribe(self, listener: Listener) -> None:
        """Have every hint of every process told to `listener`, which returns at once, in any thread."""
        with self._lock:
            self._listeners.append(listener)
            self._run()
            self._wake_up()

    def unsubscribe(self, listener: Listener) -> None:
        """Tell `listener` no more."""
        with self._lock:
            self._listeners = [other for other in self._listeners if other != listener]

    def flush(self, timeout: float = FLUSH_SECONDS) -> bool:
        """Wait until what was left is sent; returns whether it was."""
        with self._lock:
            return self._sent.wait_for(lambda: not self._pending and not self._sending, timeout)

    def close(self) -> None:
        """Send what is left, and end the thread: the process is about to end."""
        self.flush()
        with self._lock:
            self._closed = True
            self._wake_up()
            thread = self._thread
        if thread is not None:
            thread.join(FLUSH_SECONDS)

    def _run(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._loop = self._wake = None
            self._name = uuid.uuid4().hex
            thread = threading.Thread(target=self._main, name="hints", daemon=True)
            try:
                thread.start()
            except RuntimeError as trouble:
                # The next who sends tries again.
                self._complain("hints have no thread now (pages look by themselves): %s", trouble)
            else:
                self._thread = thread

    def _wake_up(self) -> None:
        if self._loop and self._wake:
            # A loop that has just been closed sends no more.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._wake.set)

    def _main(self) -> None:
        asyncio.run(self._send_and_receive())

    async def _send_and_receive(self) -> None:
        with self._lock:
            self._loop, self._wake = asyncio.get_running_loop(), asyncio.Event()
            # What was left before there was an event to set.
            self._wake.set()
        receiving: asyncio.Task[None] | None = None
        while not self._closed:
            await self._wake.wait()
            self._wake.clear()
            if self._listeners and receiving is None:
                receiving = asyncio.create_task(self._receive())
            # The first leaves at once; what comes while it does and right after it leaves together.
            await self._send_pending()
            await asyncio.sleep(BATCH_SECONDS)
        if receiving:
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)
        with suppress(Exception):
            await _close_layer()

    async def _send_pending(self) -> None:
        with self._lock:
            pending, self._pending = list(self._pending.items()), {}
            self._sending = bool(pending)
        try:
            layer = get_channel_layer()
            for start in range(0, len(pending), MOST_IN_ONE):
                news = {
                    str(project_id): version for project_id, version in pending[start : start + MOST_IN_ONE]
                }
                async with asyncio.timeout(SEND_SECONDS):
                    told = {"type": "hint", "projects": news, "by": self._name}
                    await layer.group_send(GROUP, told)
        except Exception as trouble:
            HINTS_DROPPED.inc(len(pending))
            self._complain("hints cannot be sent now (pages look by themselves): %s", trouble)
        finally:
            with self._lock:
                self._sending = False
                self._sent.notify_all()

    async def _receive(self) -> None:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        while True:
            try:
                await layer.group_add(GROUP, channel)
                # Between the loss of the subscription and now anything may have been hinted.
                if self._tell(None, 0):
                    await self._receive_from(layer, channel)
            except Exception as trouble:
                self._complain("hints cannot be received now (pages look by themselves): %s", trouble)
            await asyncio.sleep(PAUSE_AFTER_TROUBLE_SECONDS)

    async def _receive_from(self, layer: object, channel: str) -> None:
        """Tell of what comes, until one who listens fails: what they missed nobody knows."""
        join_again_at = time.monotonic() + JOIN_AGAIN_SECONDS
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.1, join_again_at - time.monotonic())):
                    message = await layer.receive(channel)  # type: ignore[attr-defined]
                    # Who listens here was told of one's own before it left.
                    if message.get("by") != self._name:
                        for project_id, version in message["projects"].items():
                            if not self._tell(UUID(project_id), version):
                                return
            if time.monotonic() >= join_again_at:
                await layer.group_add(GROUP, channel)  # type: ignore[attr-defined]
                join_again_at = time.monotonic() + JOIN_AGAIN_SECONDS

    def _tell(self, project_id: UUID | None, version: int) -> bool:
        """Tell all who listen here; returns whether none of them failed."""
        failed = None
        for listener in list(self._listeners):
            try:
                listener(project_id, version)
            except Exception as error:
                failed = error
        if failed is None:
            self._complaint.is_over()
        else:
            self._complaint.about(failed, "who listens to hints fails (pages look by themselves)")
        return failed is None

    def _complain(self, words: str, trouble: Exception) -> None:
        if time.monotonic() - self._complained_at >= COMPLAIN_EVERY_SECONDS:
            self._complained_at = time.monotonic()
            logger.warning(words, trouble)


async def _close_layer() -> None:
    layer = get_channel_layer()
    for close in ("close", "close_pools"):
        if hasattr(layer, close):
            await getattr(layer, close)()


hints = Hints()
