"""A back-up under writes, the way back from it, and all that must not harm what is there."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import signal
import threading
import zipfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import Client

from sessions_app import clock
from sessions_app.db.catalog import schema
from sessions_app.db.rls import acting_as
from sessions_app.jobs.stalled import end_stalled
from sessions_app.ledger import Actor
from sessions_app.management.backup import (
    addresses,
    archive,
    databases,
    dumping,
    inventory,
    programs,
    restoring,
    streams,
)
from sessions_app.models import ApiSignIn, Item
from sessions_app.services import items
from sessions_app.services.analytics import get_summary
from tests import factories
from tests.commands.conftest import SCRATCH, scratch_databases
from tests.conftest import Cast
from tests.filling import fill


@pytest.fixture(scope="module")
def cast(scratch: None) -> Cast:
    """Ann and her Lighthouse with a row in every table, Zoe and her own."""
    ann, zoe = factories.user("Ann"), factories.user("Zoe")
    made = Cast(ann, ann, ann, zoe, factories.project(ann, "Lighthouse"), factories.project(zoe, "Zoe's own"))
    fill(made.project, ann)
    return made


@pytest.fixture(scope="module")
def file(cast: Cast, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A back-up of that. A test that spoils it mends it again."""
    made = tmp_path_factory.mktemp("backup") / "made.zip"
    call_command("backup", output=made, stdout=io.StringIO())
    return made


def everything() -> tuple[list[str], dict[str, int], str]:
    """The databases, the rows and the epoch: what a restore that fails must not change."""
    with addresses.owner().connect() as there:
        epoch = there.execute("select database_epoch()").fetchall()[0][0]
        return scratch_databases(there), inventory.rows_of_database(there), epoch


def call(command: str, *arguments: object, **options: object) -> str:
    said = io.StringIO()
    call_command(command, *map(str, arguments), stdout=said, stderr=io.StringIO(), no_color=True, **options)
    return said.getvalue()


def refusal(*arguments: object, **options: object) -> str:
    with pytest.raises(CommandError) as refused:
        call(*arguments, **options)
    return str(refused.value)


def leave_jobs_at_work() -> None:
    """A mail, and one that the clock starts again anyway."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            """
            with worker as (insert into procrastinate_workers default values returning id)
            insert into procrastinate_jobs (task_name, args, status, worker_id, queue_name, queueing_lock)
            select task, '{}', 'doing', id, 'default', alone from worker, (
              values ('sessions_app.jobs.mail.deliver', null), ('sessions_app.jobs.upkeep.upkeep', 'upkeep')
            ) as job (task, alone)
            """
        )


def test_there_and_back_under_writes(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file holds one moment of a database that is written to; what it becomes is that moment again."""
    Client().force_login(cast.ann)
    sign_in = ApiSignIn.objects.create(user=cast.ann, expires_at=clock.now() + dt.timedelta(days=1))
    leave_jobs_at_work()
    with acting_as(cast.ann.id):
        before = get_summary(cast.ann.id, cast.project.id)
    with addresses.owner().connect() as owner:
        schema_before = schema(owner)
    other = tmp_path / "under writes.zip"
    with monkeypatch.context() as elsewhere:
        # As on a server with another time zone and style of dates than that of the restore.
        elsewhere.setenv("PGTZ", "Asia/Tokyo")
        elsewhere.setenv("PGDATESTYLE", "German")
        told = write_while(cast, lambda: json.loads(call("backup", output=other, json=True)))
    assert other.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [other]
    assert told["rows"]["django_session"] == 0
    assert told["rows"]["agent_tokens"] == 1
    *_, epoch = everything()

    connections.close_all()
    restored = json.loads(call("restore", other, replace=True, yes=True, json=True))
    assert restored["rows"] == told["rows"]
    assert restored["replaces"] == {"users": 2, "projects": 2}
    found_databases, rows, epoch_now = everything()
    assert found_databases == [SCRATCH, restored["kept_as"]]
    with addresses.owner().to("postgres").connect() as server:
        server.execute(f"drop database {restored['kept_as']}")
    jobs = told["rows"]["procrastinate_jobs"]
    assert rows == told["rows"] | {"procrastinate_workers": 0, "procrastinate_jobs": jobs - 1}
    assert epoch_now != epoch
    with addresses.owner().connect() as owner:
        assert owner.execute("select count(version_transaction) from project_counters").fetchall() == [(0,)]
        now = schema(owner)
    assert {kind: now[kind].keys() for kind in now} == {kind: schema_before[kind].keys() for kind in now}

    with acting_as(cast.ann.id):
        assert get_summary(cast.ann.id, cast.project.id) == before
        # Numbers go on where they were.
        items.add_item(cast.project.id, Actor.person(cast.ann), title="After the fire")
    sign_in.refresh_from_db()
    assert sign_in.ended_how == "restored from a back-up"
    browser = Client()
    browser.force_login(cast.ann)
    page = browser.get(f"/projects/{cast.project.id}/")
    assert page.status_code == 200
    assert "After the fire" in page.content.decode()

    # The mail is tried once more, and by one worker only.
    assert [end_stalled(), end_stalled()] == [1, 0]
    with connection.cursor() as cursor:
        cursor.execute("select status::text, attempts from procrastinate_jobs where task_name like '%mail%'")
        assert cursor.fetchall() == [("todo", 1)]


