"""What time itself brings: run every minute by the worker, or by cron through `manage.py upkeep`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from uuid import UUID

from django.contrib.sessions.models import Session as BrowserSession
from django.db import connection, transaction

from sessions_app import clock
from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as_system
from sessions_app.digest.digester import digest_waiting
from sessions_app.jobs.each import each_project
from sessions_app.jobs.job import ONE_TRY, job
from sessions_app.services import (
    blockers,
    events,
    idling,
    partitions,
    questions,
    reviews,
    sessions,
    steps,
    waking,
)


@dataclass
class Done:
    """How much an upkeep run did, by kind."""

    sessions_ended: int = 0
    questions_expired: int = 0
    blockers_cleared: int = 0
    items_woken: int = 0
    snoozes_ended: int = 0
    rows_digested: int = 0
    events_forgotten: int = 0
    reviews_due: int = 0
    items_warned: int = 0
    items_parked: int = 0
    months_made: int = 0

    def __iadd__(self, other: Done) -> Done:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))
        return self


@job(limit_seconds=300, waits=ONE_TRY, lock="upkeep", queueing_lock="upkeep")
def upkeep(timestamp: int) -> None:
    """Each minute; one that takes longer holds up the next, and no third waits behind them."""
    run_upkeep()


def run_upkeep(now: dt.datetime | None = None, *, is_trial: bool = False) -> Done:
    """Do what is due in every project, each project in transactions of its own; returns how much.

    A trial takes each back, and digests nothing, for what comes of a report is not known before.
    Running it twice, or in two places at once, does each thing once. Raises an ExceptionGroup when it
    failed in some projects; the others are done by then.
    """
    moment = now or clock.now()
    # Sign-ins that are over: Django keeps their rows until somebody clears them.
    if not is_trial:
        BrowserSession.objects.filter(expire_date__lt=moment).delete()
    each_done, failed = each_project(
        _projects_due(moment),
        lambda project_id: _upkeep_of(project_id, moment, is_trial=is_trial),
        "the upkeep",
    )
    # Where no month waits for what is digested, it lies in none.
    months_made = 0 if is_trial else partitions.make_ahead(moment)
    done = Done(rows_digested=0 if is_trial else digest_waiting(), months_made=months_made)
    for one in each_done:
        done += one
    if failed:
        raise failed
    return done


def _projects_due(now: dt.datetime) -> list[UUID]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select project_id from projects_with_upkeep(%s, %s)", [now, sessions.idle_limit(now)])
        return [row[0] for row in cursor.fetchall()]


@retrying
def _upkeep_of(project_id: UUID, now: dt.datetime, *, is_trial: bool) -> Done:
    with acting_as_system([project_id]):
        done = Done(
            # Memberships before the project: the order of locks everywhere.
            sessions_ended=len(sessions.end_idle(project_id, now)),
            snoozes_ended=steps.end_snoozes(project_id, now),
            questions_expired=questions.expire_due(project_id, now),
            blockers_cleared=blockers.clear_due(project_id, now),
            items_woken=waking.wake_due(project_id, now),
            events_forgotten=events.forget_events(project_id, now),
            reviews_due=reviews.ask_due(project_id, now),
        )
        stood = idling.warn_and_park(project_id, now)
        done.items_warned, done.items_parked = stood.warned, stood.parked
        transaction.set_rollback(is_trial)
        return done
