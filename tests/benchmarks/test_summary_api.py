"""The summary by API: flat in the number of items, beside peers that count them and beside the floor."""

from __future__ import annotations

import http.client
import statistics
from collections.abc import Mapping

import pytest

from sessions_app import embedded
from tests.benchmarks import express_peer
from tests.benchmarks.client import drive, request
from tests.benchmarks.filling import fill
from tests.benchmarks.goals import Goals
from tests.benchmarks.raw_asgi import bearer
from tests.benchmarks.serving import DAPHNE, SERVERS, UVICORN, Served, served
from tests.benchmarks.turns import in_turn
from tests.faults.product import Person, Stage

TOPIC = "summary"
SIZES = (10, 100, 1_000, 10_000, 100_000)
# "1,000 pairs in turn": no process answers from what it keeps of the last one.
PEOPLE, PROJECTS, ITEMS = 50, 20, 100
ROUNDS, SECONDS, CHANGES = 3, 1.5, 12
PEER_LEAST = {DAPHNE: 1.0, UVICORN: 2.0}
FLOOR_LEAST = 0.6
EXPRESS, PYTHON = "peer in Express", "peer in Python"
ANEW = "1,000 pairs, each after a change"


@pytest.mark.benchmark
@pytest.mark.timeout(900)
def test_summary_by_api(goals: Goals) -> None:
    with served() as leftoff:
        product = leftoff.product
        sizes = product.settle(people=1, projects=len(SIZES))
        crowd = product.settle(people=PEOPLE, projects=PROJECTS)
        fill(product, dict(zip(sizes.projects, SIZES, strict=True)))
        fill(product, dict.fromkeys(crowd.projects, ITEMS))
        beside = _Beside(leftoff)
        for server in SERVERS:
            _growth(goals, leftoff.ports[server], server, sizes)
            _rates(goals, leftoff, server, sizes, crowd, beside)
        _peer_growth(goals, beside, sizes)


class _Beside:
    """What is measured beside: applications on both servers, and a server by itself."""

    def __init__(self, leftoff: Served) -> None:
        self.express = express_peer.start(leftoff.product, embedded.BACKUP)
        applications = {"peer": embedded.BACKUP, "floor": embedded.RUNTIME, "nothing": embedded.RUNTIME}
        self.ports = {
            (name, server): leftoff.beside(f"tests.benchmarks.{name}:application", server, role)
            for name, role in applications.items()
            for server in SERVERS
        }


def _growth(goals: Goals, port: int, server: str, stage: Stage) -> None:
    """The time of one summary, one after another, by the number of items: asked again, and after a change."""
    known = _medians({size: (port, _ours(stage, 0, number)) for number, size in enumerate(SIZES)})
    for name, medians in (("asked again", known), ("after a change", _changed(port, stage))):
        goals.curve(TOPIC, f"one summary {name}, {server}", medians, x="items", y="ms")
        ratio = medians[SIZES[-1]] / medians[SIZES[0]]
        what = f"{name}, time at {SIZES[-1]:,} items to that at 10, {server}"
        goals.at_most(TOPIC, what, ratio, 1.2, "x")


def _changed(port: int, stage: Stage) -> dict[int, float]:
    """The median milliseconds of the first summary after somebody said something, by the number of items."""
    speaker = stage.people[0].at(port)
    times: dict[int, list[float]] = {size: [] for size in SIZES}
    for number in range(CHANGES):
        for place, size in enumerate(SIZES):
            assert speaker.post(stage.path("messages/", place), {"text": f"News {number}"})[0] == 302
            times[size].append(drive(port, [_ours(stage, 0, place)], in_flight=1).median)
    speaker.close()
    return {size: statistics.median(values) * 1000 for size, values in times.items()}


