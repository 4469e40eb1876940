"""Every figure a process counts. docs/operations/metrics.md says what each means; a test compares the two."""

from __future__ import annotations

import functools

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    ProcessCollector,
    disable_created_metrics,
)

from sessions_app.metrics.durations import Durations

# When each counter began is a second line for each that nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]

# Of our own: nothing that some library registers comes in unseen.
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
# Of what workers alone do: nobody scrapes them, so it is kept in the database, and servers tell it.
WORKER_REGISTRY = CollectorRegistry()

REQUESTS = Counter(
    "leftoff_requests",
    "Requests answered, by the route's template",
    ["route", "method", "status"],
    registry=REGISTRY,
)
REQUEST_SECONDS = Durations(
    "leftoff_request_seconds", "From a request to its answer", ("route", "method"), REGISTRY
)
STATEMENTS = Counter(
    "leftoff_database_statements",
    "Statements asked of the database, by the route or job that asked",
    ["by"],
    registry=REGISTRY,
)
DATABASE_SECONDS = Counter(
    "leftoff_database_seconds",
    "Time spent waiting for the database's answers, by the route or job that asked",
    ["by"],
    registry=REGISTRY,
)
REPLICA_READS = Counter(
    "leftoff_replica_reads",
    "Reads that may lag: answered by the replica; or not, for it was behind, away, or broke them off",
    ["outcome"],
    registry=REGISTRY,
)

ACTIVITY_SENT = Counter(
    "leftoff_activity_sent", "Pieces of activity sent to the intake", ["door"], registry=REGISTRY
)
ACTIVITY_ACCEPTED = Counter(
    "leftoff_activity_accepted",
    "Pieces of activity taken in: new, or again (sent before, counted once)",
    ["door", "as"],
    registry=REGISTRY,
)
ACTIVITY_REJECTED = Counter(
    "leftoff_activity_rejected", "Pieces of activity refused", ["door", "reason"], registry=REGISTRY
)
REFUSALS_UNTOLD = Counter(
    "leftoff_refusals_untold",
    "Refusals that were too many at once to be told to the projects' owners",
    registry=REGISTRY,
)

SESSIONS = Counter("leftoff_sessions", "Sessions started and ended", ["event"], registry=REGISTRY)

SOCKETS = Gauge("leftoff_sockets", "Open sockets of this process", ["kind"], registry=REGISTRY)
SOCKETS_CLOSED = Counter(
    "leftoff_sockets_closed",
    "Sockets closed, by close code; refused: no handshake",
    ["code"],
    registry=REGISTRY,
)
PUSH_SECONDS = Durations(
    "leftoff_push_seconds", "From the hint of a change to its panels on a socket", (), REGISTRY
)
HINTS_DROPPED = Counter(
    "leftoff_hints_dropped", "Hints that could not be sent; pages found out by themselves", registry=REGISTRY
)

JOBS = Counter("leftoff_jobs", "Tries of jobs that ended", ["task", "outcome"], registry=WORKER_REGISTRY)
JOB_SECONDS = Durations("leftoff_job_seconds", "How long one try of a job took", ("task",), WORKER_REGISTRY)

BUILD = Gauge("leftoff_build_info", "Which release this is; always 1", ["version"], registry=REGISTRY)


@functools.cache
def counter(family: Counter, *labels: str) -> Counter:
    """The counter with these labels, of which there are few: to look it up takes longer than to count."""
    return family.labels(*labels)


DURATIONS = (REQUEST_SECONDS, PUSH_SECONDS, JOB_SECONDS)
