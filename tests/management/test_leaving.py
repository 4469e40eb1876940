"""How a command hears that it is to end."""

from __future__ import annotations

import asyncio
import io
import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.core.management.base import CommandError

from config.log_written import WrittenTogether
from sessions_app.embedded import EmbeddedError
from sessions_app.management import leaving, serving


def test_what_nohup_has_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with leaving.interruptible("Interrupted."):
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_another_thread_runs_it_as_well() -> None:
    """Signals are the main thread's, and stay so."""
    ran: list[bool] = []

    def work() -> None:
        with leaving.interruptible("Interrupted."):
            ran.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ran == [True]


def test_what_tidies_up_is_left_to_it_when_asked_once_more() -> None:
    tidied = []

    def work() -> None:
        with leaving.interruptible("Interrupted."):
            try:
                signal.raise_signal(signal.SIGTERM)
            finally:
                signal.raise_signal(signal.SIGTERM)
                tidied.append(True)

    with pytest.raises(CommandError, match="Interrupted"):
        work()
    assert tidied


def test_each_signal_has_its_answer_and_the_third_is_said_again() -> None:
    said: list[str] = []
    answers = [partial(said.append, word) for word in ("soon", "now", "at once")]
    with leaving.on_signal(*answers):
        for _ in range(4):
            signal.raise_signal(signal.SIGINT)
    assert said == ["soon", "now", "at once", "at once"]


def test_whoever_is_asked_once_more_ends_when_all_is_tidy(monkeypatch: pytest.MonkeyPatch) -> None:
    did: list[str] = []
    ended = threading.Event()

    def leave_now() -> None:
        did.append("left")
        ended.set()

    monkeypatch.setattr(leaving, "leave_now", leave_now)
    leaving.leave_after(partial(did.append, "tidied"))
    assert ended.wait(10)
    assert did == ["tidied", "left"]


@pytest.mark.parametrize("is_held", [False, True])
@pytest.mark.parametrize(("leave", "code"), [(leaving.leave_now, 1), (leaving._leave, 0)])
def test_whoever_ends_at_once_writes_the_log_unless_that_takes_long(
    monkeypatch: pytest.MonkeyPatch, leave: Callable[[], None], code: int, is_held: bool
) -> None:
    written, did = io.StringIO(), []
    handler = WrittenTogether()
    handler.stream = written
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    monkeypatch.setattr(leaving.os, "_exit", did.append)
    # As in a process that was started with it closed.
    monkeypatch.setattr(sys, "stdout", None)

    async def say_and_leave() -> None:
        handler.handle(logging.makeLogRecord({"msg": "last words", "levelno": logging.INFO}))
        if is_held:
            with hold(handler.lock):
                leave()
        else:
            leave()
        assert (written.getvalue(), did) == ("" if is_held else "last words\n", [code])

    asyncio.run(say_and_leave())


@contextmanager
def hold(lock: threading.RLock) -> Iterator[None]:
    """Another thread has it."""
    is_held, is_enough = threading.Event(), threading.Event()

    def work() -> None:
        with lock:
            is_held.set()
            is_enough.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    is_held.wait(10)
    yield
    is_enough.set()
    thread.join()


def test_a_signal_at_the_very_end_breaks_off_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database that was started is being stopped by then."""
    stopped: list[bool] = []

    def stop() -> None:
        signal.raise_signal(signal.SIGTERM)
        stopped.append(True)

    monkeypatch.setattr(serving, "stop_if_unused", stop)
    with serving.starting():
        pass
    assert stopped == [True]


@pytest.mark.parametrize("before", ["", "The database cannot be used."])
def test_a_database_that_does_not_stop_is_a_sentence(monkeypatch: pytest.MonkeyPatch, before: str) -> None:
    """Unless there is one already, of what went wrong before."""

    def stop() -> None:
        raise EmbeddedError("it belongs to another user")

    def start() -> None:
        with serving.starting():
            if before:
                raise CommandError(before)

    monkeypatch.setattr(serving, "stop_if_unused", stop)
    with pytest.raises(CommandError, match=before or "does not stop: it belongs to another user"):
        start()


def test_a_handler_that_was_set_meanwhile_stays() -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        with leaving.on_signal(lambda: None):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)
