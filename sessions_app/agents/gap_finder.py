"""The gap finder: looks over a project that moved and asks what seems to be missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from sessions_app import clock
from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as_system
from sessions_app.insights import gaps
from sessions_app.insights.gaps import Facts, Gap
from sessions_app.insights.in_house import GAP_FINDER
from sessions_app.services import agents, gap_rounds, hearing

# Finds more to ask than the rules do: a language model.
Finder = Callable[[Facts], Sequence[Gap]]


def seek_gaps(project_id: UUID, also: Finder | None = None) -> int:
    """Look over one project, if it is due; returns how many questions were asked."""
    version, facts = _look(project_id)
    # Outside any transaction: a model takes its time.
    further = also(facts) if also and facts != Facts() else ()
    return _ask(project_id, version, [*gaps.find(facts), *further])


@retrying
def _look(project_id: UUID) -> tuple[int, Facts]:
    with acting_as_system([project_id]):
        version = gap_rounds.version_of(project_id)
        return version, gap_rounds.gather(project_id, clock.now())


@retrying
def _ask(project_id: UUID, version: int, found: Sequence[Gap]) -> int:
    now = clock.now()
    with acting_as_system([project_id]):
        if not hearing.are_agents_in(project_id) or not gap_rounds.begin(project_id, version, now):
            return 0
        asked = gap_rounds.asked_before(project_id, GAP_FINDER, now)
        chosen = gaps.choose(found, asked.subjects, asked.open)
        if chosen:
            until = (now + gaps.OPEN_FOR).isoformat()
            agents.post_agent_activity(
                project_id,
                agent_type=GAP_FINDER,
                action="asks what seems to be missing",
                details={"questions": [_as_question(gap, until) for gap in chosen]},
            )
    return len(chosen)


def _as_question(gap: Gap, until: str) -> dict[str, object]:
    return {
        "question": gap.question,
        "category": gap.kind,
        "options": list(gap.options),
        "expiresAt": until,
        # No rule reads it: by this the gap finder knows what it asked.
        "subject": gap.subject,
    }
