"""How a process of ours ends when it is asked to.

Whichever way that is, what waits to be written to the log is written before; only a SIGKILL takes along the
lines of one turn of the event loop (config/log_written.py).
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError

# What is left for the interpreter to end its threads in; one that hangs in a view or a job is not waited for.
LEAVE_SECONDS = 2.0
# For the log of whoever ends at once: longer it waits for no thread that is at it.
LOG_SECONDS = 0.2
SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
]
# What whoever started us has had ignored stays so: `nohup` does it, for what outlives its terminal.
_MAY_BE_IGNORED = [getattr(signal, name) for name in ("SIGHUP",) if hasattr(signal, name)]


def leave_now() -> None:
    """End at once, as by a kill: what is under way is not lost by that, only done again."""
    try:
        _write_log()
    finally:
        os._exit(1)


def leave_after(tidy_up: Callable[[], object]) -> None:
    """End as soon as that is done, whatever is under way; returns at once.

    A thread's work, for it may wait for a lock of whoever was interrupted.
    """

    def leave() -> None:
        try:
            tidy_up()
        finally:
            leave_now()

    threading.Thread(target=leave, name="leaving", daemon=True).start()


@contextmanager
def on_signal(
    first: Callable[[], object],
    second: Callable[[], object] = leave_now,
    third: Callable[[], object] = leave_now,
) -> Iterator[None]:
    """Call `first` at Ctrl-C, SIGTERM or when the terminal is gone, and the others when asked once more.

    `third` is called each time after that. Only the main thread hears signals: in any other nothing is
    called. A handler that was set meanwhile stays when the block ends.
    """
    is_heard = threading.current_thread() is threading.main_thread()
    before = {number: signal.getsignal(number) for number in SIGNALS if is_heard}
    for number in _MAY_BE_IGNORED:
        if before.get(number) is signal.SIG_IGN:
            del before[number]
    calls = [third, second, first]

    def hear(_number: int, _frame: object) -> None:
        call = calls.pop() if len(calls) > 1 else calls[0]
        call()

    for number in before:
        signal.signal(number, hear)
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is hear:
                signal.signal(number, handler)


@contextmanager
def interruptible(said: str, third: Callable[[], object] = leave_now) -> Iterator[Callable[[], None]]:
    """Let a signal of `on_signal`'s break off what is under way, which tidies up behind itself.

    The second one waits for that as well, the third does not: see `on_signal`.
    Yields what is called where that sentence would be true no longer: from there on the block comes to its
    end. Raises CommandError with the sentence before that.
    """
    is_too_late = threading.Event()

    def interrupt() -> None:
        if not is_too_late.is_set():
            raise KeyboardInterrupt

    try:
        with on_signal(interrupt, lambda: None, third):
            yield is_too_late.set
    except KeyboardInterrupt as asked:
        raise CommandError(said) from asked


def leave_soon() -> None:
    """Let the process end with 0 in LEAVE_SECONDS at most, whatever its threads or further signals do."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    timer = threading.Timer(LEAVE_SECONDS, _leave)
    timer.daemon = True
    timer.start()


def _write_log() -> None:
    """Write what waits, unless that takes long."""
    for handler in logging.getLogger().handlers:
        if handler.lock and handler.lock.acquire(timeout=LOG_SECONDS):
            try:
                handler.flush()
            finally:
                handler.lock.release()


def _leave() -> None:
    try:
        _write_log()
        # None: the process was started without one.
        if sys.stdout is not None:
            sys.stdout.flush()
    finally:
        os._exit(0)
