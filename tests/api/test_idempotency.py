"""The nine rules of an Idempotency-Key (DESIGN, section 5)."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_admin
from sessions_app.models import IdempotencyKey, Item
from sessions_app.services import idempotency, members
from tests.api.conftest import Program, agent_program, data, problem
from tests.conftest import Cast
from tests.db.tools import is_somebody_waiting
from tests.doing import NINE, at_once, every

KEY = "round-1/try-7"
BODY = {"title": "Rent the hall"}


def add(who: Program, here: str, key: str | None = KEY, body: object = BODY) -> Any:
    """Post one item under a key."""
    more = {} if key is None else {"idempotency_key": key}
    return who.post(f"{here}/items", body, **more)


def test_the_same_again_gives_the_same_answer_and_nothing_twice(
    agent: Program, here: str, cast: Cast
) -> None:
    first, again = add(agent, here), add(agent, here)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(every(Item, cast)) == 1


def test_while_the_first_runs_the_second_is_a_conflict(agent: Program, here: str, cast: Cast) -> None:
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        # The project's lock, which the first request then waits for.
        with connection.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute("select set_config('app.projects', %s, true)", [f"{{{cast.project.id}}}"])
            cursor.execute("select lock_project(%s)", [cast.project.id])
            held.set()
            go_on.wait(10)
            cursor.execute("rollback")
        connection.close()

    def second() -> Any:
        # The first has the key once it waits for the project.
        while not is_somebody_waiting():
            pass
        answer = add(agent, here)
        go_on.set()
        return answer

    def first() -> Any:
        held.wait(10)
        return add(agent, here)

    _, done, refused = at_once(hold, first, second)
    assert done.status_code == 201
    assert "under way" in problem(refused, 409)["detail"]
    assert len(every(Item, cast)) == 1


def test_many_at_once_do_it_once(agent: Program, here: str, cast: Cast) -> None:
    answers = at_once(*[lambda: add(agent, here)] * 6)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert len(every(Item, cast)) == 1


def test_the_same_key_with_another_body_is_refused(agent: Program, here: str, cast: Cast) -> None:
    add(agent, here)
    refused = problem(add(agent, here, body={"title": "Another"}), 422)
    assert refused["errors"][0]["field"] == "Idempotency-Key"
    assert len(every(Item, cast)) == 1


@pytest.mark.parametrize("bad", [{"title": ""}, {"titel": "x"}, b"{", {"title": "x", "fills": ["nonsense"]}])
def test_after_a_refusal_it_may_be_tried_again(agent: Program, here: str, cast: Cast, bad: object) -> None:
    assert add(agent, here, body=bad).status_code in (400, 422)
    assert add(agent, here).status_code == 201
    assert len(every(Item, cast)) == 1


def test_a_key_belongs_to_one_caller_and_one_route(agent: Program, here: str, cast: Cast) -> None:
    other = agent_program(cast, "OtherAgent")
    assert add(agent, here).content != add(other, here).content
    told = agent.post(f"{here}/messages", {"text": "Hi"}, idempotency_key=KEY)
    assert told.status_code == 201
    assert len(every(Item, cast)) == 2


def test_it_is_kept_for_a_day(agent: Program, here: str, cast: Cast) -> None:
    with clock.at(NINE):
        add(agent, here)
    with clock.at(NINE + dt.timedelta(hours=23, minutes=59)):
        assert add(agent, here).headers["Idempotent-Replayed"] == "true"
    with clock.at(NINE + dt.timedelta(hours=24, minutes=1)):
        assert "Idempotent-Replayed" not in add(agent, here).headers
        with acting_as_admin():
            assert not idempotency.old(clock.now()).exists()
    with clock.at(NINE + dt.timedelta(days=3)), acting_as_admin():
        assert idempotency.old(clock.now()).count() == 1
    assert len(every(Item, cast)) == 2


def test_no_key_is_fine(agent: Program, here: str, cast: Cast) -> None:
    add(agent, here, None)
    add(agent, here, None)
    assert len(every(Item, cast)) == 2


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "x" * 256, "tab\there", "\x7f"])
def test_a_key_that_is_none_is_refused(agent: Program, here: str, cast: Cast, key: str) -> None:
    assert "Idempotency-Key" in problem(add(agent, here, key), 400)["detail"]
    assert every(Item, cast) == []


def test_what_is_kept_is_sealed(agent: Program, here: str) -> None:
    data(add(agent, here), 201)
    with acting_as_admin():
        assert "Rent the hall" not in IdempotencyKey.objects.get().answer


def test_nothing_is_told_again_to_whoever_may_no_longer(cast: Cast, bob: Program, here: str) -> None:
    """Promise 4: a revoke holds at the next request, also at one that was answered before (G07)."""
    assert bob.post(f"{here}/messages", {"text": "Hi"}, idempotency_key=KEY).status_code == 201
    with acting_as(cast.ann.id):
        members.change_role(cast.project.id, cast.actor("ann"), cast.bob.id, role="viewer")
    problem(bob.post(f"{here}/messages", {"text": "Hi"}, idempotency_key=KEY), 403)
    with acting_as(cast.ann.id):
        members.remove_member(cast.project.id, cast.actor("ann"), cast.bob.id)
    problem(bob.post(f"{here}/messages", {"text": "Hi"}, idempotency_key=KEY), 404)


def test_what_took_ones_own_right_away_is_told_again(
    cast: Cast, ann: Program, bob: Program, here: str
) -> None:
    """A retry of leaving or handing over finds no right any more, and is answered all the same."""
    to_bob, to_ann = (f"{here}/members/{who.id}/hand-over" for who in (cast.bob, cast.ann))
    for who, path in ((ann, to_bob), (bob, to_ann), (bob, f"{here}/leave")):
        first = who.post(path, idempotency_key=KEY)
        assert first.status_code == 200
        again = who.post(path, idempotency_key=KEY)
        assert (again.status_code, again.content) == (200, first.content)
        assert again.headers["Idempotent-Replayed"] == "true"


def test_an_archived_project_still_tells_again(cast: Cast, ann: Program, agent: Program, here: str) -> None:
    first = add(agent, here)
    assert ann.call("PATCH", here, {"archived": True}).status_code == 200
    assert add(agent, here).content == first.content
    problem(add(agent, here, "another"), 409)


def test_an_answer_under_a_lost_secret_key_is_not_done_again(
    agent: Program, here: str, cast: Cast, settings: object
) -> None:
    add(agent, here)
    settings.SECRET_KEY = "another one, of the fifty characters that a key must have"
    problem(add(agent, here), 409)
    assert len(every(Item, cast)) == 1
