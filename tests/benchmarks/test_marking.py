"""What it costs an insert that its row is to be digested: the row itself is the mark.

Plain is the same insert into a table that is the same but for the index of what waits, and nobody is told.
Ours keeps that index, and beside it hints leave as often as one process sends them. A ledger row marks
members' analytics as old by the version it carries anyway: there is no statement more to measure.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connections

from sessions_app import embedded
from sessions_app.live.hints import BATCH_SECONDS, MOST_IN_ONE
from sessions_app.live.layer import NOTIFY_CHANNEL
from tests.benchmarks.crowd import people_and_projects
from tests.benchmarks.goals import Goals
from tests.benchmarks.turns import rounds_of
from tests.db.tools import connect

TOPIC = "marking"
PEOPLE, MEMBERS, AT_ONCE = 2_000, 20, 8
# Many short rounds: what disturbs the machine for some seconds spoils some of them, on both sides.
ROUNDS, SECONDS = 11, 1

_PLAIN = """
create table plain_activities (like tracked_activities including defaults including identity)
  partition by range (received_at);
create table plain_activities_of_now partition of plain_activities default;
alter table plain_activities add primary key (id, received_at),
  add foreign key (project_id) references projects (id) deferrable initially deferred,
  add foreign key (user_id) references users (id) deferrable initially deferred,
  enable row level security, force row level security;
create index on plain_activities (project_id, received_at desc);
create policy of_my_projects on plain_activities
  using (project_id = any(array(select my_projects())))
  with check (project_id = any(array(select my_projects())))
"""
_INSERT = """\\set project random(0, {projects} - 1)
\\set member random(0, {members} - 1)
insert into {table} (project_id, user_id, kind, metadata, version, received_at)
values (md5('project' || :project::text)::uuid,
  md5('user' || ((:project::int * 37 + :member::int) % {people})::text)::uuid,
  'item.opened', '{{"itemId": "7f3c"}}', 1, now());
"""


@pytest.mark.benchmark
@pytest.mark.timeout(300)
@pytest.mark.parametrize("projects", [1, 200])
def test_marking_beside_plain_inserts(database: None, goals: Goals, open_folder: Path, projects: int) -> None:
    """Also on one project, where all of them meet."""
    with connect("owner") as owner:
        people_and_projects(owner, projects=projects, people=PEOPLE, members=MEMBERS)
        for statement in _PLAIN.split(";\n"):
            owner.execute(statement)
        try:
            acting = "{" + ",".join(str(row[0]) for row in owner.execute("select id from projects")) + "}"

            def inserts(table: str) -> float:
                script = open_folder / f"{table}.sql"
                sizes = {"projects": projects, "members": MEMBERS, "people": PEOPLE}
                script.write_text(_INSERT.format(table=table, **sizes))
                return _inserts_a_second(script, acting)

            def marked() -> float:
                with _hinting():
                    return inserts("tracked_activities")

            rates = rounds_of({"plain": lambda: inserts("plain_activities"), "marked": marked}, ROUNDS)
        finally:
            owner.execute("drop table plain_activities")
    where = "one hot project" if projects == 1 else f"{projects} projects"
    for name, rate in rates.items():
        goals.figure(
            TOPIC, f"{name} inserts, {AT_ONCE} at once, {where}", statistics.median(rate), "a second"
        )
    left = statistics.median(marked / plain for plain, marked in zip(*rates.values(), strict=True))
    cost = max(0.0, 1 - left)
    goals.at_most(TOPIC, f"marking, of a plain insert, {where}", cost * 100, 20, "%")


def _inserts_a_second(script: Path, acting: str) -> float:
    """How many rows a second pgbench gets in as the run-time role, a commit each, prepared."""
    params = connections["default"].get_connection_params()
    known = {
        f"PG{name}": str(params[key])
        for name, key in (
            ("HOST", "host"),
            ("PORT", "port"),
            ("USER", "user"),
            ("PASSWORD", "password"),
            ("DATABASE", "dbname"),
        )
        if params.get(key)
    }
    known["PGOPTIONS"] = f"-c app.projects={acting}"
    done = subprocess.run(
        [
            *(embedded.find_program("pgbench"), "--no-vacuum", "--protocol=prepared", "--jobs=1"),
            *(f"--client={AT_ONCE}", f"--time={SECONDS}", f"--file={script}"),
        ],
        env=os.environ | known,
        capture_output=True,
        text=True,
        timeout=SECONDS + 60,
    )
    found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    assert found, done.stderr
    return float(found[1])


@contextmanager
def _hinting() -> Iterator[None]:
    """Beside the block, hints as full and as often as a process sends them."""
    stop = threading.Event()
    text = ",".join(["6d1f4c1e-8f0a-4b57-9a53-0d6f0c1f2a10"] * MOST_IN_ONE)

    def send(sender: psycopg.Connection) -> None:
        while not stop.wait(BATCH_SECONDS):
            sender.execute("select pg_notify(%s, %s)", [NOTIFY_CHANNEL, text])

    with connect() as sender:
        thread = threading.Thread(target=send, args=[sender])
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
