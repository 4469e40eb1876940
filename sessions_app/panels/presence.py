"""Who is here now, people and agents."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sessions_app.models import User
from sessions_app.panels.viewing import Viewing

NAME = "presence"
TEMPLATE = "panels/_presence.html"
# No fact of the ledger changes it: it is pushed when somebody comes or goes.
FOLLOWS = ()
# More are counted, not named: everybody is told of everybody who comes.
MOST_NAMED = 20


@dataclass(frozen=True)
class Present:
    name: str
    # What tells members apart who share the name, or "".
    mark: str
    is_agent: bool
    user: User | None


def key(view: Viewing) -> Hashable:
    """Who is here; that one is not told of oneself is a hole."""
    people, agents = view.here["people"], view.here["agents"]
    named = tuple((person["id"], person["name"]) for person in people[:MOST_NAMED])
    return named, len(people), tuple(agents), view.members, view.me.hides_agents


def context(view: Viewing) -> dict[str, Any]:
    """`presence`: people first, then agents unless they are hidden, each by name; `people_in_all` when not
    all of them are in it, else 0."""
    here = view.here
    marks = view.namesakes if here["people"] else {}
    named = here["people"][:MOST_NAMED]
    people = [User(id=UUID(person["id"]), display_name=person["name"]) for person in named]
    return {
        "people_in_all": len(here["people"]) if len(here["people"]) > MOST_NAMED else 0,
        "presence": [
            *(Present(str(user), marks.get(user.id, ""), is_agent=False, user=user) for user in people),
            *(
                Present(name, "", is_agent=True, user=None)
                for name in (() if view.me.hides_agents else here["agents"])
            ),
        ],
    }
