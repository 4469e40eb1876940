"""Seeds the demo: four people, three projects, five weeks of history up to now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.demo import people, story_concert, story_library, story_marsh
from sessions_app.demo.people import Cast
from sessions_app.models import Activity, Project
from sessions_app.services import gap_rounds, rollups
from sessions_app.services.projects import delete_project


@dataclass(frozen=True)
class Seeded:
    """Whether this call made the demo, who signs in with what, and how much it made."""

    made: bool
    sign_in: tuple[tuple[str, str, str], ...]  # (name, email, password)
    projects: int
    activities: int


def seed(say: Callable[[str], None]) -> Seeded:
    """Make the demo, unless one of its people is here already; then nothing is changed.

    All or nothing: what an interrupted call made, it takes away again. `say` is told, a line at a
    time, what is being made. Run it while no upkeep job runs: that would end the story's sessions.
    """
    if people.are_there():
        return Seeded(made=False, sign_in=people.SIGN_IN, projects=0, activities=0)
    cast = people.make()
    try:
        told = _tell_all(cast, say)
    except BaseException:
        _take_away(cast)
        raise
    with acting_as_system(told):
        activities = Activity.objects.filter(project_id__in=told).count()
    return Seeded(made=True, sign_in=people.SIGN_IN, projects=len(told), activities=activities)


def _tell_all(cast: Cast, say: Callable[[str], None]) -> list[UUID]:
    now = clock.now()
    say("A library that reopens: Ann left it two days ago.")
    library = story_library.tell(cast, now)
    say("A field guide for the marsh: nothing new since Ann was there.")
    marsh = story_marsh.tell(cast, now)
    say("A concert for a roof: Ann watches, Bob has not looked in yet.")
    concert = story_concert.tell(cast, now)
    told = [story.ends() for story in (library, marsh, concert)]
    with acting_as_system(told):
        for project_id in told:
            # The story asks its own questions; the gap finder has a look at it some hours later.
            gap_rounds.begin(project_id, gap_rounds.version_of(project_id), now)
    for project_id in told:
        # So that insights have something to show before the worker's first minute is over.
        rollups.roll_up(project_id)
    return told


def _take_away(cast: Cast) -> None:
    for owner in cast.everybody:
        with acting_as(owner.id):
            for project in Project.objects.filter(created_by=owner):
                delete_project(project.id, confirm_title=project.title)
    people.unmake(cast)
