"""The tables kept by months: made ahead, dropped whole when nothing in them is needed; nobody waits."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from django.db import OperationalError, connections

from sessions_app import clock
from sessions_app.db.retry import QUERY_CANCELED
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.digest.digester import digest_waiting
from sessions_app.management import doctor
from sessions_app.metrics.samples import Sample
from sessions_app.services import metric_samples, partitions, retention, sessions, tracking
from tests.conftest import Cast, emptied_afterwards
from tests.db.tools import INSUFFICIENT_PRIVILEGE, attempt, column, connect, owner_rows
from tests.doing import DAY, NINE, report, send_report
from tests.management.running import manage
from tests.scratch import scratch

# SQLSTATEs by the names PostgreSQL's manual gives them.
INVALID_PARAMETER_VALUE = "22023"
IO_ERROR = "58030"

TABLES = ("agent_activities", "metric_samples", "tracked_activities")


@pytest.fixture(scope="module")
def apart(database_ready: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """A database of their own: months are made and dropped here."""
    with django_db_blocker.unblock(), scratch(connections["owner"].settings_dict["NAME"]):
        yield


@pytest.fixture
def database(apart: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """With the months of a new installation."""
    with django_db_blocker.unblock(), connect("owner") as owner:
        until = column(
            "select (date_trunc('month', now() at time zone 'UTC') + interval '2 months') at time zone 'UTC'"
        )[0]
        for name in column("select name from partitions_kept() where until is not null"):
            owner.execute(f"drop table {name}")
        for table in TABLES:
            first = f"{table}_before"
            owner.execute(
                f"create table {first} partition of {table} for values from (minvalue) to ('{until}')"
            )
            owner.execute("select close_partition(%s)", [first])
        owner.execute("select make_partition(m.parent, m.since) from missing_partitions(%s) as m", [until])
    with emptied_afterwards(django_db_blocker):
        yield


@pytest.fixture
def month(database: None) -> tuple[dt.datetime, dt.datetime]:
    """The begin and the end of the first month that has partitions of its own."""
    return owner_rows("select since, until from partitions_kept() where since is not null order by since")[0]


def partition_of(month: tuple[dt.datetime, dt.datetime], table: str) -> str:
    return f"{table}_{month[0]:%Y_%m}"


def lies_in(table: str) -> Counter[str]:
    """How many rows each partition has."""
    return Counter(column(f"select tableoid::regclass::text from {table}"))


def track(cast: Cast, moment: dt.datetime, *, digested: bool = True) -> None:
    with clock.at(moment), acting_as(cast.ann.id):
        tracking.track_activity(cast.ann.id, cast.project.id)
    if digested:
        digest_waiting([cast.project.id])


def test_a_row_lies_in_its_month_and_is_digested_there(
    cast: Cast, month: tuple[dt.datetime, dt.datetime]
) -> None:
    for moment in (NINE, month[0], month[1] - dt.timedelta(microseconds=1)):
        track(cast, moment)
    assert lies_in("tracked_activities") == {
        "tracked_activities_before": 1,
        partition_of(month, "tracked_activities"): 2,
    }
    assert column("select count(*) from tracked_activities where digested_at is null") == [0]


def test_a_month_goes_as_a_whole(cast: Cast, month: tuple[dt.datetime, dt.datetime]) -> None:
    """In the tables in which nothing of it is needed; what waits for the digester is."""
    track(cast, month[0] + DAY)
    track(cast, NINE, digested=False)
    with clock.at(month[0] + DAY):
        send_report(cast, "Scout", {"thought": "Hm"})
    with clock.at(month[1] + 365 * DAY):
        assert manage("prune", "--json").document["pruned"] == {"tracked_activities": 1}
    left = column("select name from partitions_kept()")
    assert partition_of(month, "tracked_activities") not in left
    assert {partition_of(month, "agent_activities"), "tracked_activities_before"} <= set(left)


def test_what_is_old_stays_to_the_end_of_its_month(
    cast: Cast, month: tuple[dt.datetime, dt.datetime]
) -> None:
    track(cast, month[0])
    with clock.at(month[1] + 364 * DAY):
        assert manage("prune", "--json").document["pruned"] == {}


def test_what_a_session_is_still_to_be_measured_from_keeps_its_month(
    cast: Cast, month: tuple[dt.datetime, dt.datetime]
) -> None:
    with clock.at(month[0]), acting_as(cast.ann.id):
        sessions.start_session(cast.ann.id, cast.project.id)
    track(cast, month[0] + dt.timedelta(minutes=1))
    with clock.at(month[1] + 400 * DAY):
        assert manage("prune", "--json").document["pruned"] == {}
    assert lies_in("tracked_activities") == {partition_of(month, "tracked_activities"): 1}


def test_a_month_with_some_of_the_newest_reports_stays(
    cast: Cast, month: tuple[dt.datetime, dt.datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "REPORTS_KEPT", 2)
    for moment in (month[0], month[0] + DAY, month[1] + DAY):
        with clock.at(moment):
            report(cast, "Scout", {"thought": "Hm"})
    with clock.at(month[1] + 400 * DAY):
        assert manage("prune", "--json").document["pruned"] == {"agent_activities": 1}
        assert lies_in("agent_activities")[partition_of(month, "agent_activities")] == 1
    with clock.at(month[1] + 2 * DAY):
        report(cast, "Scout", {"thought": "Hm"})
    with clock.at(month[1] + 400 * DAY):
        assert manage("prune", "--json").document["pruned"] == {"agent_activities": 1}
        assert partition_of(month, "agent_activities") not in column("select name from partitions_kept()")


def test_figures_go_by_months_and_what_was_counted_ever_stays(
    month: tuple[dt.datetime, dt.datetime],
) -> None:
    metric_samples.keep({month[0]: [Sample("leftoff_jobs", "", 1, 1, 1)]}, also_ever=True)
    with clock.at(month[1] + 400 * DAY):
        pruned = Counter()
        for table, rows in retention.prune(365):
            pruned[table] += rows
    assert pruned == {"metric_samples": 3}
    assert lies_in("metric_samples") == {"metric_samples_before": 1}
    assert partition_of(month, "metric_samples") not in column("select name from partitions_kept()")


def test_months_to_come_are_made_and_take_what_lay_in_none(
    cast: Cast, month: tuple[dt.datetime, dt.datetime]
) -> None:
    """The doctor says that they are missing, and what lies in none."""
    later = month[0] + 400 * DAY
    track(cast, later)
    assert lies_in("tracked_activities") == {"tracked_activities_default": 1}
    with clock.at(later):
        assert said_by_doctor() == [f"{table} has no partition for the time to come" for table in TABLES] + [
            "1 rows of tracked_activities lie in no month's partition"
        ]
        assert partitions.make_ahead(later) == 4 * len(TABLES)
        assert partitions.make_ahead(later) == 0
        assert lies_in("tracked_activities") == {f"tracked_activities_{later:%Y_%m}": 1}
        assert said_by_doctor() == ["what comes is kept by months, and the months to come are ready"]


def test_nobody_waits_for_a_month_that_is_made_or_dropped(
    cast: Cast, month: tuple[dt.datetime, dt.datetime]
) -> None:
    """Whoever reads the table keeps it as it is; it is tried again later."""
    track(cast, month[0])
    with connect("owner") as other:
        other.execute("begin; select count(*) from tracked_activities")
        with clock.at(month[1] + 400 * DAY):
            # Those of the other tables.
            assert partitions.make_ahead(clock.now()) == 4 * (len(TABLES) - 1)
            with pytest.raises(partitions.Later):
                list(partitions.drop_old("tracked_activities", month[1], reports_kept=1))
        other.execute("rollback")
    assert list(partitions.drop_old("tracked_activities", month[1], reports_kept=1)) == [1]


def test_a_month_that_others_hold_does_not_go_row_by_row(
    cast: Cast, month: tuple[dt.datetime, dt.datetime]
) -> None:
    """Nor does it keep a month of another table."""
    track(cast, month[0])
    metric_samples.keep({month[0]: [Sample("leftoff_jobs", "", 1, 1, 1)]})
    with clock.at(month[1] + 400 * DAY):
        with connect("owner") as other:
            other.execute("begin; select count(*) from tracked_activities")
            assert dict(retention.prune(365)) == {"metric_samples": 3}
        assert dict(retention.prune(365)) == {"tracked_activities": 1}


@pytest.mark.parametrize("trouble", [QUERY_CANCELED, IO_ERROR])
def test_a_table_in_trouble_holds_up_no_other(
    cast: Cast, month: tuple[dt.datetime, dt.datetime], trouble: str
) -> None:
    """One whose months take too long to look through waits; what else fails is told in the end."""
    track(cast, month[0])
    metric_samples.keep({month[0]: [Sample("leftoff_jobs", "", 1, 1, 1)]})
    pruned: Counter[str] = Counter()
    with connect("owner") as owner:
        [(as_it_is,)] = owner.execute("select pg_get_functiondef('month_is_needed'::regproc)").fetchall()
        owner.execute(
            as_it_is.replace(
                "begin",
                "begin if p_parent = 'tracked_activities' then"
                f" raise exception 'trouble' using errcode = '{trouble}'; end if;",
                1,
            )
        )
        told = pytest.RaisesGroup(OperationalError) if trouble == IO_ERROR else nullcontext()
        try:
            with told, clock.at(month[1] + 400 * DAY):
                for table, rows in retention.prune(365):
                    pruned[table] += rows
        finally:
            owner.execute(as_it_is)
    assert pruned == {"metric_samples": 3}
    assert lies_in("tracked_activities") == {partition_of(month, "tracked_activities"): 1}


def test_a_month_is_made_once_and_none_that_is_years_away(month: tuple[dt.datetime, dt.datetime]) -> None:
    """Whoever waited for another who made it finds it made."""
    later = month[1] + 400 * DAY
    since = column("select since from missing_partitions(%s)", later)[0]
    make = "select make_partition('tracked_activities', %s)"
    with connect() as one:
        assert [one.execute(make, [since]).fetchall() for _ in range(2)] == [[(True,)], [(False,)]]
    assert attempt(make, later + 400 * DAY) == INVALID_PARAMETER_VALUE


def test_only_the_admin_drops_a_month(cast: Cast, month: tuple[dt.datetime, dt.datetime]) -> None:
    name = partition_of(month, "tracked_activities")
    drop = f"select drop_partition('{name}', 'infinity', 1)"
    assert attempt(drop) == INSUFFICIENT_PRIVILEGE
    with acting_as_system([cast.project.id]):
        assert attempt(drop) == INSUFFICIENT_PRIVILEGE
    assert name in column("select name from partitions_kept()")


def said_by_doctor() -> list[str]:
    return [finding.what for _, finding in doctor.examine(["partitions"])]
