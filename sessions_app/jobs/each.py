"""The same thing in many projects: trouble in one holds up no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")


def each_project(
    project_ids: Iterable[UUID], act: Callable[[UUID], T], what: str
) -> tuple[list[T], ExceptionGroup[Exception] | None]:
    """Act in each project, whatever fails in another.

    Returns what came of those that did not fail, and the failures, each with a note of where: `what` says
    in a few words what was done ("the upkeep").
    """
    done, failed = [], []
    for project_id in project_ids:
        try:
            done.append(act(project_id))
        except Exception as error:
            error.add_note(f"in {what} of project {project_id}")
            failed.append(error)
    return done, ExceptionGroup(f"{what} failed in {len(failed)} projects", failed) if failed else None
