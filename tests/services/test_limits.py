"""How often something may be done is counted by each process for itself, where there is no Redis."""

from __future__ import annotations

import threading

import pytest

from sessions_app.services import limits
from sessions_app.services.errors import TooMany
from tests import allowances


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    allowances.begin_anew()
    set_time(monkeypatch, 1_000_020.0)


def set_time(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(limits.time, "time", lambda: seconds)


def test_past_the_limit_one_waits_for_the_window_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        limits.count("a", most=2, seconds=60)
    limits.count("b", most=2, seconds=60)
    with pytest.raises(TooMany) as refused:
        limits.count("a", most=2, seconds=60)
    assert refused.value.retry_after == 61
    set_time(monkeypatch, 1_000_080.0)
    limits.count("a", most=1, seconds=60)


def test_windows_of_two_lengths_do_not_meet() -> None:
    limits.count("a", most=1, seconds=60)
    limits.count("a", most=1, seconds=900)


def test_however_many_others_there_are_nobody_is_forgotten() -> None:
    limits.count("a", most=1, seconds=60)
    for number in range(1_000):
        limits.count(f"other {number}", most=1, seconds=60)
    with pytest.raises(TooMany):
        limits.count("a", most=1, seconds=60)


def test_threads_count_together() -> None:
    def count() -> None:
        for _ in range(100):
            limits.count("a", most=400, seconds=60)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with pytest.raises(TooMany):
        limits.count("a", most=400, seconds=60)
