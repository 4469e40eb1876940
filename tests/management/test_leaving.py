"""How a command hears that it is to end."""

from __future__ import annotations

import signal
import threading

import pytest
from django.core.management.base import CommandError

from sessions_app.management import leaving


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


def test_a_handler_that_was_set_meanwhile_stays() -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        with leaving.on_signal(lambda: None):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)
