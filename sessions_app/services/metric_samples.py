"""The figures over time: kept by every process each minute, of that minute, its hour and its day."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import Q, QuerySet

from sessions_app.db import queries
from sessions_app.metrics.samples import Sample, summed
from sessions_app.models import MetricSample
from sessions_app.models.metrics import Resolution

# So long each is kept: more than the pages look back by it.
KEPT = {
    Resolution.MINUTE: dt.timedelta(days=2),
    Resolution.HOUR: dt.timedelta(days=35),
    Resolution.DAY: dt.timedelta(days=400),
}
# Of what a worker counted ever since the first one: it has no moment.
EVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def keep(minutes: Mapping[dt.datetime, Sequence[Sample]], *, also_ever: bool = False) -> None:
    """Add samples to their minutes, and to the hours and days of these, all or none.

    `also_ever`: they are a worker's, whom nobody scrapes: what it counts is also kept as it grew in all, for
    the servers to tell.
    """
    moments: dict[tuple[Resolution, dt.datetime], list[Sample]] = {}
    for at, samples in minutes.items():
        hour = at.replace(minute=0)
        of = {Resolution.MINUTE: at, Resolution.HOUR: hour, Resolution.DAY: hour.replace(hour=0)}
        for moment in (of | {Resolution.EVER: EVER} if also_ever else of).items():
            moments.setdefault(moment, []).extend(samples)
    rows = [
        asdict(sample) | {"resolution": resolution.value, "at": at.isoformat()}
        for (resolution, at), samples in moments.items()
        for sample in summed(samples)
    ]
    with connection.cursor() as cursor:
        cursor.execute(queries.text("keep_samples"), {"samples": json.dumps(rows)})


def ever() -> list[Sample]:
    """What all workers counted, ever since the first one."""
    rows = MetricSample.objects.filter(resolution=Resolution.EVER).order_by("metric", "labels")
    return [
        Sample(row.metric, row.labels, row.total, row.observations, row.most, tuple(row.classes))
        for row in rows
    ]


def old(now: dt.datetime) -> QuerySet[MetricSample]:
    """The minutes, hours and days that are kept no longer."""
    ages = [Q(resolution=resolution, at__lt=now - age) for resolution, age in KEPT.items()]
    return MetricSample.objects.filter(reduce(or_, ages))
