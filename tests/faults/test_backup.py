"""J03: a back-up made under load is one moment, and becomes that moment again in an empty cluster."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sessions_app.db.catalog import Schema, schema
from sessions_app.db.guards import plain
from sessions_app.embedded.roles import SUPERUSER
from tests.faults.cases import case
from tests.faults.conftest import installing, running
from tests.faults.pages import OpenPage, until
from tests.faults.product import Person, Product, Stage
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts
from tests.waiting import wait_until


@dataclass(frozen=True)
class Load:
    writers: int
    tracked: int


# What there is to save, beside what comes meanwhile.
_MANY = """
from sessions_app.db.rls import acting_as_system
from sessions_app.models import TrackedActivity
with acting_as_system(["{project}"]):
    TrackedActivity.objects.bulk_create(
        [
            TrackedActivity(project_id="{project}", user_id="{person}", kind="k", version=1)
            for _ in range({tracked})
        ],
        batch_size=5000,
    )
print("MADE")
"""
# Whose sign-in was not saved signs in anew.
_SIGN_IN = """
from sessions_app.models import User
from tests.faults.signing_in import signed_in
print("KEY " + signed_in(User.objects.get(pk="{person}")))
"""
# Each is another one after a restore, or was cleared by it on purpose.
CHANGED_BY_A_RESTORE = {"procrastinate_workers", "django_session", "presences"}


@case("J03")
@sizes(Load(2, 2_000), Load(8, 100_000))
def test_a_back_up_under_load_and_the_way_back(size: Load, verdicts: Verdicts, tmp_path: Path) -> None:
    """A mail went out before, one waits, people write; then all of it in a cluster made from nothing."""
    mails = tmp_path / "mails"
    # A folder's whole path, past the slash that ends the host.
    to_files = f"filemail:///{mails}"
    with running("--no-worker", EMAIL_URL=to_files) as first, installing(EMAIL_URL=to_files) as second:
        stage = first.settle(people=1 + size.writers)
        first.manage("shell", "-c", filling(stage, size))
        invite(stage, "early@example.org")
        worker = first.worker()
        wait_until(lambda: addressees(mails)["early@example.org"], 60)
        worker.stop()
        invite(stage, "waiting@example.org")
        page = OpenPage(stage.people[0], stage.projects[0])
        page.load()

        before = rows_of(first)
        with writing(stage) as statuses:
            file, started = tmp_path / "leftoff.zip", time.monotonic()
            told = json.loads(first.manage("backup", "--output", str(file), "--json").stdout)
            saved_in = time.monotonic() - started
        after = rows_of(first)
        verdicts.only("answers to those who wrote meanwhile", statuses, [302])
        verdicts.at_least("written meanwhile", statuses.total(), 5)

        second.data_dir.mkdir(mode=0o755)
        shutil.copy(first.data_dir / "secret_key", second.data_dir)
        started = time.monotonic()
        restored = json.loads(second.manage("restore", str(file), "--yes", "--json").stdout)
        restored_in = time.monotonic() - started
        rows = rows_of(second)
        # Of each table some moment's between: what the back-up itself counts it may not have seen.
        between = {name: sorted((before[name], after[name])) for name in before.keys() - CHANGED_BY_A_RESTORE}
        verdicts.none(
            "tables with fewer or more rows than there were",
            [
                (name, rows.get(name), least, most)
                for name, (least, most) in between.items()
                if not least <= rows.get(name, -1) <= most
            ],
        )
        verdicts.none(
            "tables with other numbers of rows than the back-up tells",
            [name for name in between if rows.get(name) != told["rows"].get(name)],
        )
        verdicts.holds("the restore's own count is the same", restored["rows"] == told["rows"])
        verdicts.none("columns, constraints, policies, grants that differ", differing(first, second))
        found = json.loads(second.manage("doctor", "--only", "roles", "policies", "--json").stdout)[
            "findings"
        ]
        verdicts.none("the doctor's problems", [each for each in found if each["level"] == "problem"])

        earlier = addressees(mails)
        started = time.monotonic()
        second.serve()
        started_in = time.monotonic() - started
        second.worker()
        wait_until(lambda: addressees(mails)["waiting@example.org"], 60)
        # Whatever else would run does so at once: both workers look when they begin.
        time.sleep(2)
        sent = addressees(mails) - earlier
        verdicts.only("mails that waited, sent by two workers", sent.items(), [("waiting@example.org", 1)])
        reloads = asyncio.run(comes_back(page, second))
        verdicts.holds("an open page of before is told to reload", reloads > 0, f"{reloads} times")
        verdicts.holds(
            "seconds",
            True,
            f"back-up {saved_in:.1f}, restore {restored_in:.1f}, start {started_in:.1f}, "
            f"{sum(told['rows'].values()):,} rows",
        )


def filling(stage: Stage, size: Load) -> str:
    return _MANY.format(project=stage.projects[0], person=stage.people[0].id, tracked=size.tracked)


def invite(stage: Stage, email: str) -> None:
    """Leave a mail as a job."""
    form = {"role": "viewer", "email": email}
    assert stage.people[0].post(stage.path("invitations/"), form)[0] == 200


def addressees(mails: Path) -> Counter[str]:
    """How many mails each address got."""
    found = [file.read_text() for file in mails.glob("*.log")] if mails.exists() else []
    lines = [line for text in found for line in text.splitlines() if line.startswith("To: ")]
    return Counter(line.removeprefix("To: ") for line in lines)


@contextmanager
def writing(stage: Stage) -> Iterator[Counter[int]]:
    """All but the owner write messages for as long as the block takes; yields the answers' statuses."""
    statuses: Counter[int] = Counter()
    done = threading.Event()

    def write(person: Person) -> None:
        number = 0
        while not done.is_set():
            number += 1
            statuses[person.post(stage.path("messages/"), {"text": f"Message {number}"})[0]] += 1

    writers = [threading.Thread(target=write, args=[person]) for person in stage.people[1:]]
    for writer in writers:
        writer.start()
    try:
        yield statuses
    finally:
        done.set()
        for writer in writers:
            writer.join(30)


