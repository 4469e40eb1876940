"""The operations page: staff alone, figures of any range, what is wrong in words, and few statements."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from sessions_app.metrics import exposition
from sessions_app.metrics.disk import disk_of_data
from sessions_app.metrics.samples import Sample, labelled
from sessions_app.models import User
from sessions_app.panels.operations import RANGES, look_back
from sessions_app.services import metric_samples
from tests import factories
from tests.conftest import Cast
from tests.doing import NINE
from tests.views.conftest import browse

MINUTE = dt.timedelta(minutes=1)
CLASSES = (0, 0, 0, 8, 0, 2, 0, 0, 0, 0, 0, 0, 0)


def minute(route: str = "/", times: int = 10, failed: int = 0) -> list[Sample]:
    """What one minute left."""
    return [
        Sample("leftoff_requests", labelled(route=route, status="2xx"), times, times, times),
        Sample("leftoff_requests", labelled(route=route, status="5xx"), failed, failed, failed),
        Sample("leftoff_request_seconds", labelled(route=route), 0.8, 10, 0.25, CLASSES),
        Sample("leftoff_database_seconds", labelled(by=route), 0.4, 1, 1),
        Sample("leftoff_database_statements", labelled(by=route), 90, 1, 1),
        Sample("leftoff_sockets", labelled(kind="page"), 6, 2, 4),
        Sample("leftoff_activity_accepted", labelled(**{"as": "new", "door": "page"}), 3, 3, 3),
        Sample("leftoff_activity_rejected", labelled(door="page", reason="too-large"), 1, 1, 1),
        Sample("leftoff_jobs", labelled(task="upkeep.upkeep", outcome="done"), 2, 2, 2),
        Sample("leftoff_jobs", labelled(task="upkeep.upkeep", outcome="failed"), 1, 1, 1),
        Sample("leftoff_job_seconds", labelled(task="upkeep.upkeep"), 0.6, 3, 0.25, CLASSES),
        Sample("leftoff_job_lag_seconds", "", 14, 2, 9),
    ]


@pytest.fixture
def staff(cast: Cast) -> User:
    return factories.user("Stella", is_staff=True)


@pytest.mark.parametrize("key", RANGES)
def test_every_range_adds_up_what_was_kept(database: None, key: str) -> None:
    """Of minutes, hours and days alike; what is older is left out."""
    chosen = RANGES[key]
    kept = [NINE - MINUTE, NINE - chosen.stretch * 5, NINE - chosen.stretch * (chosen.stretches - 1)]
    too_old = NINE - chosen.stretch * (chosen.stretches + 1)
    metric_samples.keep({moment: minute() for moment in (*kept, too_old)})
    figures = look_back(chosen, NINE)
    assert len(figures.moments) == chosen.stretches
    assert sum(figures.grew("leftoff_requests")) == 30
    assert sum(figures.grew("leftoff_requests", "status=5xx")) == 0
    # Half of the numbers lie before the sixth eighth of the class that ends with 0.05.
    assert figures.quantile("leftoff_request_seconds", 0.5) == pytest.approx(0.025 + 0.025 * 5 / 8)
    assert max(figures.most("leftoff_job_lag_seconds")) == 9
    assert max(figures.mean("leftoff_job_lag_seconds")) == 7
    assert figures.by("leftoff_activity_rejected", "reason") == {"too-large": 3}


def test_sockets_are_those_open_at_a_time(database: None) -> None:
    """Two servers with two and four: six, however many minutes a step is of."""
    metric_samples.keep({NINE - MINUTE * n: minute() for n in range(1, 121)})
    hour, day = (look_back(RANGES[key], NINE) for key in ("1h", "24h"))
    assert hour.open_at_a_time("leftoff_sockets") == [6.0] * 60
    assert day.open_at_a_time("leftoff_sockets")[-2:] == [6.0] * 2


def test_staff_read_what_is_wrong_and_how_it_went(staff: User) -> None:
    with time_machine.travel(NINE, tick=False):
        metric_samples.keep({NINE - MINUTE: minute("/projects/<uuid:project_id>/", failed=7)})
        page = browse(staff).get("/operations/?range=1h")
    assert page.status_code == 200
    text = " ".join(page.text.split())
    assert "No worker is at work" in text
    assert "7 of 17 requests failed (5xx) within the last hour." in text
    assert "1 piece of activity refused within the last hour: 1 too large." in text
    assert "/projects/&lt;uuid:project_id&gt;/" in text
    assert "7 (41.2 %)" in text
    assert text.count("<svg") >= 9
    assert "style=" not in text
    for name in ("requests", "latency", "database", "activity", "jobs", "lag", "sockets", "push", "sessions"):
        assert f'id="{name}"' in text


def test_a_table_that_is_locked_hides_no_figure(staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up() -> None:
        raise OperationalError("statement timeout")

    monkeypatch.setattr("sessions_app.services.system.now", give_up)
    with time_machine.travel(NINE, tick=False):
        metric_samples.keep({NINE - MINUTE: minute()})
        page = browse(staff).get("/operations/?range=1h")
    assert page.status_code == 200
    assert "How the system stands cannot be asked now." in page.text
    assert "Workers" not in page.text
    assert page.text.count("<svg") >= 9


def test_the_figures_are_waited_for_as_any_page_is(staff: User) -> None:
    """How the system stands is given up sooner: for that alone."""
    browse(staff).get("/operations/")
    assert connection.connection.answer_seconds == connection.settings_dict["SILENCE_SECONDS"]


def test_a_failed_job_leads_to_the_admin(staff: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, status) values ('default', 'x', 'failed')"
        )
    text = browse(staff).get("/operations/").text
    assert "1 job failed for good." in text
    assert 'href="/admin/procrastinate/procrastinatejob/"' in text


def test_nothing_kept_yet_is_a_page_too(staff: User) -> None:
    for key in RANGES:
        page = browse(staff).get(f"/operations/?range={key}")
        assert (page.status_code, page.text.count("None in this period.")) == (200, 9)


@pytest.mark.parametrize("asked", ["2h", "", "24H", "x" * 500])
def test_a_range_that_is_none_is_refused(staff: User, asked: str) -> None:
    page = browse(staff).get("/operations/", {"range": asked})
    assert page.status_code == 422
    assert "must be one of 1h, 24h, 7d, 90d." in page.text


def test_only_staff_find_it(cast: Cast, staff: User) -> None:
    assert browse(cast.ann).get("/operations/").status_code == 404
    assert browse().get("/operations/").status_code == 302
    assert "/operations/" in browse(staff).get("/").text
    assert "/operations/" not in browse(cast.ann).get("/").text


def test_its_statements_do_not_grow_with_what_was_kept(staff: User) -> None:
    browser = browse(staff)
    with time_machine.travel(NINE, tick=False):
        with CaptureQueriesContext(connection) as empty:
            browser.get("/operations/")
        metric_samples.keep({NINE - MINUTE * n: minute(f"/{n}/") for n in range(1, 90)})
        with CaptureQueriesContext(connection) as full:
            browser.get("/operations/")
    assert len(full) == len(empty) <= 14


def test_a_data_folder_that_is_not_there_has_its_parents_disk(
    database: None, settings, tmp_path: Path
) -> None:
    """As on a web machine beside a PostgreSQL elsewhere."""
    settings.DATA_DIR = tmp_path / "no" / "such"
    assert disk_of_data().total == shutil.disk_usage(tmp_path).total
    assert b"leftoff_disk_free_bytes" in exposition.text([])
    assert browse(factories.user("Olga", is_staff=True)).get("/operations/").status_code == 200
