"""The in-house agents at work: they listen soon after somebody spoke, and look for gaps by the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from sessions_app import clock
from sessions_app.agents import clarifier, gap_finder, model, model_reader, recorder
from sessions_app.jobs.job import ONE_TRY, job
from sessions_app.jobs.soon import leave_job
from sessions_app.models import Message
from sessions_app.services import gap_rounds, hearing


@job(limit_seconds=120, waits=ONE_TRY, lock="listen", queueing_lock="listen")
def listen(timestamp: int) -> None:
    """Hear what was said, in every project. By the clock too: a process may die before it leaves the job."""
    by_model = model.is_on()
    _each(
        hearing.projects_with_unheard(),
        lambda project_id: recorder.listen(project_id, clarify_later, leave_silent=by_model),
    )
    if by_model and hearing.projects_with_unheard():
        leave_job(listen_by_model)


@job(limit_seconds=600, waits=ONE_TRY, lock="listen by model", queueing_lock="listen by model")
def listen_by_model(timestamp: int) -> None:
    """Have the language model read what says nothing by the rules; apart, so that it holds up no command."""
    reader = model_reader.Reader(clarify_later)
    _each(hearing.projects_with_unheard(), reader.listen)


@job(limit_seconds=600, waits=ONE_TRY, lock="gaps", queueing_lock="gaps")
def seek_gaps(timestamp: int) -> None:
    """Look for gaps wherever it is due."""
    also = model_reader.find_gaps if model.is_on() else None
    _each(gap_rounds.projects_due(clock.now()), lambda project_id: gap_finder.seek_gaps(project_id, also))


@job(limit_seconds=30)
def clarify(project_id: str, message_id: str) -> None:
    """Ask what a message asks, if nobody answered it meanwhile."""
    clarifier.clarify(UUID(project_id), UUID(message_id))


def listen_soon() -> None:
    """Have what was said heard. Never raises."""
    leave_job(listen)


def clarify_later(message: Message) -> None:
    """Look at an asking message when others had time to answer it; part of the caller's transaction."""
    then = clarify.configure(schedule_at=message.created_at + clarifier.WAIT)
    then.defer(project_id=str(message.project_id), message_id=str(message.id))


def _each(project_ids: Iterable[UUID], work: Callable[[UUID], object]) -> None:
    """Do it for each project; one that fails holds up no other. Raises an ExceptionGroup in the end."""
    failed = []
    for project_id in project_ids:
        try:
            work(project_id)
        except Exception as error:
            error.add_note(f"in project {project_id}")
            failed.append(error)
    if failed:
        raise ExceptionGroup(f"the in-house agents failed in {len(failed)} projects", failed)