def write_while(cast: Cast, act: Callable[[], Any]) -> Any:
    """Add items to Zoe's project, one transaction each, for as long as `act` takes and longer."""
    done, first = threading.Event(), threading.Event()

    def write() -> None:
        try:
            while not done.is_set():
                with acting_as(cast.zoe.id):
                    items.add_item(cast.other.id, Actor.person(cast.zoe), title=f"At {clock.now()}")
                first.set()
        finally:
            connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert first.wait(10)
        return act()
    finally:
        done.set()
        writer.join()


def test_what_is_there_is_kept_until_somebody_says_otherwise(file: Path, cast: Cast) -> None:
    with acting_as(cast.ann.id):
        items.add_item(cast.project.id, Actor.person(cast.ann), title="Newer than the back-up")
    before = everything()
    assert refusal("restore", file).startswith("The database holds 2 people, 2 projects.")
    said = call("restore", file, dry_run=True)
    assert "The file is whole" in said
    assert "It would replace 2 people, 2 projects." in said
    assert everything() == before

    said = call("restore", file, replace=True, discard=True, yes=True)
    assert "Restored" in said
    assert "kept as" not in said
    assert everything()[0] == [SCRATCH]
    with acting_as(cast.ann.id):
        assert not Item.objects.filter(title="Newer than the back-up").exists()


