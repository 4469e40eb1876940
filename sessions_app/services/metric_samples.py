"""The figures over time: kept by every process each minute, made hours of later, pruned in the end."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from sessions_app.db import queries
from sessions_app.metrics.samples import Sample, summed
from sessions_app.models import MetricSample
from sessions_app.models.metrics import Resolution

# So long every minute can be looked at by itself, and after it every hour.
MINUTES_KEPT = dt.timedelta(days=2)
HOURS_KEPT = dt.timedelta(days=400)
# Of what a worker counted ever since the first one: it has no moment.
EVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def keep(minutes: Mapping[dt.datetime, Sequence[Sample]], *, also_ever: bool = False) -> None:
    """Add samples to their minutes, all or none.

    `also_ever`: they are a worker's, whom nobody scrapes: what it counts is also kept as it grew in all, for
    the servers to tell.
    """
    rows = [(Resolution.MINUTE, at, sample) for at, samples in minutes.items() for sample in samples]
    if also_ever:
        everything = summed(sample for samples in minutes.values() for sample in samples)
        rows += [(Resolution.EVER, EVER, sample) for sample in everything]
    with transaction.atomic():
        _add(rows)


def _add(rows: Sequence[tuple[Resolution, dt.datetime, Sample]]) -> None:
    """Add to what is there of the same figure and moment."""
    samples = [
        asdict(sample) | {"resolution": resolution.value, "at": at.isoformat()}
        for resolution, at, sample in rows
    ]
    with connection.cursor() as cursor:
        cursor.execute(queries.text("keep_samples"), {"samples": json.dumps(samples)})


def ever() -> list[Sample]:
    """What all workers counted, ever since the first one."""
    rows = MetricSample.objects.filter(resolution=Resolution.EVER).order_by("metric", "labels")
    return [_sample(row) for row in rows.values()]


def condense(now: dt.datetime) -> int:
    """Make hours of the minutes past MINUTES_KEPT, a day a transaction; returns how many minutes' samples.

    Safe to repeat and to interrupt: each day is condensed or is not.
    """
    before = (now - MINUTES_KEPT).replace(minute=0, second=0, microsecond=0)
    condensed = 0
    while True:
        with transaction.atomic():
            hours = queries.rows("condense_samples", {"before": before})
            _add([(Resolution.HOUR, row.pop("at"), _sample(row)) for row in hours])
        if not hours:
            return condensed
        condensed += sum(row["minutes"] for row in hours)


def _sample(row: Mapping[str, Any]) -> Sample:
    return Sample(
        row["metric"],
        row["labels"],
        row["total"],
        row["observations"],
        row["most"],
        tuple(row["classes"]),
    )


def old(now: dt.datetime) -> QuerySet[MetricSample]:
    """The hours past HOURS_KEPT."""
    return MetricSample.objects.filter(resolution=Resolution.HOUR, at__lt=now - HOURS_KEPT)