def _rates(goals: Goals, leftoff: Served, server: str, sizes: Stage, crowd: Stage, beside: _Beside) -> None:
    """Answers a second with 16 in flight at 100 items: ours, the peers', the floor's, in turn."""
    port = leftoff.ports[server]
    project = sizes.projects[SIZES.index(100)]
    one = _ours(sizes, 0, SIZES.index(100))
    pairs = [(person, place) for person in range(PEOPLE) for place in range(PROJECTS)]
    known = request(_path(sizes, 0, SIZES.index(100)), _known(sizes.people[0], port, sizes))
    peer, floor, nothing = (beside.ports[name, server] for name in ("peer", "floor", "nothing"))
    plain = request(f"/{project}", bearer(sizes.people[0]))
    in_turn_asked = [request(f"/{crowd.projects[at]}", bearer(crowd.people[who])) for who, at in pairs]
    asked = {
        "one reader": (port, [one]),
        "1,000 pairs in turn": (port, [_ours(crowd, *pair) for pair in pairs]),
        f"{PYTHON}, one reader": (peer, [plain]),
        f"{PYTHON}, 1,000 pairs in turn": (peer, in_turn_asked),
        "floor, one reader": (floor, [plain]),
        "floor, 1,000 pairs in turn": (floor, in_turn_asked),
        "the load's own ceiling": (nothing, [plain]),
    }
    if beside.express:
        asked[f"{EXPRESS}, one reader"] = (beside.express, [plain])
        asked[f"{EXPRESS}, 1,000 pairs in turn"] = (beside.express, in_turn_asked)
    ways = {
        name: lambda at=at, requests=requests: drive(at, requests, seconds=SECONDS).rate
        for name, (at, requests) in asked.items()
    }
    pairs_asked = asked["1,000 pairs in turn"][1]
    ways[ANEW] = lambda: _all_anew(leftoff, port, crowd, pairs_asked)
    ways["known already, 304"] = lambda: drive(port, [known], seconds=SECONDS, expected=304).rate
    rates = in_turn(ways, ROUNDS)
    for name, rate in rates.items():
        goals.figure(TOPIC, f"{name}, {server}", rate, "a second")
    # Where there is no Node, it is to be as much quicker than the peer in Python.
    peer_told = EXPRESS if beside.express else PYTHON
    for readers in ("one reader", "1,000 pairs in turn"):
        ours = rates[readers]
        to_peer, to_floor = ours / rates[f"{peer_told}, {readers}"], ours / rates[f"floor, {readers}"]
        goals.at_least(TOPIC, f"{readers}, to the {peer_told}, {server}", to_peer, PEER_LEAST[server], "x")
        goals.at_least(TOPIC, f"{readers}, to the floor, {server}", to_floor, FLOOR_LEAST, "x")
    # The floor looks nothing up but whether a known answer stands.
    to_floor = rates[ANEW] / rates["floor, 1,000 pairs in turn"]
    goals.figure(TOPIC, f"{ANEW}, to the floor, {server}", to_floor, "x")


def _all_anew(leftoff: Served, port: int, crowd: Stage, requests: list[bytes]) -> float:
    """Answers a second when each is asked for once, and all has changed since it was asked for last."""
    with leftoff.product.oracle("postgres") as oracle:
        changed = "update project_counters set version = version + 1 where project_id = any(%s)"
        oracle.execute(changed, [crowd.projects])
    return drive(port, iter(requests)).rate


def _peer_growth(goals: Goals, beside: _Beside, stage: Stage) -> None:
    """What counting costs the peers: the reason for all the counters."""
    ports = {f"{PYTHON} on uvicorn": beside.ports["peer", UVICORN]}
    if beside.express:
        ports[EXPRESS] = beside.express
    for peer, port in ports.items():
        ways = {
            size: (port, request(f"/{project}", bearer(stage.people[0])))
            for size, project in zip(SIZES, stage.projects, strict=True)
        }
        goals.curve(TOPIC, f"one summary, the {peer}", _medians(ways), x="items", y="ms")


def _medians(ways: Mapping[int, tuple[int, bytes]]) -> dict[int, float]:
    """The median milliseconds of what is asked at each port, one after another."""
    return in_turn(
        {
            size: lambda port=port, asked=asked: (
                drive(port, [asked], seconds=SECONDS / 2, in_flight=1).median * 1000
            )
            for size, (port, asked) in ways.items()
        },
        ROUNDS,
    )


def _path(stage: Stage, person: int, project: int) -> str:
    return f"/api/sessions/summary/{stage.people[person].id}/{stage.projects[project]}"


def _ours(stage: Stage, person: int, project: int) -> bytes:
    return request(_path(stage, person, project), _authorization(stage.people[person]))


def _authorization(person: Person) -> dict[str, str]:
    return {"Authorization": f"Bearer {person.bearer}"}


def _known(person: Person, port: int, stage: Stage) -> dict[str, str]:
    """The headers of a program that has the newest already."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", _path(stage, 0, SIZES.index(100)), headers=_authorization(person))
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return _authorization(person) | {"If-None-Match": answer.headers["ETag"] or '""'}
