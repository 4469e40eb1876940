"""Doing things in the cast's project as a door does: one verb, one transaction, somebody who acts."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, connections
from django.http import HttpResponse

from sessions_app.db.rls import acting_as, acting_as_admin, acting_as_system
from sessions_app.digest.digester import digest_waiting
from sessions_app.ledger import Actor
from sessions_app.models import (
    Activity,
    AgentActivity,
    Blocker,
    BlockerItem,
    DecisionLook,
    Item,
    ItemDependency,
    Membership,
    Message,
    Project,
    ProjectCounter,
    Question,
    QuestionItem,
    SeenEvent,
)
from sessions_app.panels.viewing import Members, Viewing, viewing
from sessions_app.services import agents, analytics, items
from sessions_app.services.errors import Invalid
from tests.conftest import Cast

# A Monday morning that every moment is counted from.
NINE = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def headers_of(response: HttpResponse) -> dict[str, str]:
    """What an answer carries, but for the request's own name."""
    return {name: value for name, value in response.headers.items() if name != "X-Request-ID"}


DAY = dt.timedelta(days=1)
# For who names days: a run that goes past midnight finds the same ones.
NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)

# What PostgreSQL cannot store, and what no door may let through.
NOT_TEXT = ("nul \x00 inside", "half \ud800 a pair")

_TABLES = (
    Project,
    ProjectCounter,
    Membership,
    Item,
    ItemDependency,
    Message,
    Question,
    QuestionItem,
    Blocker,
    BlockerItem,
    AgentActivity,
    SeenEvent,
    Activity,
    DecisionLook,
)


def do(cast: Cast, who: str, verb: Callable[..., Any], *args: object, **kwargs: object) -> Any:
    """A verb in Lighthouse by "ann", "bob", "vera" or "zoe", in a transaction of its own."""
    with acting_as(getattr(cast, who).id):
        return verb(cast.project.id, cast.actor(who), *args, **kwargs)


def by_agent(cast: Cast, agent_type: str, verb: Callable[..., Any], *args: object, **kwargs: object) -> Any:
    """A verb in Lighthouse by an agent."""
    with acting_as_system([cast.project.id]):
        return verb(cast.project.id, Actor.agent(agent_type), *args, **kwargs)


def as_system(cast: Cast, verb: Callable[..., Any], *args: object, **kwargs: object) -> Any:
    """A service in Lighthouse that nobody in particular does: upkeep, intake, import."""
    with acting_as_system([cast.project.id]):
        return verb(cast.project.id, *args, **kwargs)


def add(cast: Cast, *titles: str) -> list[Item]:
    """Items of these titles, exploring, by Bob."""
    return [do(cast, "bob", items.add_item, title=title) for title in titles]


def report(
    cast: Cast, agent_type: str, details: Mapping[str, object], **more: object
) -> AgentActivity | None:
    """An agent's report, folded by the digester."""
    row = send_report(cast, agent_type, details, **more)
    digest_waiting([cast.project.id])
    return row


def send_report(
    cast: Cast, agent_type: str, details: Mapping[str, object], **more: object
) -> AgentActivity | None:
    """An agent's report, which waits for the digester."""
    return as_system(
        cast, agents.post_agent_activity, agent_type=agent_type, action="reports", details=details, **more
    )


def every(model: Any, cast: Cast, **wanted: object) -> list[Any]:
    """The project's rows of a model, in the order of their making."""
    order = "id" if model is Activity else "created_at"
    with acting_as_system([cast.project.id]):
        return list(model.objects.filter(project_id=cast.project.id, **wanted).order_by(order))


def the(model: Any, cast: Cast, **wanted: object) -> Any:
    """The one row."""
    found = every(model, cast, **wanted)
    assert len(found) == 1, found
    return found[0]


def again(row: Any) -> Any:
    """The row as it stands now."""
    with acting_as_admin():
        return type(row).objects.get(pk=row.pk)


def counter(cast: Cast) -> ProjectCounter:
    """The project's version and counts."""
    with acting_as_system([cast.project.id]):
        return ProjectCounter.objects.get(project_id=cast.project.id)


def ledger(cast: Cast, after: int = 0) -> list[Activity]:
    """What the ledger says happened after a version."""
    return every(Activity, cast, version__gt=after)


def kinds(cast: Cast, after: int = 0) -> list[str]:
    return [row.kind for row in ledger(cast, after)]


def look(cast: Cast, who: str = "ann") -> Viewing:
    """What a member sees. Inside `seeing`, or the caller's own transaction."""
    user = getattr(cast, who)
    seen = analytics.see(user.id, cast.project.id)
    membership = Membership.objects.of(user.id).get(project_id=cast.project.id)
    members = Members(seen.members)
    return viewing(user, membership, seen.summary, epoch=seen.epoch, here=seen.here, members=members)


@contextmanager
def seeing(cast: Cast, who: str = "ann") -> Iterator[Viewing]:
    """A transaction in which a member looks at Lighthouse."""
    with acting_as(getattr(cast, who).id):
        yield look(cast, who)


# One question, as it is asked before and after hundreds of refusals.
_PICTURE = " union all ".join(
    f"select '{model._meta.db_table}', array(select t::text from {model._meta.db_table} t order by 1)"
    for model in _TABLES
)


def picture() -> dict[str, list[str]]:
    """Every row of every project as it stands, as PostgreSQL writes it; by the table's name."""
    with acting_as_admin(), connection.cursor() as cursor:
        cursor.execute(_PICTURE)
        return dict(cursor.fetchall())


@contextmanager
def nothing_changes() -> Iterator[None]:
    """What happens inside leaves every row as it was."""
    before = picture()
    yield
    assert picture() == before


def refused_field(act: Callable[..., object], *args: object, **kwargs: object) -> str:
    """The field that an Invalid names; nothing may have changed."""
    with nothing_changes():
        try:
            act(*args, **kwargs)
        except Invalid as refused:
            return refused.field
    raise AssertionError("it was not refused")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run each in a thread of its own, all at the same moment; returns what each returned or raised."""
    ready = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            ready.wait(timeout=10)
            results[place] = act()
        except Exception as refused:
            results[place] = refused
        finally:
            # A command looks by the owner's connection whether all is migrated.
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def failing_in_lighthouse(cast: Cast, act: Callable[..., Any]) -> Callable[..., Any]:
    """The same, for a project's id and whatever else, but broken in Lighthouse."""

    def fails(project_id: UUID, *args: object) -> Any:
        if project_id == cast.project.id:
            raise RuntimeError("broken")
        return act(project_id, *args)

    return fails


def item_ids(texts: list[str]) -> set[UUID]:
    """Ids out of a ledger row's data."""
    return {UUID(text) for text in texts}
