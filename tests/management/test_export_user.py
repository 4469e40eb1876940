"""`manage.py export_user`, and "Download my data": all that is kept of a person, and nothing of others."""

from __future__ import annotations

import csv
import io
import json
import signal
import stat
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.ledger import Kind
from sessions_app.models import Membership, Question
from sessions_app.panels import own_data
from sessions_app.panels.own_words import OWN
from sessions_app.services import (
    blockers,
    dependencies,
    hand_offs,
    items,
    members,
    messages,
    projects,
    questions,
    reviews,
    sessions,
    sign_ins,
    webhooks,
)
from tests import factories, filling
from tests.conftest import Cast
from tests.db.tools import owner_rows
from tests.doing import do, nothing_changes, report, the
from tests.management.running import manage
from tests.own_rows import ORACLE
from tests.views.conftest import _no_old_rate_limits, browse  # noqa: F401

# Columns that name a person and are no data of theirs: what somebody else did to or with it, what passes by
# itself in an hour, and what the product derives (sessions has the figures).
NOT_EXPORTED = {
    *(("projects", "created_by_id"), ("invitations", "accepted_by_id"), ("blockers", "waits_for_id")),
    *(("items", "state_by_id"), ("presences", "user_id"), ("socket_tickets", "user_id")),
    *(("session_rollups", "user_id"), ("django_admin_log", "user_id")),
    *(("users_groups", "user_id"), ("users_user_permissions", "user_id")),
}


# What somebody said in their own words, by who wrote which column; texts of an edit where it changed them.
OWN_WORDS = """
    with me as (select %s::uuid as id)
    select a.data ->> k
    from me, activities a, unnest(array['title', 'text', 'reason', 'outcome', 'after']) as k
    where a.actor_id = me.id and a.data ->> k <> '' and (
      a.kind in ('project.created', 'item.added', 'hand_off.left')
      or (a.kind in ('item.contested', 'item.confirmed') and k = 'reason')
      or (a.kind in ('item.decided', 'item.parked', 'item.explored') and k in ('reason', 'outcome')
        and not a.data ? 'superseded_by')
      or (a.kind in ('project.renamed', 'project.idle_set') and k = 'after')
      or (a.kind = 'blocker.raised' and k = 'text')
      or (a.kind = 'item.edited' and a.data ->> k is distinct from a.data -> 'before' ->> k)
    )
    union all
    select jsonb_array_elements_text(a.data -> 'alternatives') from me, activities a
    where a.actor_id = me.id and a.kind = 'item.decided' and a.data ? 'alternatives'
    union all select text from me, messages where user_id = me.id
    union all select answer from me, questions where ended_by_id = me.id and answer <> ''
"""


@pytest.fixture
def worked_together(cast: Cast) -> Cast:
    """Ann and Bob edited, decided, contested, answered and ended what is the other's, each in own words."""
    with acting_as_system([cast.project.id]):
        Membership.objects.filter(user=cast.bob).update(role="owner")
    for who, other in (("ann", "bob"), ("bob", "ann")):
        mine, theirs = f"{who}word", f"{other}word"
        by, by_other = partial(do, cast, who), partial(do, cast, other)
        edited, replaced, parked, contested, deleted = (
            by_other(items.add_item, title=f"{number} {theirs}", text=f"Of {theirs}") for number in range(5)
        )
        by(projects.rename_project, title=f"Project {mine}")
        by(items.edit_item, edited.id, title=edited.title, text=f"Mine {mine}", version=edited.version)
        by(dependencies.add_dependency, waiting_id=edited.id, blocking_id=parked.id)
        by(items.park_item, parked.id, reason=f"Later {mine}", wake_item_id=edited.id)
        by(
            items.decide_item,
            edited.id,
            reason=f"So {mine}",
            outcome=f"Thus {mine}",
            alternatives=[f"Or {mine}"],
            supersedes=[replaced.id],
        )
        by_other(items.decide_item, contested.id, reason=f"Why not {theirs}")
        by(reviews.contest_item, contested.id, reason=f"No {mine}")
        by_other(reviews.confirm_item, contested.id, reason=f"Yes {theirs}")
        by(items.explore_item, contested.id, reason=f"Again {mine}")
        by(items.delete_item, deleted.id)
        raised = by_other(blockers.raise_blocker_by_person, text=f"Stuck {theirs}")
        by(blockers.clear_blocker, raised.id)
        by(messages.post_message, text=f"I say {mine}")
        report(cast, "Scout", {"question": f"What is {theirs}?"})
        by(
            questions.answer_question,
            the(Question, cast, text=f"What is {theirs}?").id,
            answer=f"It is {mine}",
        )
        with acting_as(getattr(cast, who).id):
            sessions.start_session(getattr(cast, who).id, cast.project.id)
        by(hand_offs.leave_hand_off, text=f"Left {mine}")
    do(cast, "ann", members.change_role, cast.bob.id, role="viewer")
    return cast


