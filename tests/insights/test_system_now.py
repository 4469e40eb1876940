"""What is wrong is said in words, worst first; what is usual is not."""

from __future__ import annotations

from dataclasses import replace

from sessions_app.insights.system_now import Lately, SystemNow, lags, wrongs

WELL = SystemNow(0, 3, 1, 0, 0.4, 1, 2.0, 0, 0, 0.0, 12)
MUCH = Lately(requests=1_000, broken=10)


def said(now: SystemNow | None = WELL, lately: Lately = MUCH, free: float = 0.5) -> list[tuple[str, str]]:
    return [(wrong.level, wrong.said) for wrong in wrongs(now, lately, disk_free_share=free)]


def test_nothing_is_wrong_when_all_is_well() -> None:
    assert said() == []
    # One failure of few says nothing.
    assert said(lately=Lately(requests=2, broken=1)) == []


def test_what_is_wrong_is_said_worst_first() -> None:
    bad = replace(
        WELL,
        jobs_due=1_200,
        job_lag_seconds=3_700,
        jobs_failed=1,
        workers=0,
        tracked_waiting=5,
        intake_lag_seconds=90,
    )
    lately = Lately(1_000, 11, {"too large": 1_204, "unknown field": 1}, 2)
    assert said(bad, lately, free=0.04) == [
        ("alarm", "No worker is at work: jobs, mails and reports wait. Start manage.py worker."),
        ("alarm", "Jobs are late: 1,200 due, the oldest for 1 h 2 min."),
        ("alarm", "The intake is late: 5 wait, the oldest for 1 min 30 s."),
        ("alarm", "11 of 1,000 requests failed (5xx) within the last hour."),
        ("alarm", "The disk of DATA_DIR is nearly full: 4% is free."),
        ("warning", "1 job failed for good."),
        ("warning", "2 hints could not be sent within the last hour: pages were late."),
        ("note", "1205 pieces of activity refused within the last hour: 1,204 too large, 1 unknown field."),
    ]


def test_what_cannot_be_asked_is_an_alarm_beside_what_is_known() -> None:
    assert said(None, Lately(hints_dropped=1)) == [
        ("alarm", "How the system stands cannot be asked now."),
        ("warning", "1 hint could not be sent within the last hour: pages were late."),
    ]


def test_how_far_behind_the_work_is_is_a_line_each() -> None:
    assert lags(WELL) == ["workers: 1 worker", "jobs: none due, 0 failed", "intake: none waiting"]
    behind = replace(WELL, workers=0, worker_silent_seconds=75.0, jobs_due=2, reported_waiting=3)
    assert lags(replace(behind, intake_lag_seconds=12.0)) == [
        "workers: none for 1 min 15 s",
        "jobs: 2 due for up to 0 s, 0 failed",
        "intake: 3 waiting for up to 12 s",
    ]
    assert lags(replace(behind, worker_silent_seconds=None))[0] == "workers: none was heard of"
