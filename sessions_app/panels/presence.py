"""Who is here now, people and agents."""

from __future__ import annotations

import json
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


@dataclass(frozen=True)
class Present:
    name: str
    # What tells members apart who share the name, or "".
    mark: str
    is_agent: bool
    user: User | None


def key(view: Viewing) -> Hashable:
    """Who is here; that one is not told of oneself is a hole."""
    return json.dumps(view.here), view.members, view.me.hides_agents


def context(view: Viewing) -> dict[str, Any]:
    """`presence`: people first, then agents unless they are hidden, each by name."""
    here = view.here
    marks = view.namesakes if here["people"] else {}
    people = [User(id=UUID(person["id"]), display_name=person["name"]) for person in here["people"]]
    return {
        "presence": [
            *(Present(str(user), marks.get(user.id, ""), is_agent=False, user=user) for user in people),
            *(
                Present(name, "", is_agent=True, user=None)
                for name in (() if view.me.hides_agents else here["agents"])
            ),
        ]
    }
