"""A signed-in panel's partial, beside the same partial by stock Django's middleware and templates."""

from __future__ import annotations

import pytest

from tests.benchmarks.client import drive, request
from tests.benchmarks.filling import fill
from tests.benchmarks.goals import Goals
from tests.benchmarks.serving import DAPHNE, SERVERS, UVICORN, served
from tests.benchmarks.turns import in_turn
from tests.faults.product import Person

TOPIC = "panel partial"
PANEL = "stats"
PEOPLE, ITEMS = 20, 100
ROUNDS, SECONDS = 3, 1.5
LEAST = {DAPHNE: 10.0, UVICORN: 20.0}


@pytest.mark.benchmark
@pytest.mark.timeout(300)
def test_a_partial_beside_stock_django(goals: Goals) -> None:
    with served() as leftoff:
        stage = leftoff.product.settle(people=PEOPLE)
        (project,) = stage.projects
        fill(leftoff.product, {project: ITEMS})
        for server in SERVERS:
            port = leftoff.ports[server]
            stock = leftoff.beside("tests.benchmarks.stock_site:application", server)
            path = f"/projects/{project}/panels/{PANEL}/"
            asked = {
                "one reader": (port, [_ask(stage.people[0], path)]),
                f"{PEOPLE} readers in turn": (port, [_ask(person, path) for person in stage.people]),
                "stock Django": (stock, [_ask(stage.people[0], f"/stock/{project}/{PANEL}/")]),
            }
            rates = in_turn(
                {
                    name: lambda at=at, requests=requests: drive(at, requests, seconds=SECONDS).rate
                    for name, (at, requests) in asked.items()
                },
                ROUNDS,
            )
            for name, rate in rates.items():
                goals.figure(TOPIC, f"{name}, {server}", rate, "a second")
            for name in list(rates)[:2]:
                ratio = rates[name] / rates["stock Django"]
                goals.at_least(TOPIC, f"{name}, to stock Django, {server}", ratio, LEAST[server], "x")
            _revoked(leftoff.product.oracle, stage.people.pop(), path, port)


def _revoked(oracle, person: Person, path: str, port: int) -> None:
    """Somebody who is a member no more gets nothing at the next request."""
    asked = [_ask(person, path)]
    drive(port, asked, in_flight=1)
    with oracle("postgres") as database:
        database.execute("delete from memberships where user_id = %s", [person.id])
    drive(port, asked, in_flight=1, expected=404)


def _ask(person: Person, path: str) -> bytes:
    return request(path, {"Cookie": person.cookie_header(), "HX-Request": "true"})