@pytest.fixture
def told(cast: Cast) -> Cast:
    """Ann and Bob both did everything there is to do, each in words of their own."""
    filling.fill(cast.project, cast.ann)
    with acting_as_system([cast.project.id]):
        Membership.objects.filter(user=cast.bob).update(role="owner")
    for who, word in (("ann", "beacon"), ("bob", "zugunruhe")):
        user = getattr(cast, who)
        first, second = (
            do(cast, who, items.add_item, title=f"{title} {word}") for title in ("Tower", "Stairs")
        )
        do(cast, who, items.decide_item, first.id, reason=f"=HYPERLINK({word})")
        do(cast, who, reviews.contest_item, first.id, reason=f"No {word}")
        do(cast, who, items.park_item, second.id, reason=f"Later {word}")
        do(cast, who, messages.post_message, text=f"I say {word}")
        report(cast, "Scout", {"question": f"What does {who} mean?"})
        asked = the(Question, cast, text=f"What does {who} mean?")
        do(cast, who, questions.answer_question, asked.id, answer=f"It means {word}")
        raised = do(cast, who, blockers.raise_blocker_by_person, text=f"Stuck {word}")
        do(cast, who, blockers.dismiss_blocker, raised.id)
        with acting_as(user.id):
            members.invite(cast.project.id, user, role="viewer", email=f"guest-of-{word}@example.org")
            webhooks.create_webhook(cast.project.id, user, url=f"https://{word}.example.org/")
        sign_ins.sign_in(user.email, factories.PASSWORD, client="127.0.0.1")
    return cast


def test_it_is_what_the_oracle_says(told: Cast, tmp_path: Path) -> None:
    """Row by row, in both formats; the same as what the person downloads by themselves."""
    with nothing_changes():
        ran = manage("export_user", "ANN@example.org", "--output", str(tmp_path / "ann.zip"), "--json")
    files = unzipped((tmp_path / "ann.zip").read_bytes())
    for table, sql in ORACLE.items():
        expected = sorted(str(row[0]) for row in owner_rows(sql, told.ann.id))
        assert sorted(str(row["id"]) for row in json.loads(files[f"{table}.json"])) == expected, table
        assert sorted(row["id"] for row in records(files, table)) == expected, table
        assert ran.document["rows"].get(table, 0) == len(expected), table
    assert set(files) == {"README.txt", *(f"{table}.{end}" for table in ORACLE for end in ("json", "csv"))}
    assert ran.document["rows"]["messages"] > 0
    assert {table for table, rows in ran.document["rows"].items() if not rows} <= {
        *("email_addresses", "external_identities", "contests", "questions"),
    }
    page = browse(told.ann).get("/profile/data/")
    downloaded = unzipped(b"".join(page.streaming_content))
    assert set(downloaded) == set(files)
    assert downloaded["messages.json"] == files["messages.json"]


def test_nothing_of_others_and_no_secrets(told: Cast, tmp_path: Path) -> None:
    manage("export_user", "ann@example.org", "--output", str(tmp_path / "ann.zip"))
    everything = "".join(unzipped((tmp_path / "ann.zip").read_bytes()).values())
    for word in (
        "zugunruhe",
        "bob@example.org",
        "What does bob mean?",
        "guest-of",
        "argon2",
        "md5$",
        "whsec",
    ):
        assert word not in everything, word
    assert "I say beacon" in everything
    for table, column in (
        ("agent_tokens", "token_hash"),
        ("invitations", "token_hash"),
        ("webhooks", "secret"),
    ):
        for (secret,) in owner_rows(f"select {column} from {table}"):
            assert secret not in everything


def test_where_two_worked_on_the_same_each_has_their_own_words(worked_together: Cast, tmp_path: Path) -> None:
    for who, other in (("ann", "bob"), ("bob", "ann")):
        file = tmp_path / f"{who}.zip"
        assert manage("export_user", f"{who}@example.org", "--output", str(file)).code == 0
        files = unzipped(file.read_bytes())
        # Which projects they are in, by the titles that these have: that is no secret to a member.
        memberships = [json.loads(files.pop("memberships.json")), records(files, "memberships")]
        assert [each["project_title"] for (each,) in memberships] == ["Project bobword"] * 2
        del files["memberships.csv"]
        for name, text in files.items():
            assert f"{other}word" not in text, name
            assert other.capitalize() not in text, name
        everything = "".join(files.values())
        said = [row[0] for row in owner_rows(OWN_WORDS, getattr(worked_together, who).id)]
        assert len(said) > 20
        assert [words for words in said if json.dumps(words)[1:-1] not in everything] == []


