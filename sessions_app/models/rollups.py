"""Roll-ups: what sessions, work and decisions come to, so that no page of figures scans what they count.

A roll-up's rows are of a *quarter of an hour*, the smallest step by which time zones differ: the day of
whoever looks, wherever they are, is a whole number of them.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from sessions_app.models.projects import Project


class SessionRollup(models.Model):
    """One person's sessions in one project that began in one quarter of an hour, and are over.

    A session belongs to the moment it began, however long it lasted. The arrays hold a number for each
    session that has one, in no order: medians and percentiles are exact, not estimated from classes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    bucket = models.DateTimeField()
    sessions = models.IntegerField()
    # From start to end; the part of it in which something was done; since the end of the one before, if any;
    # from its start to the first act, if there was one. All in seconds.
    span_seconds = ArrayField(models.IntegerField())
    active_seconds = ArrayField(models.IntegerField())
    gap_seconds = ArrayField(models.IntegerField())
    lag_seconds = ArrayField(models.IntegerField())
    # How many items this person decided in each.
    items_decided = ArrayField(models.IntegerField())

    class Meta:
        db_table = "session_rollups"
        verbose_name = "session roll-up"
        verbose_name_plural = "session roll-ups"
        constraints = [
            models.UniqueConstraint(fields=["project", "user", "bucket"], name="session_rollups_once"),
        ]
        indexes = [
            models.Index(fields=["project", "bucket"], name="session_rollups_of_project"),
            models.Index(fields=["user", "bucket"], name="session_rollups_of_user"),
        ]


class WorkRollup(models.Model):
    """How often one kind of thing was done in one quarter of an hour, by people, agents or the system."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    bucket = models.DateTimeField()
    # As in the ledger.
    kind = models.CharField(max_length=40)
    actor_kind = models.CharField(max_length=10)
    times = models.IntegerField()
    # Of question.answered: how long each had waited.
    wait_seconds = ArrayField(models.IntegerField(), default=list, db_default=[])

    class Meta:
        db_table = "work_rollups"
        verbose_name = "work roll-up"
        verbose_name_plural = "work roll-ups"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "bucket", "kind", "actor_kind"], name="work_rollups_once"
            ),
        ]


class DecisionLife(models.Model):
    """How long a decision stood, from where an item came to be decided to where it no longer was."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    # A plain column, as in the ledger: a life outlives its item.
    item_id = models.UUIDField()
    began_version = models.BigIntegerField()
    began_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    # NULL while it stands; then "reopened", "superseded" or "left" (insights/stability.py).
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=10, blank=True)

    class Meta:
        db_table = "decision_lives"
        verbose_name_plural = "decision lives"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "item_id", "began_version"], name="decision_lives_once"
            ),
        ]
        indexes = [models.Index(fields=["project", "began_at"], name="decision_lives_began")]


class RollupFill(models.Model):
    """What of a project is rolled up: the ledger up to this version, and the sessions measured since."""

    project = models.OneToOneField(
        Project, on_delete=models.DO_NOTHING, primary_key=True, related_name="rollup_fill"
    )
    version = models.BigIntegerField(default=0)
    filled_at = models.DateTimeField()

    class Meta:
        db_table = "rollup_fills"
        verbose_name = "roll-up fill"
        verbose_name_plural = "roll-up fills"
