"""What the operators see over time, kept here so that it needs no other program."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Resolution(models.TextChoices):
    """How long a time one sample is of."""

    MINUTE = "minute"
    HOUR = "hour"
    # Of UTC.
    DAY = "day"
    # Of what a worker counted, as it grew since the first one: nobody scrapes a worker.
    EVER = "ever"


class MetricSample(models.Model):
    """One figure of one minute, hour or day, of all processes together.

    A counter's sample is what it grew by; a histogram's has how many observations fell into each class
    (`classes`, as `sessions_app/metrics` names their limits). Of a gauge that each process reads for itself
    (open sockets) it is the sum of what was read, once a minute each; of what all read alike (how the system
    stands) it is the sum and how often it was read.
    """

    Resolution: ClassVar = Resolution

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    resolution = models.CharField(max_length=6, choices=Resolution.choices)
    at = models.DateTimeField()
    metric = models.CharField(max_length=80)
    # "route=…,status=2xx": sorted names; empty where it has none.
    labels = models.CharField(max_length=200, blank=True)
    # The sum of what was observed, how many observations it is of, and the greatest of them.
    total = models.FloatField()
    observations = models.BigIntegerField()
    most = models.FloatField()
    classes = ArrayField(models.BigIntegerField(), default=list, db_default=[])

    class Meta:
        db_table = "metric_samples"
        constraints = [
            models.UniqueConstraint(
                fields=["resolution", "at", "metric", "labels"], name="metric_samples_once"
            ),
        ]
        indexes = [models.Index(fields=["metric", "resolution", "at"], name="metric_samples_of_metric")]
