"""A07: the same event counts once; the same call under an Idempotency-Key is done once."""

from __future__ import annotations

import http.client
import json
import random
import socket
import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sessions_app import embedded
from tests.faults.cases import case
from tests.faults.product import Person, Product, Stage
from tests.faults.sizes import sizes
from tests.faults.tracking import by_page
from tests.faults.verdicts import Verdicts
from tests.faults.watching import held_up
from tests.waiting import wait_until


@dataclass(frozen=True)
class Repeats:
    events: int
    people: int


@case("A07")
@sizes(Repeats(25, 2), Repeats(400, 4))
def test_the_same_event_counts_once(product: Product, size: Repeats, verdicts: Verdicts) -> None:
    """Each event 1-5 times, partly at once, partly again after the first answer was not waited for."""
    stage = product.settle(people=size.people)
    dice = random.Random(7)
    events = [str(uuid.uuid4()) for _ in range(size.events)]
    statuses: Counter[int] = Counter()

    def send(person: Person, mine: list[str]) -> None:
        for number, event in enumerate(mine):
            if number % 5 == 0:
                send_and_leave(person, stage.projects[0], event)
            statuses[track(person, stage, event)[0]] += 1
        person.close()

    for person in stage.people:
        times = [event for event in events for _ in range(dice.randint(1, 5))]
        dice.shuffle(times)
        half = len(times) // 2
        threads = [
            threading.Thread(target=send, args=[person.at(person.port), part])
            for part in (times[:half], times[half:])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
    verdicts.only("answers", statuses, {202})
    mine = "project_id::text = %s"
    rows = product.ask(
        f"select user_id::text, event_id::text, count(*) from tracked_activities where {mine} group by 1, 2",
        stage.projects[0],
    )
    expected = {(person.id, event) for person in stage.people for event in events}
    verdicts.none("events without a row, rows without an event", expected ^ {row[:2] for row in rows})
    verdicts.only("rows an event", {count for _, _, count in rows}, {1})
    waiting = f"select from tracked_activities where {mine} and digested_at is null"
    wait_until(lambda: not product.ask(waiting, stage.projects[0]))
    counted = product.ask(
        f"select user_id::text, activities_tracked from session_analytics where {mine}", stage.projects[0]
    )
    verdicts.holds(
        "counted once for each person",
        dict(counted) == {person.id: size.events for person in stage.people},
        f"{size.events} each",
    )


def track(person: Person, stage: Stage, event: str, kind: str = "typed", **more: str) -> tuple[int, str]:
    return person.post(stage.path("activity/"), {"event_id": event, "kind": kind, **more})


def send_and_leave(person: Person, project: str, event: str) -> None:
    """Send an event, and hang up before the answer can come."""
    with socket.create_connection(("127.0.0.1", person.port), timeout=20) as line:
        line.sendall(by_page(person, project, event))


@case("A07")
def test_an_event_id_is_one_persons_own(product: Product, verdicts: Verdicts) -> None:
    stage = product.settle(people=2)
    ann, bob = stage.people
    event, fresh, mended = (str(uuid.uuid4()) for _ in range(3))
    first = track(ann, stage, event)
    verdicts.only("the same id with another body", [track(ann, stage, event, "other")[0]], {409, 422})
    equal = [track(bob, stage, each, "other") for each in (event, fresh)]
    verdicts.holds("another's equal id is answered as a fresh one", equal == [first, first], equal[0][0])
    verdicts.only("an event that is none", [track(ann, stage, mended, metadata="[]")[0]], {422})
    verdicts.only("the same id, mended", [track(ann, stage, mended)[0]], {202})


@dataclass(frozen=True)
class Rules:
    restarts: bool


@case("A07")
@sizes(Rules(restarts=False), Rules(restarts=True))
def test_a_call_under_a_key_is_done_once(product: Product, size: Rules, verdicts: Verdicts) -> None:
    """The nine rules of Idempotency-Key."""
    stage = product.settle(people=2)
    ann, bob = stage.people
    path, key = f"/api/projects/{stage.projects[0]}/items", str(uuid.uuid4())
    item, other, none = {"title": "Once"}, {"title": "Other"}, {"title": ""}

    def post(person: Person, body: dict[str, str], key: str, path: str = path) -> tuple[int, str]:
        return post_under(person, path, body, key)

    broken: list[object] = []

    def rule(number: int, holds: bool, figure: object) -> None:
        if not holds:
            broken.append((number, figure))

    first = post(ann, item, key)
    again = post(ann, item, key)
    rule(1, first[0] == 201 and again == first, (first, again))
    rule(2, *is_refused_while_under_way(product, ann, stage))
    rule(3, (got := post(ann, other, key))[0] == 422, got)
    mended = str(uuid.uuid4())
    tries = [post(ann, none, mended)[0], post(ann, other, mended)[0]]
    rule(4, tries == [422, 201], tries)
    elsewhere = post(ann, {"text": "Elsewhere"}, key, f"/api/projects/{stage.projects[0]}/messages")
    rule(5, elsewhere[0] == 201, elsewhere)
    rule(6, (got := post(bob, item, key))[0] == 201 and got != first, got)
    if size.restarts:
        port = product.web.port
        product.processes.pop().kill()
        product.serve(port=port)
        rule(7, (got := post(ann, item, key)) == first, got)
    without = [post(ann, item, "")[0] for _ in range(2)]
    rule(8, without == [201, 201], without)
    bad = [post(ann, item, each)[0] for each in ("x" * 256, "two words", "caf\u00e9")]
    rule(9, bad == [400, 400, 400], bad)
    verdicts.none("rules broken", broken)
    count = "select count(*)::int from items where project_id::text = %s and title = 'Once'"
    # One under Ann's key, one under Bob's, two under none.
    verdicts.only("items made", product.ask(count, stage.projects[0])[0], {4})


def is_refused_while_under_way(product: Product, person: Person, stage: Stage) -> tuple[bool, object]:
    """A call waits for a lock of ours; the same one beside it is told so, and the first one is done."""
    path, body, key = "/api/sessions/start", {"projectId": stage.projects[0]}, str(uuid.uuid4())
    with ThreadPoolExecutor(1) as clients:
        with product.oracle(embedded.OWNER) as owner, owner.transaction():
            owner.execute("lock table user_sessions in access exclusive mode")
            first = clients.submit(post_under, person, path, body, key)
            wait_until(lambda: held_up(product, product.web))
            second = post_under(person, path, body, key)
        told = (first.result()[0], second[0])
    return told == (201, 409), told


def post_under(person: Person, path: str, body: dict[str, str], key: str) -> tuple[int, str]:
    """A program's POST under a key; "" for none."""
    headers = {"Authorization": f"Bearer {person.bearer}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    connection = http.client.HTTPConnection("127.0.0.1", person.port, timeout=20)
    try:
        connection.request("POST", path, json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()
