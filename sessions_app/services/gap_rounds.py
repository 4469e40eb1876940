"""The gap finder's rounds: where one is due, what it looks at, and what was asked before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Greatest

from sessions_app.insights.gaps import (
    IDLE_AFTER,
    OPEN_FOR,
    REASON_AFTER,
    REASON_UNTIL,
    REST,
    WAITED_AFTER,
    Facts,
    ItemFact,
)
from sessions_app.models import (
    AgentActivity,
    Item,
    ItemDependency,
    ProjectCounter,
    ProjectDigest,
    Question,
    QuestionItem,
)
from sessions_app.models.items import State
from sessions_app.models.questions import QuestionStatus

# A project is looked at again after so long at the earliest, and only if it moved meanwhile.
EVERY = dt.timedelta(hours=6)
# What a look reads at most: pairs are compared in memory.
MOST_EXPLORING = 300
MOST_DECIDED = 1_500
MOST_OF_A_KIND = 20
# As far back as a question can still count: open for so long, and then at rest.
_LOOK_BACK = OPEN_FOR + REST + dt.timedelta(days=1)
_MOST_REPORTS = 300


@dataclass(frozen=True)
class Asked:
    """What the gap finder asked here before: subjects that are open or at rest, and how many are open."""

    subjects: frozenset[str]
    open: int


def projects_due(now: dt.datetime) -> list[UUID]:
    """The projects that moved since they were last looked at, which was long enough ago."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select project_id from projects_to_seek_gaps_in(%s)", [now - EVERY])
        return [row[0] for row in cursor.fetchall()]


def version_of(project_id: UUID) -> int:
    """The project's version."""
    return ProjectCounter.objects.values_list("version", flat=True).get(project_id=project_id)


def begin(project_id: UUID, version: int, now: dt.datetime) -> bool:
    """Note that the project is looked at, as it stood at `version`; False when another was faster.

    In one transaction with what the look leaves behind.
    """
    ProjectDigest.objects.get_or_create(project_id=project_id)
    due = ProjectDigest.objects.filter(
        Q(gaps_sought_at__isnull=True) | Q(gaps_sought_at__lt=now - EVERY), project_id=project_id
    )
    return due.update(gaps_sought_at=now, gaps_sought_version=version) == 1


def gather(project_id: UUID, now: dt.datetime) -> Facts:
    """What a look sees of a project; its size is bounded whatever the project's."""
    here = Item.objects.filter(project_id=project_id)
    exploring, decided = here.filter(state=State.EXPLORING), here.filter(state=State.DECIDED)
    unasked = exploring.exclude(id__in=_asked_about(project_id))
    recently = Q(state_changed_at__gt=now - REASON_UNTIL, state_changed_at__lte=now - REASON_AFTER)
    # What agents decide they report, and what was imported has its reasons where it came from.
    by_people = Q(state_by__isnull=False, import_key="", reason="")
    return Facts(
        exploring=_items(exploring.order_by("-changed_at", "id")[:MOST_EXPLORING]),
        decided=_items(decided.order_by("-decided_version", "id")[:MOST_DECIDED]),
        waited_for=_waited_for(unasked, now - WAITED_AFTER),
        unexplained=_items(
            decided.filter(recently, by_people).order_by("-decided_version", "id")[:MOST_OF_A_KIND]
        ),
        idle=_items(
            unasked.filter(changed_at__lte=now - IDLE_AFTER).order_by("changed_at", "id")[:MOST_OF_A_KIND]
        ),
    )


def asked_before(project_id: UUID, agent_type: str, now: dt.datetime) -> Asked:
    """What was asked by this in-house agent and is open, or ended so lately that its subject rests."""
    reports = AgentActivity.objects.filter(
        project_id=project_id,
        agent_type=agent_type,
        agent_token__isnull=True,
        received_at__gt=now - _LOOK_BACK,
    ).order_by("-received_at")
    subject_of = dict(pair for report in reports[:_MOST_REPORTS] for pair in _subjects(report.details))
    theirs = Question.objects.filter(project_id=project_id, agent_type=agent_type)
    known = dict(theirs.filter(text__in=subject_of).order_by("created_at").values_list("text", "ended_at"))
    rests = {
        subject
        for text, subject in subject_of.items()
        # One that is not there yet waits for the digester.
        if (ended := known.get(text)) is None or ended > now - REST
    }
    waiting = sum(text not in known for text in subject_of)
    return Asked(frozenset(rests), theirs.filter(status=QuestionStatus.OPEN).count() + waiting)


def _subjects(details: object) -> Iterator[tuple[str, str]]:
    """The questions of a report with their subjects; anybody may have written it."""
    entries = details.get("questions") if isinstance(details, Mapping) else None
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, Mapping):
            text, subject = entry.get("question"), entry.get("subject")
            if isinstance(text, str) and isinstance(subject, str):
                yield text, subject


def _asked_about(project_id: UUID) -> QuerySet[QuestionItem, UUID]:
    """The items that wait for an answer already: what keeps them is known."""
    asked = QuestionItem.objects.filter(project_id=project_id, question__status=QuestionStatus.OPEN)
    return asked.values_list("item_id", flat=True)


def _waited_for(exploring: QuerySet[Item], before: dt.datetime) -> list[ItemFact]:
    """Those that other exploring items have waited for since before then, most of them first."""
    waits = (
        ItemDependency.objects.filter(waiting__state=State.EXPLORING, blocking__in=exploring)
        # Nobody waits for what was decided; since when it is open again counts too.
        .annotate(since=Greatest("created_at", "blocking__state_changed_at", "waiting__state_changed_at"))
        .filter(since__lte=before)
        .values(item=F("blocking_id"), title=F("blocking__title"))
        .annotate(count=Count("id"), newest=Max("since"))
        .order_by("-count", "newest", "item")
    )
    return [ItemFact(row["item"], row["title"]) for row in waits[:MOST_OF_A_KIND]]


def _items(rows: QuerySet[Item]) -> list[ItemFact]:
    return [ItemFact(*values) for values in rows.values_list("id", "title", "outcome")]
