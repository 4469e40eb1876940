"""Who acts, acts for one transaction: nothing of it reaches the next user of the connection."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions_app.db.rls import acting_as, acting_as_admin, acting_as_agent, acting_as_system
from sessions_app.models import AgentToken, Project, User
from sessions_app.services import analytics
from tests import factories
from tests.conftest import Cast
from tests.db.tools import in_threads, rows_touched

SETTINGS = ("app.user_id", "app.agent_token_id", "app.projects", "app.admin", "app.project_id")


def seen() -> set[UUID]:
    """The projects that whoever acts now sees."""
    return set(Project.objects.values_list("id", flat=True))


def settings_now() -> set[str]:
    """The values of all settings the policies read; an unset one is ''."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(current_setting(name, true), '') from unnest(%s::text[]) as name", [[*SETTINGS]]
        )
        return {row[0] for row in cursor.fetchall()}


def server_process() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_it_ends_with_the_transaction_on_the_same_connection(cast: Cast) -> None:
    """The connection that Ann used shows nothing to whoever uses it next."""
    used = server_process()
    for _ in range(3):
        with acting_as(cast.ann.id):
            assert seen() == {cast.project.id}
        assert server_process() == used
        assert settings_now() == {""}
        assert seen() == set()
    with acting_as(cast.zoe.id):
        assert seen() == {cast.other.id}


def test_one_project_of_a_persons_is_all_they_see_there(cast: Cast) -> None:
    """And it opens no door: whose project it is not, sees none."""
    second = factories.project(cast.ann, "Second")
    with acting_as(cast.ann.id):
        assert seen() == {cast.project.id, second.id}
        with acting_as(cast.ann.id, second.id):
            assert seen() == {second.id}
        assert seen() == {cast.project.id, second.id}
    with acting_as(cast.zoe.id, second.id):
        assert seen() == set()


def test_it_ends_with_a_transaction_that_fails(cast: Cast) -> None:
    """An error takes the context along."""
    with pytest.raises(LookupError), acting_as(cast.ann.id):
        raise LookupError
    assert settings_now() == {""}
    assert seen() == set()


def test_an_inner_block_puts_the_outer_one_back(cast: Cast) -> None:
    """Each kind of context inside each other one: inside only the inner, afterwards only the outer."""
    for (outer, outside), (inner, inside) in itertools.product(_kinds(cast), repeat=2):
        with outer():
            with inner():
                assert seen() == inside
            assert seen() == outside
        assert seen() == set()


def test_inside_a_plain_transaction_nobody_acts_afterwards(cast: Cast) -> None:
    """A block inside a bare atomic() leaves nobody acting in the rest of it."""
    with transaction.atomic():
        with acting_as(cast.ann.id):
            assert seen() == {cast.project.id}
        assert seen() == set()
        assert settings_now() == {""}


def test_after_an_error_inside_the_outer_one_holds(cast: Cast) -> None:
    """An exception of Python's or of the database's in the inner block gives the outer one back."""
    with acting_as(cast.ann.id):
        with pytest.raises(LookupError), acting_as_admin():
            raise LookupError
        assert seen() == {cast.project.id}
        with pytest.raises(IntegrityError), acting_as_admin():
            User.objects.create_user(cast.bob.email)
        assert seen() == {cast.project.id}
        assert settings_now() == {str(cast.ann.id), ""}


def test_a_swallowed_database_error_cannot_end_well(cast: Cast) -> None:
    """Whoever hides an error from the block gets it at its end: the admin's rights stay inside."""

    def hide_an_error() -> None:
        with acting_as_admin(), suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("select 1 / 0")

    with acting_as(cast.ann.id):
        with pytest.raises(DatabaseError):
            hide_an_error()
        assert seen() == {cast.project.id}


def test_what_runs_after_the_commit_runs_for_nobody(cast: Cast) -> None:
    """Callbacks after a commit open a context of their own or see nothing."""
    found: list[set[UUID]] = []
    with acting_as(cast.ann.id):
        transaction.on_commit(lambda: found.append(seen()))
    assert found == [set()]


@dataclass
class Block:
    """A block to enter: who acts there (by number), whether it ends in an error, the blocks inside."""

    who: int
    fails: bool
    inside: list[Block] = field(default_factory=list)


