"""J06: the embedded PostgreSQL refuses what it must, recovers by itself, and opens to nobody else."""

from __future__ import annotations

import random
import socket
import stat
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import psycopg

from sessions_app import embedded
from tests.commands import conftest as processes
from tests.faults.cases import case
from tests.faults.conftest import installing, running
from tests.faults.product import Person, Product
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts

# Who may use what only its owner may.
OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO
ROLES = ("postgres", embedded.OWNER, embedded.RUNTIME, embedded.BACKUP)


@case("J06")
def test_a_port_that_is_taken_is_said_before_anything_is_started(
    product: Product, verdicts: Verdicts
) -> None:
    """By the product itself, which goes on; and by another program, on a folder that stays empty."""
    second = product.manage("serve", "--port", str(product.web.port), check=False)
    verdicts.only("exit code of a second start", [second.returncode], [1])
    is_clear = "Is it running already?" in second.stderr and "Traceback" not in second.stderr
    verdicts.holds("it says why, in a sentence", is_clear)
    somebody = Person("", {}, product.web.port)
    verdicts.only("the first one's readiness afterwards", [somebody.get("/readyz")[0]], [200])
    somebody.close()
    with installing() as empty, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = empty.manage("serve", "--port", str(taken.getsockname()[1]), check=False)
        is_clear = "choose another --port" in refused.stderr and "Traceback" not in refused.stderr
        is_refused = refused.returncode == 1 and is_clear
        verdicts.holds("at a port of another program: refused, in a sentence", is_refused)
        verdicts.only("made in its folder", [path.name for path in empty.data_dir.iterdir()], ["secret_key"])


@case("J06")
def test_nobody_else_gets_in(product: Product, verdicts: Verdicts) -> None:
    """Not over the network, not without a password, not by the files."""
    with product.oracle("postgres") as oracle:
        listens = oracle.execute("show listen_addresses").fetchone()[0]
        others = oracle.execute(
            "select auth_method from pg_hba_file_rules where auth_method <> 'scram-sha-256'"
        ).fetchall()
    verdicts.only("listens at, beside its socket", [listens], ["", "127.0.0.1"])
    verdicts.none("ways in without a password", others)
    server = embedded.ensure_running(product.data_dir / "postgres")
    verdicts.none("roles let in by a wrong password", [role for role in ROLES if is_let_in(server, role)])
    folder = product.data_dir / "postgres"
    beside = [path for path in product.data_dir.iterdir() if path.name != "postgres" and is_secret(path)]
    verdicts.only("mode of the data's folder", [oct(stat.S_IMODE(folder.stat().st_mode))], ["0o700"])
    verdicts.none("secrets beside it that others may read", [path for path in beside if is_open(path)])
    verdicts.at_least("secrets looked at", len(beside), 2)


def is_let_in(server: embedded.Server, role: str) -> bool:
    with suppress(psycopg.OperationalError):
        psycopg.connect(**{**server.params(role, embedded.DATABASE), "password": "wrong"}).close()
        return True
    return False


def is_secret(path: Path) -> bool:
    return "password" in path.name or "key" in path.name


def is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & OF_OTHERS)


@dataclass(frozen=True)
class Kills:
    times: int


@case("J06")
@sizes(Kills(1), Kills(6))
def test_after_any_kill_the_next_start_recovers_alone(size: Kills, verdicts: Verdicts) -> None:
    """All of it while people write; then ours alone, which leaves an orphan; then another version."""
    with running() as product:
        stage = product.settle(people=1)
        (person,) = stage.people
        answered: list[str] = []
        dice = random.Random(1)
        for number in range(size.times):
            path = stage.path("messages/")
            writer = threading.Thread(target=write_until_it_breaks, args=[person, path, answered])
            before = len(answered)
            writer.start()
            until = time.monotonic() + 20
            while len(answered) < before + 3 and time.monotonic() < until:
                time.sleep(0.02)
            time.sleep(dice.uniform(0, 0.3))
            orphan = number % 2 == 1
            kill_all(product, but_the_database=orphan)
            writer.join(30)
            person.close()
            person.port = start_again(product)
        lost = set(answered) - stored(product)
        verdicts.at_least("answered before the kills", len(answered), 3)
        verdicts.none("answered, and lost", lost)

        orphaned = product.postmaster()
        kill_all(product, but_the_database=True)
        start_again(product)
        verdicts.holds("an orphaned server is taken on", product.postmaster() == orphaned)
        wrong_version(product, verdicts)
        verdicts.none("lost since", set(answered) - stored(product))


def write_until_it_breaks(person: Person, path: str, answered: list[str]) -> None:
    with suppress(OSError, HTTPException):
        while True:
            text = f"Message {len(answered)}"
            if person.post(path, {"text": text})[0] == 302:
                answered.append(text)


def kill_all(product: Product, *, but_the_database: bool = False) -> None:
    """SIGKILL all there is of the product, its worker too, at once."""
    its = processes.pids_using(product.data_dir)
    # A server that was started by one of ours has its environment too.
    everything = processes.programs_on(product.data_dir) | its
    processes.kill(everything - its if but_the_database else everything)
    for process in product.processes:
        process.popen.wait(10)


def start_again(product: Product) -> int:
    """The documented command, with nothing mended by hand; returns its port."""
    product.processes.clear()
    return product.serve().port


def stored(product: Product) -> set[str]:
    return {text for (text,) in product.ask("select text from messages")}


def wrong_version(product: Product, verdicts: Verdicts) -> None:
    """Data of another major version is refused in a sentence, untouched, and opens again as what it is."""
    for process in product.processes:
        process.stop()
    folder = product.data_dir / "postgres"
    embedded.stop(folder)
    version = folder / "PG_VERSION"
    as_it_was = version.read_text()
    version.write_text("16\n")
    before = picture(folder)
    refused = product.manage("serve", "--port", "0", check=False)
    is_clear = "made by PostgreSQL 16" in refused.stderr and "Traceback" not in refused.stderr
    verdicts.holds("data of another version: refused, in a sentence", refused.returncode == 1 and is_clear)
    verdicts.none("files of it that were touched", before.items() ^ picture(folder).items())
    version.write_text(as_it_was)
    start_again(product)


def picture(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Each file's mode, size and time of change."""
    facts = {path: path.lstat() for path in (folder, *folder.rglob("*"))}
    return {str(path): (fact.st_mode, fact.st_size, fact.st_mtime_ns) for path, fact in facts.items()}