def rows_of(product: Product) -> dict[str, int]:
    """Rows by table, as one counts them whom no policy binds; the back-up's own role would see as it does."""
    with product.oracle(SUPERUSER) as oracle:
        # A table that is kept by months has its rows in these, which the back-up counts each.
        tables = oracle.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        ).fetchall()
        count = 'select count(*) from "{}"'
        return {name: oracle.execute(count.format(name)).fetchone()[0] for (name,) in tables}


def differing(first: Product, second: Product) -> list[str]:
    """What two catalogs tell differently: tables, columns, constraints, functions, policies, grants."""
    one, other = catalog_of(first), catalog_of(second)
    return [
        f"{kind}: {name}"
        for kind in one
        for name in one[kind].keys() | other[kind].keys()
        if spelled_plainly(one[kind].get(name)) != spelled_plainly(other[kind].get(name))
    ]


def spelled_plainly(told: list[object] | None) -> list[object] | None:
    """What a catalog tells of one thing, as both databases would spell it."""
    return told and [plain(each) if isinstance(each, str) else each for each in told]


def catalog_of(product: Product) -> Schema:
    with product.oracle() as oracle:
        return schema(oracle)


async def comes_back(page: OpenPage, product: Product) -> int:
    """Let a page of before come back to the restored product; returns how often it was reloaded."""
    done = product.manage("shell", "-c", _SIGN_IN.format(person=page.person.id))
    key = done.stdout.partition("KEY ")[2].strip()
    page.person.close()
    page.person = Person(page.person.id, page.person.cookies | {"sessionid": key}, product.web.port)
    stop = asyncio.Event()
    living = asyncio.create_task(page.live(stop))
    await until(lambda: page.reloads, 20)
    stop.set()
    await living
    page.person.close()
    return page.reloads
