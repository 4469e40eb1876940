"""What is tracked is kept before it is answered, once, and judged as Django judges it."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client.values import MutexValue

from sessions_app import ledger
from sessions_app.db.rls import acting_as_system
from sessions_app.db.together import NotNow, NotSure, Together
from sessions_app.db.trouble import Complaint
from sessions_app.hot import telling, tracking
from sessions_app.hot.questions import MOST_BODY_BYTES, TRACK_ACTIVITY, Question
from sessions_app.metrics.instruments import ACTIVITY_ACCEPTED
from sessions_app.metrics.observed import Observed
from sessions_app.models import TrackedActivity
from sessions_app.services.taking_in import Outcome
from tests.conftest import Cast
from tests.hot.conftest import Door, Story, Told, bearer
from tests.hot.test_door import change_password, deactivate, leave, sign_out
from tests.live.conftest import off_loop

Tell = Callable[[Story], None]


async def track(door: Door, who: tuple[str, str], cast: Cast, **body: Any) -> Told:
    return await send(door, who, json.dumps({"projectId": str(cast.project.id), **body}).encode())


async def send(door: Door, who: tuple[str, str], raw: bytes, *more: tuple[str, str]) -> Told:
    told = (who, ("Content-Type", "application/json"), ("Content-Length", str(len(raw))), *more)
    return await door.get(TRACK_ACTIVITY, *told, method="POST", body=raw)


async def reaches(counter: MutexValue, count: float) -> None:
    """Wait until that is counted: who is answered is so, right after it."""
    async with asyncio.timeout(10):
        while counter.get() < count:
            await asyncio.sleep(0.001)
    assert counter.get() == count


def rows(cast: Cast) -> list[tuple[uuid.UUID, str]]:
    with acting_as_system([cast.project.id, cast.other.id]):
        return list(TrackedActivity.objects.order_by("id").values_list("user_id", "kind"))


def test_what_is_answered_is_kept_and_tells_the_digester(
    cast: Cast, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, told = bearer(cast.ann), []
    monkeypatch.setattr(ledger, "_listeners", [told.append])
    new = ACTIVITY_ACCEPTED.labels("track-activity", "new")._value

    async def story(door: Door) -> None:
        first = await track(door, who, cast, kind="one")
        counted = new.get()
        again = await track(door, who, cast, kind="two", userId="me", metadata={"a": 1})
        own = await track(door, who, cast, kind="three", userId=str(cast.ann.id))
        assert [each.status for each in (first, again, own)] == [202, 202, 202]
        assert (again.text, door.asked_django) == (first.text, 1)
        assert again.headers.keys() == first.headers.keys()
        await reaches(new, counted + 2)

    tell(story)
    assert rows(cast) == [(cast.ann.id, kind) for kind in ("one", "two", "three")]
    assert told == [ledger.Waiting(cast.project.id, is_shown=False)] * 3


def test_many_at_once_are_each_kept_once(cast: Cast, tell: Tell) -> None:
    """Each comes twice: by its id it counts once; without one, twice."""
    whose = {user.id: bearer(user) for user in (cast.ann, cast.bob, cast.vera)}
    ids = [str(uuid.uuid4()) for _ in range(20)]

    async def story(door: Door) -> None:
        for who in whose.values():
            await track(door, who, cast, kind="first")
        statuses = await asyncio.gather(
            *(
                track(door, who, cast, kind="many", **more)
                for who in whose.values()
                for event in ids
                for more in ({"event_id": event}, {"event_id": event}, {}, {})
            )
        )
        assert {each.status for each in statuses} == {202}
        assert door.asked_django == 3

    tell(story)
    for user_id in whose:
        assert rows(cast).count((user_id, "many")) == 3 * len(ids)


def test_what_comes_from_somebody_who_hangs_up_is_kept_and_counted(
    cast: Cast, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, told = bearer(cast.ann), []
    new = ACTIVITY_ACCEPTED.labels("track-activity", "new")._value

    async def story(door: Door) -> None:
        await track(door, who, cast, kind="first")
        monkeypatch.setattr(ledger, "_listeners", [told.append])
        counted = new.get()
        asking = asyncio.create_task(track(door, who, cast, kind="hung up"))
        while not door.door._tracking._intake._under_way:
            await asyncio.sleep(0)
        asking.cancel()
        # What is asked for next is told next.
        assert (await track(door, who, cast, kind="next")).status == 202
        await reaches(new, counted + 2)
        assert asking.cancelled()

    tell(story)
    assert [kind for _, kind in rows(cast)] == ["first", "hung up", "next"]
    assert told == [ledger.Waiting(cast.project.id, is_shown=False)] * 2


def test_one_that_cannot_be_counted_keeps_no_other_from_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ledger, "_listeners", [])
    monkeypatch.setattr(tracking, "_complaint", Complaint(logging.getLogger("x")))
    seconds = []

    def count(observed: Observed, **told: Any) -> None:
        seconds.append(told["seconds"])
        if observed.id != "good":
            raise RuntimeError("it cannot")

    monkeypatch.setattr(telling.answered, "count", count)
    question = Question("POST", TRACK_ACTIVITY, True, "", (), None)
    answer: Any = SimpleNamespace(status=202, route="", stands=lambda _etag: False)
    event: Any = SimpleNamespace(project_id=uuid.uuid4())
    reports = [
        tracking._Report(event, question, answer, name) for name in ("bad", "bad", "good", "good", "good")
    ]
    counters = [ACTIVITY_ACCEPTED.labels("track-activity", each)._value for each in ("new", "again")]
    before = [each.get() for each in counters]
    new, again, refused = Outcome.ACCEPTED, Outcome.SEEN_BEFORE, Outcome.ANOTHER_BODY
    for _ in range(2):
        tracking._taken_in(reports, [new, again, new, again, refused])
    assert [each.get() for each in counters] == [each + 2 for each in before]
    assert caplog.text.count("not counted") == 1
    # What is told by one commit is told at one time.
    assert len(set(seconds)) == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"[]", 422),
        (b'{"projectId": "x"}', 422),
        (b'{"kind": "a"}', 422),
        (b'{"projectId": "%s", "kind": "a", "kind": "b"}', 422),
        (b'{"projectId": "%s", "kind": "\\u0000"}', 422),
        (b'{"projectId": "%s", "kind": 1}', 422),
        (b'{"projectId": "%s", "event_id": "1"}', 422),
        (b'{"projectId": "%s", "metadata": []}', 422),
        (b'{"projectId": "%s", "more": 1}', 422),
        (b'{"projectId": "%s", "userId": "6d1f4c1e-8f0a-4b57-9a53-0d6f0c1f2a10"}', 403),
        (b'{"projectId": "6d1f4c1e-8f0a-4b57-9a53-0d6f0c1f2a10"}', 404),
        (b'{"projectId": "%s", "metadata": {"a": "' + b"x" * 9_000 + b'"}}', 422),
        (b'{"projectId": "%s", "metadata": {"a": "' + b"x" * MOST_BODY_BYTES + b'"}}', 422),
        (b"\xef\xbb\xbf{}", 400),
        (b"\xff", 400),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_is_refused_is_refused_in_django_s_words(
    cast: Cast, tell: Tell, body: bytes, status: int
) -> None:
    who = bearer(cast.ann)
    raw = body.replace(b"%s", str(cast.project.id).encode())

    async def story(door: Door) -> None:
        await track(door, who, cast)
        told = await send(door, who, raw)
        assert told.status == status
        assert told.headers["content-type"] == "application/problem+json"
        assert door.asked_django == 2
        # And what is right goes on as before.
        assert (await track(door, who, cast)).status == 202

    tell(story)
    assert len(rows(cast)) == 2


def test_an_id_used_for_something_else_is_a_conflict(cast: Cast, tell: Tell) -> None:
    ann, bob, event = bearer(cast.ann), bearer(cast.bob), str(uuid.uuid4())

    async def story(door: Door) -> None:
        for who in (ann, bob):
            await track(door, who, cast)
        statuses = [
            (await track(door, who, cast, kind=kind, event_id=event)).status
            for who, kind in ((ann, "a"), (ann, "a"), (ann, "b"), (bob, "b"))
        ]
        assert statuses == [202, 202, 409, 202]

    tell(story)
    assert [kind for _, kind in rows(cast)] == ["activity", "activity", "a", "b"]


@pytest.mark.parametrize("revoke", [leave, deactivate, change_password, sign_out])
def test_a_right_that_is_gone_is_gone_at_the_next_report(
    cast: Cast, tell: Tell, revoke: Callable[[Cast], None]
) -> None:
    who = bearer(cast.bob)

    async def story(door: Door) -> None:
        for _ in range(2):
            assert (await track(door, who, cast)).status == 202
        assert door.asked_django == 1
        await off_loop(revoke, cast)
        assert (await track(door, who, cast)).status in (401, 404)

    tell(story)
    # Whoever left takes what waited along.
    assert len(rows(cast)) in (0, 2)


def test_nobody_tracks_where_they_are_no_member(cast: Cast, tell: Tell) -> None:
    zoe = bearer(cast.zoe)

    async def story(door: Door) -> None:
        mine = json.dumps({"projectId": str(cast.other.id)}).encode()
        assert [(await send(door, zoe, mine)).status for _ in range(2)] == [202, 202]
        assert (await track(door, zoe, cast)).status == 404

    tell(story)
    assert len(rows(cast)) == 2


@pytest.mark.parametrize(
    "more", [("Idempotency-Key", "a"), ("Transfer-Encoding", "chunked"), ("Content-Type", "text/plain")]
)
def test_an_unusual_report_is_django_s(cast: Cast, tell: Tell, more: tuple[str, str]) -> None:
    who = bearer(cast.ann)

    async def story(door: Door) -> None:
        await track(door, who, cast)
        await send(door, who, json.dumps({"projectId": str(cast.project.id)}).encode(), more)
        assert door.asked_django == 2

    tell(story)


def test_where_the_database_takes_long_django_takes_it_in(
    cast: Cast, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = bearer(cast.ann)

    async def is_late(_self: object, _event: object) -> None:
        raise NotNow

    async def story(door: Door) -> None:
        await track(door, who, cast)
        monkeypatch.setattr(Together, "ask", is_late)
        assert (await track(door, who, cast)).status == 202
        assert door.asked_django == 2

    tell(story)
    assert len(rows(cast)) == 2


def test_what_may_be_kept_or_not_is_said_to_its_sender(
    cast: Cast, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent on to Django it could be kept twice."""
    who = bearer(cast.ann)

    async def breaks_off(_self: object, _event: object) -> None:
        raise NotSure

    async def story(door: Door) -> None:
        for _ in range(2):
            await track(door, who, cast)
        monkeypatch.setattr(Together, "ask", breaks_off)
        told = await track(door, who, cast)
        assert (told.status, door.asked_django) == (503, 1)
        assert "retry-after" in told.headers

    tell(story)
