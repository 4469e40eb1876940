"""Projects: create, rename, archive, restore, delete."""

from __future__ import annotations

import uuid

import pytest
from django.db import DatabaseError, connection

from sessions_app import ledger as the_ledger
from sessions_app.db.retry import sqlstate
from sessions_app.db.rls import acting_as, acting_as_admin
from sessions_app.models import Membership, Project
from sessions_app.models.projects import TITLE_MAX_CHARACTERS
from sessions_app.services import (
    items,
    messages,
    projects,
)
from sessions_app.services.errors import Invalid, NotFound
from tests.conftest import Cast
from tests.doing import (
    NOT_TEXT,
    add,
    again,
    counter,
    do,
    kinds,
    ledger,
    nothing_changes,
    refused_field,
)
from tests.filling import fill


def test_who_creates_a_project_owns_it(cast: Cast) -> None:
    with acting_as(cast.zoe.id):
        project = projects.create_project(cast.zoe, title="  Second \n project ")
        member = Membership.objects.get(project=project)
        version = project.counter.version
        row = project.activities.get()
    assert (project.title, project.created_by_id) == ("Second project", cast.zoe.id)
    assert (member.user_id, member.role, version) == (cast.zoe.id, "owner", 1)
    assert (row.kind, row.data, row.actor_id) == ("project.created", {"title": project.title}, cast.zoe.id)


def test_nobody_creates_a_project_in_anothers_name(cast: Cast) -> None:
    with nothing_changes(), pytest.raises(DatabaseError), acting_as(cast.zoe.id):
        projects.create_project(cast.ann, title="Ann's, says Zoe")


def test_a_title_has_some_length_and_a_greatest(cast: Cast) -> None:
    def create(title: str) -> Project:
        with acting_as(cast.ann.id):
            return projects.create_project(cast.ann, title=title)

    for title in ("", " \t", "x" * (TITLE_MAX_CHARACTERS + 1), *NOT_TEXT):
        assert refused_field(create, title) == "title"
        assert refused_field(do, cast, "ann", projects.rename_project, title=title) == "title"
    assert len(create("🗼" * TITLE_MAX_CHARACTERS).title) == TITLE_MAX_CHARACTERS


def test_a_rename_says_both_names(cast: Cast) -> None:
    before = counter(cast).version
    do(cast, "ann", projects.rename_project, title="Beacon")
    assert again(cast.project).title == "Beacon"
    row = ledger(cast, before)[0]
    assert (row.kind, row.data) == ("project.renamed", {"before": "Lighthouse", "after": "Beacon"})
    with nothing_changes():
        do(cast, "ann", projects.rename_project, title=" Beacon ")


def test_archived_and_restored_once_each(cast: Cast) -> None:
    before = counter(cast).version
    do(cast, "ann", projects.archive_project)
    assert again(cast.project).archived_at is not None
    with nothing_changes():
        do(cast, "ann", projects.archive_project)
    do(cast, "ann", projects.restore_project)
    assert again(cast.project).archived_at is None
    with nothing_changes():
        do(cast, "ann", projects.restore_project)
    assert kinds(cast, before) == ["project.archived", "project.restored"]
    assert {row.data["title"] for row in ledger(cast, before)} == {"Lighthouse"}


def test_an_outsider_is_refused(cast: Cast) -> None:
    for verb, more in (
        (projects.rename_project, {"title": "Mine"}),
        (projects.archive_project, {}),
        (projects.restore_project, {}),
    ):
        with nothing_changes(), pytest.raises(DatabaseError):
            do(cast, "zoe", verb, **more)


def test_the_wrong_title_deletes_nothing(cast: Cast) -> None:
    for title in ("", "lighthouse", "Lighthouse!", "Zoe's own"):
        with nothing_changes(), pytest.raises(Invalid) as refused, acting_as(cast.ann.id):
            projects.delete_project(cast.project.id, confirm_title=title)
        assert refused.value.field == "confirm_title"


def test_deleting_takes_everything_of_the_project_and_nothing_else(cast: Cast) -> None:
    fill(cast.project, cast.ann)
    everything = tables_with_rows()
    mine = {name: rows - {cast.project.id} for name, rows in everything.items()}
    assert all(cast.project.id in rows for rows in everything.values()), "the test fills every table"
    with acting_as(cast.ann.id):
        projects.delete_project(cast.project.id, confirm_title=" Lighthouse ")
    assert tables_with_rows() == mine
    with acting_as_admin():
        assert [project.title for project in Project.objects.all()] == ["Zoe's own"]
    with acting_as(cast.zoe.id):
        assert Membership.objects.get(project=cast.other).role == "owner"


@pytest.mark.parametrize("who", ["bob", "vera"])
def test_only_an_owner_deletes_whatever_the_door(cast: Cast, who: str) -> None:
    """The database refuses it to an editor and a viewer."""
    with nothing_changes(), pytest.raises(DatabaseError) as refused, acting_as(getattr(cast, who).id):
        projects.delete_project(cast.project.id, confirm_title="Lighthouse")
    assert sqlstate(refused.value) == "42501"


def test_an_outsider_does_not_learn_that_it_is_there(cast: Cast) -> None:
    """The right title and a project that never was get the same answer."""
    for project_id in (cast.project.id, uuid.uuid4()):
        with nothing_changes(), pytest.raises(NotFound), acting_as(cast.zoe.id):
            projects.delete_project(project_id, confirm_title="Lighthouse")


def test_a_change_with_nothing_recorded_raises_no_version(cast: Cast) -> None:
    with nothing_changes(), acting_as(cast.ann.id), the_ledger.change(cast.project.id, cast.actor("ann")):
        pass


def test_one_transaction_is_one_version_however_many_verbs(cast: Cast) -> None:
    before = counter(cast).version
    with acting_as(cast.ann.id):
        items.add_item(cast.project.id, cast.actor("ann"), title="A")
        messages.post_message(cast.project.id, cast.actor("ann"), text="Hello")
    assert counter(cast).version == before + 1
    assert {row.version for row in ledger(cast, before)} == {before + 1}


def test_listeners_hear_of_a_change_after_its_commit_and_of_no_other(cast: Cast, monkeypatch) -> None:
    heard: list[the_ledger.Committed] = []
    monkeypatch.setattr(the_ledger, "_listeners", [heard.append])
    (item,) = add(cast, "A")
    assert heard == [the_ledger.Committed(cast.project.id, item.version)]
    with pytest.raises(ZeroDivisionError):
        add_and_fail(cast)
    do(cast, "bob", items.explore_item, item.id)
    assert len(heard) == 1


def add_and_fail(cast: Cast) -> None:
    with acting_as(cast.ann.id):
        items.add_item(cast.project.id, cast.actor("ann"), title="Never")
        raise ZeroDivisionError


def tables_with_rows() -> dict[str, set[uuid.UUID]]:
    """Of each table with a project_id, the projects it has rows of."""
    with acting_as_admin(), connection.cursor() as cursor:
        cursor.execute(
            "select table_name from information_schema.columns"
            " where table_schema = 'public' and column_name = 'project_id'"
        )
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f'select distinct project_id from "{table}"')
            found[table] = {row[0] for row in cursor.fetchall()}
    return found
