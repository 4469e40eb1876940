"""Figures over time: what grew is taken once, kept whatever else keeps, and is told by the hour and day."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge

from sessions_app import clock
from sessions_app.jobs.pruning import prune
from sessions_app.metrics import exposition, instruments, samples
from sessions_app.metrics.durations import LIMITS_SECONDS, Durations
from sessions_app.metrics.samples import Meter, Sample, label_in, labelled, summed
from sessions_app.models import MetricSample
from sessions_app.services import metric_samples
from tests.doing import NINE

MINUTE = dt.timedelta(minutes=1)
NONE = (0,) * (len(LIMITS_SECONDS) + 1)


def classes(**times: int) -> tuple[int, ...]:
    """Classes with so many in some of them, by their place: `at3=2`."""
    return tuple(times.get(f"at{place}", 0) for place in range(len(NONE)))


def test_labels_are_one_text_and_can_be_read_back() -> None:
    text = labelled(route="/projects/<uuid:project_id>/", status="2xx")
    assert text == "route=/projects/<uuid:project_id>/,status=2xx"
    assert [label_in(text, name) for name in ("route", "status", "by")] == [
        "/projects/<uuid:project_id>/",
        "2xx",
        "",
    ]
    assert labelled() == ""


def test_every_route_fits_into_the_column() -> None:
    from django.urls import get_resolver

    def templates(patterns: list[object], before: str = "/") -> list[str]:
        return [
            found
            for pattern in patterns
            for found in (
                templates(pattern.url_patterns, before + str(pattern.pattern))
                if hasattr(pattern, "url_patterns")
                else [before + str(pattern.pattern)]
            )
        ]

    for route in templates(get_resolver().url_patterns):
        assert len(f"route={route},status=2xx") <= samples.LABELS_MAX_CHARACTERS, route
        assert "," not in route, route


def test_a_meter_takes_what_grew_since_it_took_last(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = CollectorRegistry()
    requests = Counter("leftoff_requests", "-", ["route", "method", "status"], registry=registry)
    took = Durations("leftoff_request_seconds", "-", ("route", "method"), registry)
    sockets = Gauge("leftoff_sockets", "-", ["kind"], registry=registry)
    Counter("not_kept", "-", registry=registry).inc()
    monkeypatch.setattr(samples, "DURATIONS", (took,))
    meter = Meter((registry,))
    assert meter.take() == []

    for method, status in (("GET", "200"), ("POST", "204"), ("GET", "503")):
        requests.labels("/", method, status).inc()
    took.observe(0.003, "/", "GET")
    took.observe(0.2, "/", "POST")
    took.observe(99, "/", "POST")
    sockets.labels("page").set(7)
    assert meter.take() == [
        Sample("leftoff_request_seconds", "route=/", 99.203, 3, 99, classes(at0=1, at5=1, at12=1)),
        Sample("leftoff_requests", "route=/,status=2xx", 2, 2, 1),
        Sample("leftoff_requests", "route=/,status=5xx", 1, 1, 1),
        Sample("leftoff_sockets", "kind=page", 7, 1, 7),
    ]
    # What did not grow is nothing to keep; a gauge is read again.
    took.observe(0.01, "/", "GET")
    assert [(sample.metric, sample.most) for sample in meter.take()] == [
        ("leftoff_request_seconds", 0.01),
        ("leftoff_sockets", 7),
    ]


def test_a_duration_has_a_value_for_each_label() -> None:
    """Else whoever reads all of them would fail, and go on failing."""
    took = Durations("leftoff_request_seconds", "-", ("route", "method"), CollectorRegistry())
    for labels in ((), ("/",), ("/", "GET", "200")):
        with pytest.raises(ValueError, match="labels"):
            took.observe(0.1, *labels)
    assert took.take_longest() == {}


def test_two_processes_add_to_the_same_minute(database: None) -> None:
    slow = Sample("leftoff_push_seconds", "", 1.5, 2, 1.0, classes(at1=1, at7=1))
    fast = Sample("leftoff_push_seconds", "", 0.01, 1, 0.01, classes(at1=1))
    sent = Sample("leftoff_activity_sent", "door=page", 3, 3, 3)
    metric_samples.keep({NINE: [slow, sent]})
    metric_samples.keep({NINE: [fast], NINE + MINUTE: [fast]})
    rows = MetricSample.objects.filter(resolution="minute").order_by("metric", "at")
    assert [(row.at, row.total, row.observations, row.most, tuple(row.classes)) for row in rows] == [
        (NINE, 3, 3, 3, ()),
        (NINE, 1.51, 3, 1.0, classes(at1=2, at7=1)),
        (NINE + MINUTE, 0.01, 1, 0.01, classes(at1=1)),
    ]


def test_what_workers_count_is_told_by_the_servers(database: None) -> None:
    done = Sample("leftoff_jobs", labelled(task="upkeep.upkeep", outcome="done"), 2, 2, 2)
    took = Sample("leftoff_job_seconds", "task=upkeep.upkeep", 0.4, 2, 0.3, classes(at4=1, at6=1))
    metric_samples.keep({NINE: [done, took], NINE + MINUTE: [done]}, also_ever=True)
    metric_samples.keep({NINE: [Sample("leftoff_jobs", done.labels, 1, 1, 1)]})
    told = {
        (sample.name, *sample.labels.values()): sample.value
        for family in exposition.of_workers(metric_samples.ever())
        for sample in family.samples
    }
    assert told["leftoff_jobs_total", "upkeep.upkeep", "done"] == 4
    assert told["leftoff_job_seconds_bucket", "upkeep.upkeep", "0.1"] == 1
    assert told["leftoff_job_seconds_bucket", "upkeep.upkeep", "+Inf"] == 2
    assert told["leftoff_job_seconds_count", "upkeep.upkeep"] == 2
    assert told["leftoff_job_seconds_sum", "upkeep.upkeep"] == 0.4


def test_hours_and_days_are_what_their_minutes_come_to(database: None) -> None:
    """Of many series, of minutes kept together and one by one, some of them late: as plain Python adds up."""
    random = Random(6)
    moments = [NINE + MINUTE * n for n in range(0, 3 * 24 * 60, 97)]
    kept: list[tuple[dt.datetime, Sample]] = []
    for _ in range(30):
        minutes = {at: [_any(random) for _ in range(40)] for at in random.sample(moments, 4)}
        minutes = {at: summed(some) for at, some in minutes.items()}
        metric_samples.keep(minutes)
        kept += [(at, sample) for at, some in minutes.items() for sample in some]
    of = {
        "minute": lambda at: at,
        "hour": lambda at: at.replace(minute=0),
        "day": lambda at: at.replace(hour=0, minute=0),
    }
    expected: dict[tuple[str, dt.datetime, str, str], list[Sample]] = {}
    for at, sample in kept:
        for resolution, begin in of.items():
            expected.setdefault((resolution, begin(at), sample.metric, sample.labels), []).append(sample)
    rows = {(row.resolution, row.at, row.metric, row.labels): row for row in MetricSample.objects.all()}
    assert rows.keys() == expected.keys()
    for key, some in expected.items():
        row = rows[key]
        assert row.total == pytest.approx(sum(sample.total for sample in some))
        assert row.observations == sum(sample.observations for sample in some)
        assert row.most == max(sample.most for sample in some)
        columns = zip(*(sample.classes for sample in some), strict=True)
        assert row.classes == [sum(column) for column in columns]


def _any(random: Random) -> Sample:
    """A sample of one of 60 series, every third of them with classes."""
    number = random.randrange(60)
    counts = tuple(random.randrange(9) for _ in NONE) if number % 3 == 0 else ()
    seconds = random.random()
    return Sample(
        f"leftoff_{number % 6}", f"route=/{number}/", seconds, random.randrange(99), seconds, counts
    )


def test_each_is_kept_as_long_as_it_is_looked_at_and_what_workers_counted_stays(database: None) -> None:
    one = Sample("leftoff_jobs", "outcome=done,task=x", 1, 1, 1)
    metric_samples.keep({NINE: [one]}, also_ever=True)
    for days, gone in (
        (2, set()),
        (3, {"minute"}),
        (36, {"minute", "hour"}),
        (401, {"minute", "hour", "day"}),
    ):
        old = metric_samples.old(NINE + dt.timedelta(days=days))
        assert {row.resolution for row in old} == gone
    with clock.at(NINE + dt.timedelta(days=401)):
        prune.func(timestamp=0)
    assert [row.resolution for row in MetricSample.objects.all()] == ["ever"]


def test_what_is_kept_over_time_is_counted_somewhere() -> None:
    families = {
        family.name
        for registry in (instruments.REGISTRY, instruments.WORKER_REGISTRY)
        for family in registry.collect()
    }
    assert {*samples.COUNTED, *samples.READ} <= families


def test_summing_keeps_one_of_each() -> None:
    one = Sample("a", "", 1, 1, 1, (1,))
    assert summed([one, Sample("b", "", 1), one]) == [Sample("a", "", 2, 2, 1, (2,)), Sample("b", "", 1)]