def test_nobody_there_to_ask(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything()
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    assert refusal("restore", file, replace=True) == "Nothing was changed."
    assert "add --yes" in refusal("restore", file, replace=True)
    assert everything() == before


def test_a_database_in_use_is_left_alone(file: Path) -> None:
    with addresses.owner().connect() as somebody:
        somebody.execute("set application_name = 'leftoff 4711'")
        said = refusal("restore", file, replace=True, yes=True)
    assert said.startswith(f"The database {SCRATCH} is in use by leftoff 4711. Stop `serve`")


def test_one_restore_at_a_time(file: Path) -> None:
    """The second would drop what the first is about to put in place."""
    before, owner = everything(), addresses.owner()
    with databases.made_like(owner, f"{SCRATCH}_restoring"):
        assert refusal("restore", file, replace=True, yes=True) == (
            f"Another restore of the database {SCRATCH} is under way. Nothing was changed."
        )
        assert everything()[0] == [SCRATCH, f"{SCRATCH}_restoring"]
        with owner.to("postgres").connect() as server:
            server.execute(f"drop database {SCRATCH}_restoring")
    assert everything() == before


def test_tables_of_somebody_else_are_not_dropped(file: Path) -> None:
    """Nobody is there, and no project, but it is not nothing."""
    with addresses.owner().connect() as there:
        there.execute("create table recipes (id int)")
        assert databases.holdings(there, ["recipes"]) == {"users": 2, "projects": 2}
        assert databases.holdings(there, []) == {"users": 2, "projects": 2, "others": 1}
    try:
        said = refusal("restore", file)
        assert said.startswith("The database holds 2 people, 2 projects, 1 table of somebody else.")
    finally:
        with addresses.owner().connect() as there:
            there.execute("drop table recipes")


def test_an_interrupt_says_what_is_true(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the swap nothing was changed; from then on it comes too late, and the restore ends well."""
    before, compare, swap = everything(), restoring._compare, databases.put_in_place
    monkeypatch.setattr(restoring, "_compare", lambda *_: signal.raise_signal(signal.SIGTERM))
    assert refusal("restore", file, replace=True, yes=True) == "Interrupted. Nothing was changed."
    assert everything() == before

    def interrupted(*arguments: Any) -> None:
        swap(*arguments)
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(restoring, "_compare", compare)
    monkeypatch.setattr(databases, "put_in_place", interrupted)
    assert "Restored" in call("restore", file, replace=True, discard=True, yes=True)
    found, _, epoch = everything()
    assert found == [SCRATCH]
    assert epoch != before[2]


def test_what_came_while_the_file_was_restored_is_not_replaced(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything()
    numbers = count(2)
    monkeypatch.setattr(databases, "holdings", lambda *_: {"users": next(numbers)})
    assert "holds something else than when" in refusal("restore", file, replace=True, yes=True)
    assert everything() == before


@pytest.mark.parametrize("name", ["x" * 40, "x" * 53 + "_restoring", "x" * 63, "ä" * 31, "日" * 21])
def test_a_long_name_leaves_room_for_another(name: str) -> None:
    """PostgreSQL cuts names off at 63 bytes: of what is too long by its ending, only the source is left."""
    for ending in ("_restoring", "_before_20261126_153157"):
        made = databases.named_after(name, ending)
        assert made.endswith(ending)
        assert made != name
        assert len(made.encode()) <= 63
        assert made.encode()[:25].decode(errors="ignore") in name
        assert made != databases.named_after(name[:-1] + "z", ending)


def rewritten(file: Path, **told: Any) -> None:
    """The same dump under another manifest."""
    with zipfile.ZipFile(file) as zipped:
        manifest, dump = json.loads(zipped.read(archive.MANIFEST)), zipped.read(archive.DUMP)
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr(archive.MANIFEST, json.dumps(manifest | told))
        zipped.writestr(archive.DUMP, dump)


def flip_a_byte(file: Path) -> None:
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2] ^= 0xFF
    file.write_bytes(whole)


def damage_the_manifest(file: Path) -> None:
    with zipfile.ZipFile(file) as zipped:
        at = zipped.getinfo(archive.MANIFEST).header_offset + 30 + len(archive.MANIFEST)
    whole = bytearray(file.read_bytes())
    whole[at : at + 50] = b"\xff" * 50
    file.write_bytes(whole)


def marked(file: Path, offset: int, value: int) -> None:
    """Another number in the first entry of the zip's directory."""
    whole = bytearray(file.read_bytes())
    whole[whole.rindex(b"PK\x01\x02", 0, whole.rindex(b"PK\x01\x02")) + offset] = value
    file.write_bytes(whole)


SPOILED: dict[str, tuple[Callable[[Path], object], str]] = {
    "gone": (lambda file: file.unlink(), "There is no file"),
    "a folder": (lambda file: (file.unlink(), file.mkdir()), "cannot be read: Is a directory"),
    "empty": (lambda file: file.write_bytes(b""), "is not a whole back-up"),
    "cut short": (lambda file: file.write_bytes(file.read_bytes()[:-2000]), "is not a whole back-up"),
    "one byte wrong": (flip_a_byte, "is not a whole back-up: Bad CRC-32 for file 'database.dump'"),
    "another zip": (
        lambda file: zipfile.ZipFile(file, "w").close(),
        "is a zip file, but not a back-up of Leftoff",
    ),
    "another format": (lambda file: rewritten(file, format="leftoff back-up 9"), "its format is not"),
    "more than told": (lambda file: rewritten(file, mood="good"), "its manifest also tells mood."),
    "nonsense in the manifest": (
        lambda file: rewritten(file, rows=[], postgres="new"),
        "is damaged: its manifest does not tell postgres, rows rightly.",
    ),
    "damage in the manifest": (damage_the_manifest, "is not a whole back-up: Error -3"),
    "compressed in an unknown way": (
        lambda file: marked(file, 10, 99),
        "is not a whole back-up: That compression method is not supported",
    ),
    "encrypted": (lambda file: marked(file, 8, 1), "is not a whole back-up: File "),
    "of a newer release": (
        lambda file: rewritten(file, migrations=["sessions_app.0999_future"]),
        "made by a newer release: this one does not know sessions_app.0999_future",
    ),
    "of a newer server": (lambda file: rewritten(file, postgres="99.1"), "is of PostgreSQL 99.1"),
    "of another owner": (lambda file: rewritten(file, owner="somebody"), "belong to the role somebody"),
    "fewer rows than told": (
        lambda file: rewritten(file, rows={"items": 7}),
        "does not hold the rows that it should: activities (",
    ),
}


def test_a_file_that_is_spoiled_or_not_for_here_changes_nothing(file: Path) -> None:
    before, whole = everything(), file.read_bytes()
    for what, (spoil, expected) in SPOILED.items():
        spoil(file)
        for dry_run in (True, False):
            assert expected in refusal("restore", file, replace=True, yes=True, dry_run=dry_run), what
        if file.is_dir():
            file.rmdir()
        file.write_bytes(whole)
    assert everything() == before


def test_a_restore_that_fails_late_leaves_no_trace(file: Path) -> None:
    """All rows are there, and a policy is missing."""
    before = everything()
    told = archive.read_manifest(file).schema
    whole = file.read_bytes()
    rewritten(file, schema=told | {"policies": told["policies"] | {"items.of_nobody": []}})
    said = refusal("restore", file, replace=True, yes=True)
    assert said.startswith("The restored database differs from the back-up in policies: items.of_nobody.")
    assert everything() == before
    file.write_bytes(whole)


def test_another_key_is_said(file: Path, settings: Any) -> None:
    settings.SECRET_KEY = "another" * 10
    assert "SECRET_KEY is another one" in call("restore", file, dry_run=True)


def test_nothing_is_written_over_nor_into_nowhere(file: Path) -> None:
    whole = file.read_bytes()
    assert "is there already" in refusal("backup", output=file)
    assert "There is no folder" in refusal("backup", output=file.parent / "nowhere" / "made.zip")
    assert file.read_bytes() == whole


def test_a_folder_that_is_not_there_is_no_file(tmp_path: Path) -> None:
    said = refusal("backup", output=tmp_path / "backups")
    assert said == f"There is no folder {tmp_path / 'backups'}, and the name of a file has to end in .zip."
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_back_up_left_goes_when_it_is_old(tmp_path: Path) -> None:
    old, fresh, other = (
        tmp_path / name
        for name in (".leftoff-backup.a.unfinished", ".leftoff-backup.b.unfinished", ".other.unfinished")
    )
    for left in (old, fresh, other):
        left.write_bytes(b"half of it")
    os.utime(old, times=(0, 0))
    os.utime(other, times=(0, 0))
    with archive.draft_of(tmp_path / "made.zip") as draft:
        draft.write_bytes(b"all of it")
    assert {*tmp_path.iterdir()} == {fresh, other, tmp_path / "made.zip"}


def without_links(_draft: Path, _file: Path) -> None:
    raise PermissionError(1, "Operation not permitted")


@pytest.mark.parametrize("link", [os.link, without_links])
def test_of_two_back_ups_into_one_file_the_first_stays(
    link: Callable[[Path, Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", link)
    file = tmp_path / "made.zip"

    def make_both() -> None:
        with archive.draft_of(file) as slow:
            slow.write_text("slow")
            with archive.draft_of(file) as fast:
                fast.write_text("fast")

    with pytest.raises(CommandError, match="is there already"):
        make_both()
    assert file.read_text() == "fast"
    assert list(tmp_path.iterdir()) == [file]


BAD_ADDRESSES = {
    "postgres://sessions_backup:p%zzs3cret@db/sessions": "cannot be read",
    "sessions_backup:s3cret@db": "cannot be read",
    "postgres://sessions_backup:s3cret@db/sessions?nonsense=1": "cannot be read",
    "postgres://db/": "does not tell the role that signs in nor the database",
    "postgres://sessions_backup:s3cret@db": "does not tell the database",
    "postgres://sessions_backup:s3cret@db/sessions?sslpassword=hush": "holds sslpassword, which",
}


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_a_bad_address_is_a_sentence_without_it(address: str, settings: Any) -> None:
    settings.IS_EMBEDDED, settings.DATABASE_BACKUP_URL = False, address
    said = refusal("backup")
    assert BAD_ADDRESSES[address] in said
    assert "s3cret" not in said
    assert "hush" not in said


def test_an_interrupted_back_up_leaves_no_file(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_command: object, _environment: object, into: io.BytesIO) -> None:
        into.write(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(streams, "read_from", interrupt)
    assert refusal("backup", output=tmp_path) == "Interrupted. No file was written."
    assert list(tmp_path.iterdir()) == []


def test_a_dump_that_lacks_rows_is_no_back_up(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case J03's pitfall: a program that ends well and read nothing."""
    monkeypatch.setattr(dumping, "LEFT_OUT", ("items",))
    monkeypatch.setattr(inventory, "rows_of_dump", lambda _file, _major: {})
    assert "does not hold the rows that it should" in refusal("backup", output=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_role_that_policies_bind_makes_no_back_up(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = addresses._of_django("default")
    monkeypatch.setattr(addresses, "reader", lambda: runtime)
    said = refusal("backup", output=tmp_path)
    assert said.startswith("The role sessions_runtime does not see the rows of all projects")
    assert "alter role sessions_runtime bypassrls" in said
    assert list(tmp_path.iterdir()) == []


def test_a_server_of_ones_own_says_what_is_missing(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.IS_EMBEDDED = False
    assert "DATABASE_BACKUP_URL is not set" in refusal("backup")
    assert "DATABASE_OWNER_URL is not set" in refusal("restore", "made.zip")
    with pytest.raises(CommandError, match=r"apt install postgresql-client-99"):
        programs.find("pg_dump", 99)
