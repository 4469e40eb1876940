"""Says things in a project at a steady pace; runs in a `manage.py shell` of the running product."""

from __future__ import annotations

import json
import sys
import time
from uuid import UUID

from sessions_app.db.rls import acting_as
from sessions_app.ledger import Actor
from sessions_app.models import User
from sessions_app.services import messages


def speak() -> None:
    """For each line of JSON on standard input say so much, and print when each was committed, as a list."""
    for line in sys.stdin:
        asked = json.loads(line)
        project, person = UUID(asked["project"]), UUID(asked["person"])
        with acting_as(person):
            actor = Actor.person(User.objects.get(id=person))
        said, started = [], time.monotonic()
        for number in range(asked["count"]):
            time.sleep(max(0.0, started + number / asked["a_second"] - time.monotonic()))
            with acting_as(person):
                messages.post_message(project, actor, text=f"Said as number {number}")
            said.append(time.time())
        print("SAID " + json.dumps(said), flush=True)
