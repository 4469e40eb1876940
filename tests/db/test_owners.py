"""Never zero owners, however many leave at the same moment, by whatever door."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest

from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.models import Membership, User
from sessions_app.services import members
from sessions_app.services.errors import Invalid
from tests import factories
from tests.conftest import Cast
from tests.db.tools import CHECK_VIOLATION, attempt, column, connect, in_threads

ROUNDS = 8


def owners(project_id: UUID) -> int:
    return int(
        column("select count(*) from memberships where project_id = %s and role = 'owner'", project_id)[0]
    )


@pytest.mark.parametrize("how", ["leave", "step down", "leave in SQL", "step down in SQL"])
def test_of_two_owners_who_go_at_once_one_stays(cast: Cast, how: str) -> None:
    """One is let go, the other refused with a reason; never none, never an error beyond that."""
    go = {
        "leave": _leave,
        "step down": _step_down,
        "leave in SQL": _sql("delete from memberships where project_id = %s and user_id = %s"),
        "step down in SQL": _sql(
            "update memberships set role = 'viewer' where project_id = %s and user_id = %s"
        ),
    }[how]
    for _ in range(ROUNDS):
        project = factories.project(cast.ann, "Shared").id
        with acting_as_system([project]):
            Membership.objects.create(project_id=project, user=cast.bob, role="owner")
        gone = in_threads(
            lambda project=project: go(project, cast.ann), lambda project=project: go(project, cast.bob)
        )
        assert sorted(gone) == [False, True]
        assert owners(project) == 1


def test_everybody_at_once_in_one_statement_is_refused(cast: Cast) -> None:
    """Also a statement that takes all owners away in one go."""
    with acting_as(cast.ann.id):
        assert attempt("delete from memberships where project_id = %s", cast.project.id) == CHECK_VIOLATION
        assert (
            attempt("update memberships set role = 'editor' where project_id = %s", cast.project.id)
            == CHECK_VIOLATION
        )
    assert owners(cast.project.id) == 1


def test_a_project_has_an_owner_from_its_first_moment(cast: Cast) -> None:
    """The trigger makes the creator owner in the statement that makes the project."""
    with acting_as(cast.ann.id):
        made = factories.projects.create_project(cast.ann, title="New")
        assert [m.user_id for m in Membership.objects.filter(project=made, role="owner")] == [cast.ann.id]


def _leave(project: UUID, user: User) -> bool:
    return _allowed(lambda: members.remove_member(project, members.Actor.person(user), user.id), user)


def _step_down(project: UUID, user: User) -> bool:
    return _allowed(
        lambda: members.change_role(project, members.Actor.person(user), user.id, role="viewer"), user
    )


def _allowed(act: Callable[[], None], user: User) -> bool:
    try:
        with acting_as(user.id):
            act()
    except Invalid as refused:
        return not refused.rule.startswith("is the only owner")
    return True


def _sql(statement: str) -> Callable[[UUID, User], bool]:
    """The same past all code of ours: a plain connection of the run-time role."""

    def run(project: UUID, user: User) -> bool:
        with connect() as own:
            own.execute("select set_config('app.user_id', %s, false)", [str(user.id)])
            try:
                own.execute(statement, [project, user.id])
            except psycopg.errors.CheckViolation as refused:
                return refused.diag.constraint_name != "memberships_keep_an_owner"
        return True

    return run
