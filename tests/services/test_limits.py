"""How often something may be done is counted by each process for itself, where there is no Redis."""

from __future__ import annotations

import sys
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
    monkeypatch.setattr(limits.HERE, "_clock", lambda: seconds)


def test_past_the_limit_one_waits_for_the_window_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        limits.count("a", most=2, seconds=60)
    limits.count("b", most=2, seconds=60)
    with pytest.raises(TooMany) as refused:
        limits.count("a", most=2, seconds=60)
    assert refused.value.retry_after == 61
    set_time(monkeypatch, 1_000_080.0)
    limits.count("a", most=1, seconds=60)


def test_by_all_it_is_counted_in_windows_of_everybody_s_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the cache, which is Redis where there is one."""
    monkeypatch.setattr(limits.settings, "REDIS_URL", "redis://shared")
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_050.0)
    limits.count("a", most=1, seconds=60)
    with pytest.raises(TooMany) as refused:
        limits.count("a", most=1, seconds=60)
    assert refused.value.retry_after == 31
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_080.0)
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


def test_past_the_most_that_are_counted_who_was_quiet_longest_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MOST_COUNTED", 2)
    here = limits.Here(lambda: 0.0)
    assert [here.counted(what, 60)[0] for what in "abacab"] == [1, 1, 2, 1, 3, 1]


def test_a_window_that_is_over_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for length in (60, 900):
        limits.count("a", most=1, seconds=length)
    set_time(monkeypatch, 1_000_080.0)
    limits.count("a", most=1, seconds=10)
    assert limits.HERE._windows.keys() == {10, 900}


def test_who_comes_late_from_the_last_window_empties_no_counts() -> None:
    """A thread is held up once it has looked at the clock, while another begins the next window."""
    times = iter((59.0, 60.0, 61.0))
    is_looking, next_has_begun = threading.Event(), threading.Event()

    def look() -> float:
        now = next(times)
        if now == 59.0:
            is_looking.set()
            # In vain, where nobody else counts meanwhile.
            next_has_begun.wait(0.1)
        return now

    here = limits.Here(look)
    late = threading.Thread(target=here.counted, args=("a", 60))
    late.start()
    assert is_looking.wait(10)
    assert here.counted("a", 60) == (1, 60.0)
    next_has_begun.set()
    late.join()
    assert here.counted("a", 60) == (2, 59.0)


def test_threads_count_together() -> None:
    begin = threading.Barrier(4)

    def count() -> None:
        begin.wait(10)
        for _ in range(500):
            limits.count("a", most=2_000, seconds=60)

    # Each is broken off wherever it is.
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=count) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    with pytest.raises(TooMany):
        limits.count("a", most=2_000, seconds=60)
