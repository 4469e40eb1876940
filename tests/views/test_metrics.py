"""/metrics: whom it is told, in which form, and that it tells of routes and never of addresses."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from prometheus_client.parser import text_string_to_metric_families

from config.keys import check_metrics_token
from sessions_app.metrics.instruments import REQUESTS
from sessions_app.metrics.samples import Sample
from sessions_app.services import metric_samples
from tests.api.conftest import program
from tests.assets.asking import ask
from tests.conftest import Cast
from tests.doing import NINE, report
from tests.metrics.counting import Grown
from tests.views.conftest import World, browse

TOKEN = "a-token-of-the-tests-alone"


@pytest.fixture
def with_token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def scrape(token: str = TOKEN) -> Any:
    return browse().get("/metrics", headers={"authorization": f"Bearer {token}"})


def figures() -> dict[str, float]:
    """What a scrape tells, as Prometheus reads it: name and labels, and the value."""
    answer = scrape()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return {
        sample.name + "".join(f",{value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_without_a_token_of_its_own_it_is_not_there(cast: Cast) -> None:
    assert scrape("").status_code == scrape().status_code == 404


@pytest.mark.usefixtures("with_token", "database")
def test_only_whoever_shows_the_token_is_told() -> None:
    for header in ({}, {"authorization": TOKEN}, {"authorization": "Bearer other"}, {"cookie": TOKEN}):
        answer = browse().get("/metrics", headers=header)
        assert (answer.status_code, "leftoff_" in answer.text) == (401, False)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert browse().get(f"/metrics?token={TOKEN}").status_code == 401
    assert browse().post("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 405
    assert "Set-Cookie" not in scrape().headers


@pytest.mark.usefixtures("with_token")
def test_a_person_or_an_agent_is_not_told(cast: Cast) -> None:
    assert browse(cast.ann).get("/metrics").status_code == 401
    assert scrape(program(cast.ann).token).status_code == 401


def test_a_token_that_could_be_guessed_is_refused() -> None:
    check_metrics_token("")
    check_metrics_token("x" * 20)
    with pytest.raises(ImproperlyConfigured, match="METRICS_TOKEN is too short"):
        check_metrics_token("x" * 19)


@pytest.mark.usefixtures("with_token")
def test_one_scrape_tells_of_the_whole_system(cast: Cast) -> None:
    browse(cast.ann).get(f"/projects/{cast.project.id}/")
    report(cast, "ClarificationAgent", {"question": "Gas or oil?"})
    told = figures()
    assert told["leftoff_database_up"] == 1
    assert told["leftoff_sessions_active"] == 1
    assert {f"leftoff_jobs_waiting,{state}" for state in ("due", "later", "running")} <= told.keys()
    assert told["leftoff_intake_waiting,reported"] >= 0
    assert told["leftoff_workers"] == 0
    assert told["leftoff_build_info,0.1.0"] == 1


@pytest.mark.usefixtures("with_token")
def test_without_the_database_it_tells_what_it_knows(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sessions_app.services.system.answers", away)
    told = figures()
    assert told["leftoff_database_up"] == 0
    assert "leftoff_jobs_failed" not in told
    assert any(name.startswith("leftoff_requests_total") for name in told)


@pytest.mark.usefixtures("with_token")
@pytest.mark.parametrize(
    ("what", "missing"),
    [("system.now", "leftoff_workers"), ("metric_samples.ever", "leftoff_jobs_total,done,x")],
)
def test_a_table_that_is_locked_takes_nothing_else_along(
    database: None, monkeypatch: pytest.MonkeyPatch, what: str, missing: str
) -> None:
    metric_samples.keep({NINE: [Sample("leftoff_jobs", "outcome=done,task=x", 1)]}, also_ever=True)
    before = figures()
    monkeypatch.setattr(f"sessions_app.services.{what}", away)
    told = figures()
    assert told["leftoff_database_up"] == 1
    assert missing in before
    assert missing not in told
    assert {"leftoff_workers", "leftoff_jobs_total,done,x"} - told.keys() == {missing}


def away() -> None:
    raise OperationalError("statement timeout")


def test_a_route_is_told_by_its_template_and_what_is_unknown_by_one_word(world: World) -> None:
    browser, item = browse(world.cast.ann), world.item()
    grown = Grown("leftoff_requests_")
    browser.get(world.path("item", item_id=item.id))
    browser.get(f"/projects/{world.cast.other.id}/")
    for number in range(3):
        browser.get(f"/wp-login-{number}.php")
        browser.get(f"/api/none/{number}")
    ask("/static/css/base.css")
    browser.get(f"/static/{item.id}.css")
    browser.get("/?x=%00")
    browser.generic("BREW", "/livez")
    assert grown.by() == {
        ("total", "/projects/<uuid:project_id>/items/<uuid:item_id>/", "GET", "200"): 1,
        ("total", "/projects/<uuid:project_id>/", "GET", "404"): 1,
        ("total", "unknown", "GET", "404"): 6,
        ("total", "static", "GET", "200"): 1,
        ("total", "static", "GET", "404"): 1,
        ("total", "/", "GET", "400"): 1,
        ("total", "/livez", "other", "405"): 1,
    }
    # No id, no name, no text is in any figure there is.
    for family in REQUESTS.collect():
        for sample in family.samples:
            assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", sample.labels.get("route", ""))


def test_statements_and_times_are_told_by_the_route_that_asked(world: World) -> None:
    browser = browse(world.cast.ann)
    statements, seconds = Grown("leftoff_database_statements_"), Grown("leftoff_request_seconds_")
    browser.get("/")
    browser.get("/livez")
    asked = statements.by()
    assert asked["total", "/"] > 3
    assert ("total", "/livez") not in asked
    assert seconds.by()["count", "/", "GET"] == 1


def test_counting_asks_the_database_nothing(world: World) -> None:
    """The health page is answered, counted and logged without a statement."""
    statements = Grown("leftoff_database_statements_")
    browse().get("/livez")
    assert statements.by() == {}
