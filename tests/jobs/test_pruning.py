"""What is past its age is deleted by the clock, and nothing else."""

from __future__ import annotations

import datetime as dt

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_admin
from sessions_app.jobs.pruning import prune
from sessions_app.jobs.timetable import TIMETABLE
from sessions_app.models import ApiSignIn, IdempotencyKey, SocketTicket, User
from sessions_app.services import idempotency, sign_ins, socket_tickets
from sessions_app.services.bearers import PersonCaller
from tests import factories
from tests.conftest import Cast
from tests.doing import DAY, HOUR, NINE
from tests.jobs.conftest import work_off
from tests.views.conftest import _no_old_rate_limits  # noqa: F401

SECOND = dt.timedelta(seconds=1)


def sign_in(user: User) -> PersonCaller:
    """Sign somebody's program in."""
    tokens = sign_ins.sign_in(user.email, factories.PASSWORD, client="127.0.0.1")
    found = sign_ins.person_of(tokens.access_token)
    assert found is not None
    return PersonCaller(*found)


def left() -> tuple[int, int, int]:
    """How many tickets, sign-ins and keys there are."""
    with acting_as_admin():
        return tuple(model.objects.count() for model in (SocketTicket, ApiSignIn, IdempotencyKey))


def forget_at(moment: dt.datetime) -> tuple[int, int, int]:
    with clock.at(moment):
        prune(0)
    return left()


def test_each_is_forgotten_when_its_time_is_over(cast: Cast) -> None:
    with clock.at(NINE):
        ann = sign_in(cast.ann)
        use = idempotency.Use(ann.name, "POST /api/projects", "key", b"{}")
        with acting_as(cast.ann.id):
            socket_tickets.make_ticket(ann, cast.project.id)
            idempotency.keep(use, idempotency.Told(201, "application/json", "{}"))
        # Made by another one's sign-in, which is ended: its rows go 30 days after its end.
        sign_in(cast.bob)
        sign_ins.end_all(cast.bob.id)
    assert left() == (1, 2, 1)
    assert forget_at(NINE + 60 * SECOND) == (1, 2, 1)
    assert forget_at(NINE + 61 * SECOND) == (0, 2, 1)
    assert forget_at(NINE + 24 * HOUR) == (0, 2, 1)
    assert forget_at(NINE + 24 * HOUR + SECOND) == (0, 2, 0)
    assert forget_at(NINE + 30 * DAY) == (0, 2, 0)
    assert forget_at(NINE + 30 * DAY + SECOND) == (0, 1, 0), "Bob's, which was ended"
    assert forget_at(NINE + 60 * DAY) == (0, 1, 0), "Ann's refresh token was good for 30 days"
    assert forget_at(NINE + 60 * DAY + SECOND) == (0, 0, 0)


def test_a_ticket_does_not_keep_its_sign_in(cast: Cast) -> None:
    with clock.at(NINE):
        ann = sign_in(cast.ann)
        with acting_as(cast.ann.id):
            socket_tickets.make_ticket(ann, cast.project.id)
    assert forget_at(NINE + 90 * DAY) == (0, 0, 0)


def test_the_worker_does_it_every_day(cast: Cast) -> None:
    assert [when for when, job in TIMETABLE if job is prune] == ["37 4 * * *"]
    with clock.at(clock.now() - 90 * DAY):
        sign_in(cast.ann)
    prune.defer(timestamp=0)
    work_off()
    assert left() == (0, 0, 0)
