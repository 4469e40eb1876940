"""Digests by mail: what waits for a person in their projects, each morning or each Monday, at most once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db.models import Case, Count, Exists, F, Max, OuterRef, Q, TextField, Value, When
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from sessions_app.insights import digest
from sessions_app.insights.digest import MOST_NAMED, Part, ProjectWaits, Row
from sessions_app.models import Blocker, HandOff, Item, Membership, Question, Session, StepMark, User
from sessions_app.models.items import State
from sessions_app.models.people import Digest
from sessions_app.services.errors import NotFound

# People a run takes on; whoever is left over is first in the next.
MOST_A_RUN = 1_000
# Projects that a mail tells of; who has more finds the rest on the page.
MOST_PROJECTS = 20

# A link in a mail works without a sign-in, for this one thing; another key makes old links useless.
_SIGNER = signing.Signer(salt="leftoff.digest.unsubscribe", sep="~")


def due_people(now: dt.datetime) -> list[UUID]:
    """Whose digest is due, those first who have gone longest without one; at most MOST_A_RUN."""
    people = User.objects.filter(is_active=True).exclude(digest=Digest.OFF)
    due = (
        person.id
        for person in people.order_by(F("digest_at").asc(nulls_first=True), "id").iterator()
        if digest.is_due(person.digest, person.digest_at, person.zone, now)
    )
    return [person_id for _number, person_id in zip(range(MOST_A_RUN), due, strict=False)]


@dataclass(frozen=True)
class Waiting:
    """What a mail tells a person."""

    person: User
    projects: list[ProjectWaits]


def take_digest(user_id: UUID, now: dt.datetime) -> Waiting | None:
    """What waits for one person, who acts, if their digest is due; None when it is not, or nothing waits.

    Notes that this period's is done, so the caller queues the mail in the same transaction: whatever dies,
    there are never two.
    """
    person = User.objects.select_for_update(no_key=True).filter(id=user_id, is_active=True).first()
    if person is None or not digest.is_due(person.digest, person.digest_at, person.zone, now):
        return None
    person.digest_at = now
    person.save(update_fields=["digest_at"])
    projects = list(_projects(person, now))
    return Waiting(person, projects) if projects else None


def person_of(token: str) -> User:
    """The person whose mail held this link. Raises NotFound for a token that is none of ours."""
    try:
        user_id = UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError) as bad:
        raise NotFound("This link is not good.") from bad
    person = User.objects.filter(id=user_id).first()
    if person is None:
        raise NotFound("This link is not good.")
    return person


def unsubscribe(token: str) -> None:
    """No more digests for whom the link was mailed to. Raises NotFound for a bad token."""
    User.objects.filter(id=person_of(token).id).update(digest=Digest.OFF)


def unsubscribe_url(person: User) -> str:
    """The link that ends a person's digests."""
    return absolute_url("unsubscribe", token=_SIGNER.sign(str(person.id)))


def _projects(person: User, now: dt.datetime) -> Iterator[ProjectWaits]:
    """What waits in each project, those with open questions first, as in the list of projects."""
    memberships = Membership.objects.of(person.id).filter(project__archived_at__isnull=True)
    for membership in memberships.order_by("-project__counter__questions_open", "project__title", "id")[
        :MOST_PROJECTS
    ]:
        waits = ProjectWaits(
            membership.project.title,
            absolute_url("project", project_id=membership.project_id),
            [part for part in _parts(membership, now) if part.total],
        )
        if waits.parts:
            yield waits


def _parts(membership: Membership, now: dt.datetime) -> Iterator[Part]:
    # What waits for an act waits only for those who may.
    if membership.may_write:
        yield _questions(membership)
        yield _reviews(membership, now)
    # What waits for somebody by name waits for viewers too.
    yield _blockers(membership)
    since = _last_look(membership)
    # Who never was here has missed nothing yet: all of it is new to them.
    if since is not None:
        yield _decided(membership, since)
        yield _notes(membership, since)


def _last_look(membership: Membership) -> int | None:
    """The project's version at which this person was here last, or said to be caught up; None for never."""
    mine = Session.objects.filter(user_id=membership.user_id, project_id=membership.project_id)
    looks = (mine.aggregate(last=Max("end_version"))["last"], membership.caught_up_version)
    return max((version for version in looks if version is not None), default=None)


