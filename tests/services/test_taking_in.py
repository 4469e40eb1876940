"""A batch of tracked events: each is judged as if it had come alone, and all of it is one statement."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.digest.digester import digest_waiting
from sessions_app.models import SeenEvent, TrackedActivity
from sessions_app.services import taking_in, tracking
from sessions_app.services.errors import Conflict, NotFound
from sessions_app.services.taking_in import Event, Outcome
from tests.conftest import Cast
from tests.doing import at_once

ACCEPTED, SEEN, ANOTHER, NOT_THERE = (
    Outcome.ACCEPTED,
    Outcome.SEEN_BEFORE,
    Outcome.ANOTHER_BODY,
    Outcome.NOT_THERE,
)


def mixed(cast: Cast) -> list[Event]:
    """Of several people and projects: new, repeated, with another body, and of those who are no members."""
    one, two = uuid.uuid4(), uuid.uuid4()
    ann, bob, zoe = cast.ann.id, cast.bob.id, cast.zoe.id
    mine, other = cast.project.id, cast.other.id
    return [
        taking_in.event(ann, mine, kind="a", event_id=one),
        taking_in.event(ann, mine, kind="no id"),
        taking_in.event(ann, mine, kind="no id"),
        taking_in.event(zoe, other, kind="a", event_id=one),
        taking_in.event(ann, mine, kind="a", event_id=one),
        taking_in.event(ann, mine, kind="b", event_id=one),
        taking_in.event(bob, mine, kind="b", event_id=one),
        taking_in.event(ann, other, kind="a", event_id=two),
        taking_in.event(zoe, mine, kind="a"),
        taking_in.event(ann, mine, kind="a", event_id=two, metadata={"n": [1, "two", None]}),
        taking_in.event(ann, uuid.uuid4(), kind="a"),
        taking_in.event(uuid.uuid4(), mine, kind="a"),
    ]


def take_in(cast: Cast, events: Sequence[Event]) -> list[Outcome]:
    with acting_as_system([cast.project.id, cast.other.id]):
        return taking_in.take_in(events)


def test_each_is_judged_as_if_it_came_alone(cast: Cast) -> None:
    """The same events one by one and in a batch: the same answers, the same rows."""
    events = mixed(cast)
    alone = [one_by_one(event) for event in events]
    stored = kept(cast)
    forget(cast)
    assert take_in(cast, events) == alone
    assert alone == [
        *(ACCEPTED, ACCEPTED, ACCEPTED, ACCEPTED, SEEN, ANOTHER),
        *(ACCEPTED, NOT_THERE, NOT_THERE, ACCEPTED, NOT_THERE, NOT_THERE),
    ]
    assert kept(cast) == stored
    assert take_in(cast, events[:1] + events[9:10]) == [SEEN, SEEN], "and after the commit"
    assert kept(cast) == stored
    assert digest_waiting() == alone.count(ACCEPTED)


def test_a_batch_is_one_statement(cast: Cast) -> None:
    with acting_as_system([cast.project.id, cast.other.id]), CaptureQueriesContext(connection) as asked:
        taking_in.take_in(mixed(cast))
    assert len(asked) == 1


def test_nothing_comes_of_nothing(cast: Cast) -> None:
    assert take_in(cast, []) == []


def test_row_security_stands_below_it(cast: Cast) -> None:
    """A project that the transaction does not act for is not there, whoever is a member of it."""
    events = [
        taking_in.event(cast.ann.id, cast.project.id, event_id=uuid.uuid4()),
        taking_in.event(cast.zoe.id, cast.other.id, event_id=uuid.uuid4()),
    ]
    assert taking_in.take_in(events) == [NOT_THERE, NOT_THERE]
    with acting_as_system([cast.other.id]):
        assert taking_in.take_in(events) == [NOT_THERE, ACCEPTED]
    with acting_as(cast.ann.id):
        assert taking_in.take_in(events) == [ACCEPTED, NOT_THERE]


def test_the_same_ids_in_batches_at_once_count_once(cast: Cast) -> None:
    """In any order: no batch waits for another that waits for it."""
    events = [
        taking_in.event(user.id, cast.project.id, event_id=uuid.uuid4()) for user in (cast.ann, cast.bob) * 20
    ]
    ways = [events, events[::-1], events[20:] + events[:20], events[::2] + events[1::2]]
    told = at_once(*[lambda way=way: take_in(cast, way) for way in ways])
    counts = [outcome for outcomes in told for outcome in outcomes]
    assert (counts.count(ACCEPTED), counts.count(SEEN)) == (40, 120)
    assert len(kept(cast)) == 40


def one_by_one(event: Event) -> Outcome:
    try:
        with acting_as(event.user_id):
            is_new = tracking.track_activity(
                event.user_id,
                event.project_id,
                kind=event.kind,
                metadata={"n": [1, "two", None]} if event.metadata != "{}" else None,
                event_id=event.event_id,
            )
    except Conflict:
        return ANOTHER
    except NotFound:
        return NOT_THERE
    return ACCEPTED if is_new else SEEN


def kept(cast: Cast) -> list[tuple[object, ...]]:
    """What is stored of both projects' events, in the order of the rows."""
    with acting_as_system([cast.project.id, cast.other.id]):
        rows = TrackedActivity.objects.order_by("id")
        return list(rows.values_list("user_id", "project_id", "event_id", "kind", "metadata", "version"))


def forget(cast: Cast) -> None:
    with acting_as_system([cast.project.id, cast.other.id]):
        TrackedActivity.objects.all().delete()
        SeenEvent.objects.all().delete()
