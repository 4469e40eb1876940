"""A database is dropped also while PostgreSQL itself is at work in it."""

from embedded_tools import query

from sessions_app.embedded import OWNER, Server
from sessions_app.management.backup.addresses import Address
from sessions_app.management.backup.databases import drop
from tests.waiting import wait_until

NAME = "unneeded"


def test_a_database_is_dropped_intervalit_is_tidied_up(shared: Server) -> None:
    """PostgreSQL lets only a superuser end its own process by force."""
    query(shared, f"create database {NAME}", database="postgres")
    query(
        shared,
        "create table crowded (n integer) with (autovacuum_vacuum_cost_delay = 100,"
        " autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_threshold = 1);"
        "insert into crowded select generate_series(1, 100000); delete from crowded",
        database=NAME,
    )
    _let_it_look_every("1s", shared)
    try:
        wait_until(lambda: _is_tidied_up(shared), 30)
        drop(Address(shared.params(OWNER, NAME)), NAME)
    finally:
        _let_it_look_every("1min", shared)
    assert query(shared, f"select 1 from pg_database where datname = '{NAME}'") == []


def _let_it_look_every(interval: str, server: Server) -> None:
    query(server, f"alter system set autovacuum_naptime = '{interval}'", role="postgres", database="postgres")
    query(server, "select pg_reload_conf()", role="postgres", database="postgres")


def _is_tidied_up(server: Server) -> bool:
    found = query(
        server,
        f"select 1 from pg_stat_activity where backend_type = 'autovacuum worker' and datname = '{NAME}'",
        role="postgres",
        database="postgres",
    )
    return bool(found)