def _questions(membership: Membership) -> Part:
    rows = (
        Question.objects.open()
        .filter(project_id=membership.project_id)
        .select_related("asked_by")
        .annotate(waiting=Count("blocked_items", filter=Q(blocked_items__item__state=State.EXPLORING)))
        .order_by("-blocks", "created_at", "id")
    )
    told = [_question(row) for row in rows[:MOST_NAMED]]
    return Part("questions", membership.project.counter.questions_open, told)


def _question(row: Any) -> Row:  # noqa: ANN401 -- a Question with `waiting` annotated
    who = str(row.asked_by) if row.asked_by else row.agent_type
    url = f"{absolute_url('questions', project_id=row.project_id)}?at={row.id}#question-{row.id}"
    return Row(row.text, who, row.created_at, url, digest.frees(row.waiting))


def _reviews(membership: Membership, now: dt.datetime) -> Part:
    """Parked items that woke, decisions that are contested or to be reviewed; without those put aside."""
    woken = Q(state=State.PARKED, woke_at__isnull=False)
    to_review = Q(state=State.DECIDED) & (Q(contested_at__isnull=False) | Q(review_due_at__isnull=False))
    step = Case(When(state=State.PARKED, then=Value(":wake")), default=Value(":review"))
    aside = StepMark.objects.filter(
        Q(until__isnull=True) | Q(until__gt=now),
        project_id=membership.project_id,
        membership=membership,
        step_id=OuterRef("step_id"),
        subject_version=OuterRef("version"),
    )
    rows = (
        Item.objects.filter(woken | to_review, project_id=membership.project_id)
        .annotate(step_id=Concat(Value("item:"), Cast("id", TextField()), step, output_field=TextField()))
        .filter(~Exists(aside))
        .select_related("contested_by")
        .order_by("state_version", "id")
    )
    return Part("reviews", rows.count(), [_review(row) for row in rows[:MOST_NAMED]])


def _review(item: Item) -> Row:
    url = absolute_url("item", project_id=item.project_id, item_id=item.id)
    if item.woke_at and item.state == State.PARKED:
        return Row(item.title, "woke", item.woke_at, url, item.reason)
    if item.contested_at:
        return Row(
            item.title, f"contested by {item.contested_by}", item.contested_at, url, item.contest_reason
        )
    return Row(item.title, "to be reviewed", item.review_due_at or item.state_changed_at, url)


def _blockers(membership: Membership) -> Part:
    rows = (
        Blocker.objects.open()
        .filter(project_id=membership.project_id, waits_for_id=membership.user_id)
        .select_related("raised_by")
        .order_by("created_at", "id")
    )
    return Part("blockers", rows.count(), [_blocker(row) for row in rows[:MOST_NAMED]])


def _blocker(row: Blocker) -> Row:
    who = str(row.raised_by) if row.raised_by else row.agent_type
    url = f"{absolute_url('blockers', project_id=row.project_id)}?at={row.id}#blocker-{row.id}"
    return Row(row.text, who, row.created_at, url)


def _decided(membership: Membership, since: int) -> Part:
    rows = (
        Item.objects.unseen_decisions(membership.user_id, membership.project_id, since)
        .select_related("state_by")
        .order_by("-decided_version", "-id")
    )
    return Part("decided", rows.count(), [_decision(row) for row in rows[:MOST_NAMED]])


def _decision(row: Item) -> Row:
    who = str(row.state_by) if row.state_by else row.state_by_agent
    url = absolute_url("item", project_id=row.project_id, item_id=row.id)
    return Row(row.title, who, row.state_changed_at, url, row.reason)


def _notes(membership: Membership, since: int) -> Part:
    rows = (
        HandOff.objects.filter(project_id=membership.project_id, version__gt=since)
        .exclude(user_id=membership.user_id)
        .select_related("user")
        .order_by("-version", "-id")
    )
    page = absolute_url("project", project_id=membership.project_id)
    told = [Row(row.text, str(row.user), row.created_at, page) for row in rows[:MOST_NAMED]]
    return Part("notes", rows.count(), told)


def absolute_url(name: str, **ids: object) -> str:
    """An absolute address, from BASE_URL: no request says how the reader reaches us."""
    return f"{settings.BASE_URL}{reverse(name, kwargs=ids)}"