BLOCKS = st.recursive(
    st.builds(Block, st.integers(0, 5), st.booleans()),
    lambda inner: st.builds(Block, st.integers(0, 5), st.booleans(), st.lists(inner, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=40)
@given(tree=BLOCKS)
def test_any_nesting_gives_back_what_was(cast: Cast, tree: Block) -> None:
    """However blocks are nested, and whichever of them fail: before and after each the same is seen."""
    kinds = _kinds(cast)

    def enter(block: Block) -> None:
        make, expected = kinds[block.who]
        with make():
            assert seen() == expected
            for inner in block.inside:
                try:
                    enter(inner)
                except LookupError:
                    assert inner.fails
                assert seen() == expected
            if block.fails:
                raise LookupError

    try:
        enter(tree)
    except LookupError:
        assert tree.fails
    assert settings_now() == {""}
    assert seen() == set()


@pytest.fixture
def pooled(cast: Cast) -> Iterator[Cast]:
    """The run-time connections come from a pool of three, as in a web process."""
    runtime = connections["default"]
    runtime.close()
    options = runtime.settings_dict["OPTIONS"]
    options["pool"] = {"min_size": 3, "max_size": 3, "timeout": 20}
    try:
        yield cast
    finally:
        runtime.close()
        runtime.close_pool()
        del options["pool"]


def test_nothing_leaks_through_a_pool(pooled: Cast) -> None:
    """Eight threads share three connections six hundred times: everybody sees their own, always."""
    kinds = _kinds(pooled)
    threads, rounds = 8, 75
    connection.close()  # the one this thread holds goes back into the pool

    def work(number: int) -> set[int]:
        dice = random.Random(number)
        processes = set()
        for _ in range(rounds):
            # What the one before left on this connection, seen by somebody who says nothing.
            assert seen() == set()
            assert settings_now() <= {""}
            make, expected = dice.choice(kinds)
            try:
                with make():
                    assert seen() == expected
                    processes.add(server_process())
                    if dice.random() < 0.3:
                        raise LookupError
            except LookupError:
                pass
            connection.close()  # back to the pool, as at the end of a request
        return processes

    used = in_threads(*(lambda number=number: work(number) for number in range(threads)))
    assert len(set().union(*used)) == 3
    assert max(len(processes) for processes in used) > 1, "no thread ever changed connections"


def _kinds(cast: Cast) -> list[tuple[Callable[[], AbstractContextManager[None]], set[UUID]]]:
    """Ways to make a context, each with what is seen in it."""
    mine, others = cast.project.id, cast.other.id
    with acting_as(cast.ann.id):
        token, _ = AgentToken.objects.get_or_create(
            project=cast.project, agent_type="QuestionerAgent", created_by=cast.ann, token_hash="a" * 64
        )
    return [
        (lambda: acting_as(cast.ann.id), {mine}),
        (lambda: acting_as(cast.zoe.id), {others}),
        (lambda: acting_as_agent(token.id), {mine}),
        (lambda: acting_as_system([others]), {others}),
        (acting_as_admin, {mine, others}),
        (lambda: acting_as(uuid4()), set()),
    ]


def test_one_project_costs_the_same_however_many_somebody_is_in(cast: Cast) -> None:
    """Also by the plans that PostgreSQL keeps, made while somebody asked who is in a few."""
    many = factories.user("Many")
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "insert into projects (id, title, created_by_id, created_at, updated_at)"
            " select gen_random_uuid(), 'Project ' || n, %s, now(), now() from generate_series(1, 1000) as n",
            [cast.ann.id],
        )
        cursor.execute(
            "insert into memberships (id, project_id, user_id, role, version, created_at)"
            " select gen_random_uuid(), id, %s, 'editor', 0, now() from projects",
            [many.id],
        )
        cursor.execute("analyze memberships")
    for _ in range(8):
        with acting_as(cast.bob.id, cast.project.id):
            analytics.get_summary(cast.bob.id, cast.project.id)
    with acting_as(many.id, cast.project.id), connection.cursor() as cursor:
        before = rows_touched(cursor, "^memberships$")
        analytics.get_summary(many.id, cast.project.id)
        assert rows_touched(cursor, "^memberships$") - before < 500
