"""How a command hears that it is to end."""

from __future__ import annotations

import signal
import threading

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
