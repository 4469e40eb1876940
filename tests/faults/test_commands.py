"""J07: each command twice, with what is not there, and stopped midway, while the server is up."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.faults.cases import case
from tests.faults.product import Product, Stage
from tests.faults.rows import OF_THE_SERVER, digests
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts
from tests.running import ROOT, environment, work_log

ADR = "# 1. Lamp\n\n## Status\n\nAccepted\n"
NOBODY = "7a4d6f5e-0000-4000-8000-000000000000"
# How each is typed; the words in braces are the case's own.
TYPED = {
    "agent_token": "list --project {project}",
    "backup": "--output {folder}/new-{number}.zip",
    "doctor": "--only policies roles",
    "erase_user": "{leaver} --yes",
    "export_user": "{owner} --output {folder}/own.zip --force",
    "import_project": "{folder}/adr --project Imported --owner {owner}",
    "migrate": "",
    "prune": "",
    "recompute_analytics": "--project {project}",
    "report": "--project {project}",
    "rollup_metrics": "--project {project}",
    "sweep_sessions": "--project {project}",
    "upkeep": "",
}
# With what is not there, or must not be done here: none ends well.
REFUSED = {
    "agent_token": "revoke --project {project} --token " + NOBODY,
    "backup": "--output {folder}/nowhere/new.zip",
    "create_roles": "",
    "doctor": "--only weather",
    "erase_user": "nobody@example.org --yes",
    "export_user": "nobody@example.org",
    "import_project": "{folder}/nothing --project Imported --owner {owner}",
    "migrate": "sessions_app 9999",
    "prune": "--older-than 1",
    "recompute_analytics": "--project " + NOBODY,
    "report": "--project Nowhere",
    "restore": "{folder}/nothing.zip",
    "rollup_metrics": "--project " + NOBODY,
    "sweep_sessions": "--project " + NOBODY,
    "upkeep": "--surprise",
}
# They serve or work until they are stopped: A05, W01 and J06 start and stop them.
THAT_STAY = {"demo", "serve", "worker"}
# The second time there is nobody by that address.
ONCE_ONLY = {"erase_user"}
# Where nothing was due, as here, they have nothing to tell.
WHERE_DUE = {"prune", "sweep_sessions", "upkeep"}
# Whoever reads only changes nothing that would have to be told.
READING = {"agent_token", "backup", "doctor", "migrate", "report"}


@pytest.fixture(scope="module")
def stage(product: Product) -> Stage:
    return product.settle(people=2)


@dataclass(frozen=True)
class Commands:
    names: tuple[str, ...]


def words(typed: str, stage: Stage, folder: Path, number: int = 0) -> list[str]:
    leaver = stage.owner.replace("p0-", "p1-")
    known = {"project": stage.projects[0], "owner": stage.owner, "leaver": leaver}
    return typed.format(folder=folder, number=number, **known).split()


def test_each_command_has_its_line() -> None:
    ours = {name for name, app in get_commands().items() if app == "sessions_app"}
    assert ours == TYPED.keys() | REFUSED.keys() | THAT_STAY


@case("J07")
@sizes(Commands(("import_project", "erase_user")), Commands(tuple(TYPED)))
def test_twice_is_once(
    size: Commands, product: Product, stage: Stage, verdicts: Verdicts, tmp_path: Path
) -> None:
    """Each twice with the server up: the second time changes no row, and what the first did is in the log."""
    (tmp_path / "adr").mkdir()
    (tmp_path / "adr" / "0001-lamp.md").write_text(ADR)
    failed, changed, untold = [], [], []
    for name in size.names:
        first = product.manage(name, *words(TYPED[name], stage, tmp_path, 1), check=False)
        before = kept(product)
        second = product.manage(name, *words(TYPED[name], stage, tmp_path, 2), check=False)
        if (first.returncode, second.returncode) != (0, 1 if name in ONCE_ONLY else 0):
            failed.append((name, first.returncode, first.stderr, second.returncode, second.stderr))
        changed += [(name, table) for table, rows in kept(product).items() if rows != before[table]]
        if name not in READING | WHERE_DUE and f"{name} by " not in first.stderr:
            untold.append(name)
    verdicts.none("commands that failed", failed)
    verdicts.none("tables that the second time changed", changed)
    verdicts.none("commands that leave no line in the log", untold)


@case("J07")
@sizes(Commands(("export_user", "rollup_metrics")), Commands(tuple(REFUSED)))
def test_what_is_not_there_is_refused(
    size: Commands, product: Product, stage: Stage, verdicts: Verdicts, tmp_path: Path
) -> None:
    """An exit code, a sentence, no traceback, no row changed."""
    before, well, unclear = kept(product), [], []
    for name in size.names:
        ran = product.manage(name, *words(REFUSED[name], stage, tmp_path), check=False)
        if ran.returncode not in (1, 2):
            well.append(name)
        if not ran.stderr.strip() or "Traceback" in ran.stderr:
            unclear.append((name, ran.stderr))
    verdicts.none("commands that ended well", well)
    verdicts.none("commands that did not say why in a sentence", unclear)
    verdicts.none(
        "tables that changed", [name for name, rows in kept(product).items() if rows != before[name]]
    )


def kept(product: Product) -> dict[str, str]:
    """A digest of each table's rows; a page of the server's writes these, too."""
    return digests(product, OF_THE_SERVER | {"django_session"})


@dataclass(frozen=True)
class Stops:
    records: int
    each: tuple[tuple[str, signal.Signals], ...]


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
MIDWAY = {
    "backup": "--output {folder}/half-{number}.zip",
    "export_user": "{owner} --output {folder}/half-{number}.zip",
    "import_project": "{folder}/log.jsonl --project Half-{number} --owner {owner}",
}
# As whom each reads and writes: bound by row security but for the back-up, which only reads.
ROLES = {
    ("backup", "sessions_backup"),
    ("export_user", "sessions_runtime"),
    ("import_project", "sessions_runtime"),
}
QUICK_STOPS = (("import_project", signal.SIGTERM), ("backup", signal.SIGKILL))


@case("J07")
@sizes(Stops(300, QUICK_STOPS), Stops(2_000, tuple((name, how) for name in MIDWAY for how in SIGNALS)))
def test_stopped_midway_nothing_is_half_done(
    size: Stops, product: Product, stage: Stage, verdicts: Verdicts, tmp_path: Path
) -> None:
    """Stopped while it is at work in the database: all or nothing, and the next try does it whole."""
    work_log(tmp_path / "log.jsonl", size.records)
    dice = random.Random(1)
    half, roles, stopped, well, unfinished = [], set(), set(), [], []
    for number, (name, how) in enumerate(size.each):
        typed = words(MIDWAY[name], stage, tmp_path, number)
        process = begin(product, name, *typed)
        at_work = roles_at_work(product, process)
        roles |= {(name, role) for role in at_work}
        time.sleep(dice.uniform(0, 0.2))
        process.send_signal(how)
        code = process.wait(30)
        # Who was done before the signal came was not stopped.
        stopped |= {name} if at_work and code != 0 else set()
        is_whole = wholeness(product, tmp_path, number, size.records)
        if False in is_whole:
            half.append((name, how))
        elif code == 0 and not is_whole:
            well.append((name, how))
        elif not is_whole:
            again = product.manage(name, *typed, check=False)
            if again.returncode != 0 or wholeness(product, tmp_path, number, size.records) != [True]:
                unfinished.append((name, how, again.stderr))
    verdicts.none("halves of files and of projects", half)
    verdicts.none("not done, and yet with a good exit code", well)
    verdicts.none("not done by the next try", unfinished)
    verdicts.none("kinds never stopped at work in the database", {name for name, _ in size.each} - stopped)
    verdicts.none("at work there as another role than its own", roles - ROLES)


def begin(product: Product, *typed: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "manage.py", *typed],
        cwd=ROOT,
        env=environment(product.data_dir, **product.more),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def roles_at_work(product: Product, process: subprocess.Popen[bytes]) -> set[str]:
    """As whom it reads or writes, once it does; nobody when it was done too soon."""
    # A back-up's connections are pg_dump's too; nobody else signs in as that role meanwhile. As the owner a
    # command only looks whether migrations are missing, which writes nothing.
    asking = """
        select usename from pg_stat_activity
        where xact_start is not null and (
          usename = 'sessions_backup'
          or application_name = %s and (usename <> 'sessions_owner' or backend_xid is not null)
        )
    """
    with product.oracle("postgres") as oracle:
        while process.poll() is None:
            if found := oracle.execute(asking, [f"leftoff {process.pid}"]).fetchall():
                return {role for (role,) in found}
            time.sleep(0.002)
    return set()


def wholeness(product: Product, folder: Path, number: int, records: int) -> list[bool]:
    """Whether what it made is whole; nothing when it made nothing."""
    file = folder / f"half-{number}.zip"
    made = [zipfile.ZipFile(file).testzip() is None] if file.exists() else []
    counting = """
        select count(i.id) from projects p left join items i on i.project_id = p.id
        where p.title = %s group by p.id
    """
    return made + [count == records for (count,) in product.ask(counting, f"Half-{number}")]