def test_every_kind_was_thought_of() -> None:
    assert set(OWN) == set(Kind)


def test_every_column_that_names_a_person_was_thought_of(database: None) -> None:
    """A table added tomorrow is exported, or said here why not."""
    named = {
        (row[0], row[1])
        for row in owner_rows(
            """
            select c.conrelid::regclass::text, a.attname::text
            from pg_constraint c
            join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any(c.conkey)
            -- The months of a table are that table.
            join pg_class t on t.oid = c.conrelid and not t.relispartition
            where c.contype = 'f' and c.confrelid = 'users'::regclass
            """
        )
    }
    oracle = {
        (table, column)
        for table, column in named
        if any(f"from {table} " in sql and f"{column} = " in sql for sql in ORACLE.values())
    }
    assert named - oracle == NOT_EXPORTED


def test_what_they_did_where_they_are_no_member_any_more(told: Cast, tmp_path: Path) -> None:
    with acting_as(told.ann.id):
        members.remove_member(told.project.id, told.actor("ann"), told.bob.id)
    manage("export_user", "bob@example.org", "--output", str(tmp_path / "bob.zip"))
    files = unzipped((tmp_path / "bob.zip").read_bytes())
    assert "I say zugunruhe" in files["messages.json"]
    assert json.loads(files["memberships.json"]) == []


def test_a_spreadsheet_takes_no_cell_for_a_formula(told: Cast, tmp_path: Path) -> None:
    manage("export_user", "ann@example.org", "--output", str(tmp_path / "ann.zip"))
    files = unzipped((tmp_path / "ann.zip").read_bytes())
    reasons = {row["reason"] for row in records(files, "decisions")}
    assert "'=HYPERLINK(beacon)" in reasons
    assert "=HYPERLINK(beacon)" in {row["reason"] for row in json.loads(files["decisions.json"])}


def test_it_is_read_in_batches(told: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """However long a table is, a batch of it is in memory."""
    manage("export_user", "ann@example.org", "--output", str(tmp_path / "whole.zip"))
    monkeypatch.setattr(own_data, "BATCH_ROWS", 2)
    manage("export_user", "ann@example.org", "--output", str(tmp_path / "parts.zip"))
    whole, parts = (unzipped((tmp_path / f"{name}.zip").read_bytes()) for name in ("whole", "parts"))
    del whole["README.txt"], parts["README.txt"]
    assert whole == parts


def test_a_file_that_is_there_stays(told: Cast, tmp_path: Path) -> None:
    there = tmp_path / "ann.zip"
    there.write_text("precious")
    ran = manage("export_user", "ann@example.org", "--output", str(there))
    assert (ran.code, there.read_text()) == (1, "precious")
    assert "is there already" in ran.error
    assert manage("export_user", "ann@example.org", "--output", str(there), "--force").code == 0
    assert stat.S_IMODE(there.stat().st_mode) == 0o600
    assert zipfile.ZipFile(there).testzip() is None
    assert list(tmp_path.iterdir()) == [there], "no draft is left"


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_breaks_off_leaves_no_file(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: signal.Signals
) -> None:
    """Also when its terminal is closed or somebody kills it."""

    def broken(*_args: object) -> Any:
        yield b"half"
        signal.raise_signal(asked)
        yield b"the rest"

    monkeypatch.setattr("sessions_app.management.commands.export_user.own_data", broken)
    # Where the tests themselves run under `nohup`, a closed terminal is ignored.
    before = signal.signal(asked, signal.default_int_handler)
    try:
        ran = manage("export_user", "ann@example.org", "--output", str(tmp_path / "ann.zip"))
        assert (ran.code, ran.error.split(".")[0]) == (1, "Interrupted")
        assert signal.getsignal(asked) is signal.default_int_handler
    finally:
        signal.signal(asked, before)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (["nobody@example.org"], 1, "Nobody has the e-mail nobody@example.org."),
        (["nul\x00@example.org"], 1, "email: holds characters that are not text"),
        (["ann@example.org", "--output", "/no/such/folder/ann.zip"], 1, "cannot be written"),
        ([], 2, "EMAIL"),
    ],
)
def test_bad_words_are_refused(cast: Cast, typed: list[str], code: int, said: str) -> None:
    ran = manage("export_user", *typed)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.error


def unzipped(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def records(files: dict[str, str], table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"{table}.csv"], newline="")))
