"""Everything that is kept of one person, in all projects they are or ever were part of; nothing of others.

Read as the admin, for they are no member any more of projects that they left. So each statement asks for
this one person's rows, by a column that says whose they are, and for columns that hold nothing of others:
no answer's question, no invitation's address. Of a ledger row's `data`, and of an item that others may have
worded anew, it takes what the person said themselves (`own_words`); only the projects they are a member of
have the titles that all members see. Secrets stay where they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import connection
from django.db.models import F, OuterRef, QuerySet, Subquery

from sessions_app import clock
from sessions_app.db.planning import by_index
from sessions_app.db.rls import acting_as_admin
from sessions_app.exporters.own_data import Table, own_data_zip
from sessions_app.models import (
    Activity,
    AgentToken,
    ApiSignIn,
    Blocker,
    DecisionLook,
    ExternalIdentity,
    HandOff,
    Invitation,
    Item,
    Membership,
    Message,
    Question,
    Session,
    SessionAnalytics,
    StepMark,
    TrackedActivity,
    User,
    Webhook,
)
from sessions_app.panels.own_words import own_words

BATCH_ROWS = 500
FILE_NAME = "leftoff-data.zip"


def own_data(user: User, counted: Counter[str] | None = None) -> Iterator[bytes]:
    """The pieces of the person's ZIP, read a batch at a time while they are taken.

    `counted`, if given, is told how many rows each table has. Not inside a transaction: each batch is one.
    """
    return own_data_zip(
        [_table(user.id, counted, *table) for table in _tables(user.id)],
        f"{user} <{user.email}>",
        clock.now(),
    )


def _tables(me: UUID) -> Iterator[tuple[str, str, QuerySet[Any], tuple[str, ...]]]:
    """Each table's name, what it holds, its rows, and its columns."""
    # Whoever edits an item since leaves its own row.
    added = Activity.objects.filter(
        project_id=OuterRef("project_id"), item_id=OuterRef("id"), kind="item.added", actor_id=me
    )
    yield (
        "profile",
        "who you are here.",
        User.objects.filter(id=me),
        (
            *("id", "email", "display_name", "time_zone", "hides_agents", "digest", "digest_at"),
            *("is_staff", "is_superuser", "is_active", "created_at", "last_login"),
        ),
    )
    yield (
        "email_addresses",
        "addresses you sign in by.",
        EmailAddress.objects.filter(user_id=me),
        ("id", "email", "verified", "primary"),
    )
    yield (
        "external_identities",
        "who you are at an external issuer.",
        ExternalIdentity.objects.filter(user_id=me),
        ("id", "issuer", "subject", "created_at"),
    )
    yield (
        "memberships",
        "projects you are part of, your role, and how far you have caught up.",
        Membership.objects.filter(user_id=me).annotate(project_title=F("project__title")),
        ("id", "project_id", "project_title", "role", "created_at", "caught_up_version", "caught_up_at"),
    )
    yield (
        "sessions",
        "your visits to projects.",
        Session.objects.filter(user_id=me),
        (
            *("id", "project_id", "session_start", "session_end", "is_active", "last_activity"),
            *("end_version", "snapshot_at_start", "metadata", "active_seconds", "gap_seconds"),
            *("lag_seconds", "items_decided"),
        ),
    )
    yield (
        "analytics",
        "the counts your panels are served from.",
        SessionAnalytics.objects.filter(user_id=me),
        (
            *("id", "project_id", "last_activity", "previous_activity", "items_decided_since"),
            *("items_exploring", "items_parked", "pending_questions", "activities_tracked", "updated_at"),
        ),
    )
    yield (
        "activities",
        "what you did in projects, as the ledger has it; of what each row says your own words.",
        Activity.objects.filter(actor_id=me),
        (
            *("id", "project_id", "version", "kind", "item_id", "question_id", "blocker_id"),
            *("message_id", "data", "created_at"),
        ),
    )
    yield (
        "decisions",
        "items you decided: of the activities those.",
        Activity.objects.filter(actor_id=me, kind="item.decided").annotate(
            reason=F("data__reason"), outcome=F("data__outcome")
        ),
        ("id", "project_id", "version", "item_id", "reason", "outcome", "created_at"),
    )
    yield (
        "items",
        "items you added that are still there, in the words you added them with.",
        Item.objects.filter(created_by_id=me).annotate(
            added_title=Subquery(added.values("data__title")[:1]),
            added_text=Subquery(added.values("data__text")[:1]),
        ),
        ("id", "project_id", "added_title", "added_text", "state", "created_at"),
    )
    yield (
        "contests",
        "why you contest decisions.",
        Item.objects.filter(contested_by_id=me),
        ("id", "project_id", "contest_reason", "contested_at"),
    )
    yield (
        "messages",
        "what you said in chats.",
        Message.objects.filter(user_id=me),
        ("id", "project_id", "text", "metadata", "created_at", "edited_at", "deleted_at"),
    )
    yield (
        "answers",
        "questions you answered or dismissed.",
        Question.objects.filter(ended_by_id=me),
        ("id", "project_id", "status", "answer", "answer_message_id", "ended_at"),
    )
    yield (
        "questions",
        "questions that are asked in your name: whether a decision stands that you contest.",
        # Their text quotes the decision's title; why it is contested stands with the activity.
        Question.objects.filter(asked_by_id=me),
        ("id", "project_id", "status", "created_at"),
    )
    yield (
        "blockers",
        "blockers you raised.",
        Blocker.objects.filter(raised_by_id=me),
        ("id", "project_id", "type", "text", "status", "waits_until", "created_at"),
    )
    yield (
        "blockers_ended",
        "blockers you cleared or dismissed.",
        Blocker.objects.filter(ended_by_id=me),
        ("id", "project_id", "status", "ended_at"),
    )
    yield (
        "step_marks",
        "next steps you marked done or snoozed.",
        StepMark.objects.filter(membership__user_id=me),
        ("id", "project_id", "step_id", "kind", "until", "created_at"),
    )
    yield (
        "decision_looks",
        "others' decisions that you accepted.",
        DecisionLook.objects.filter(membership__user_id=me),
        ("id", "project_id", "item_id", "decided_version", "created_at"),
    )
    yield (
        "hand_offs",
        "notes you left at the end of sessions.",
        HandOff.objects.filter(user_id=me),
        ("id", "project_id", "session_id", "text", "version", "created_at"),
    )
    yield (
        "invitations",
        "invitations you made; not to whom.",
        Invitation.objects.filter(invited_by_id=me),
        ("id", "project_id", "role", "created_at", "expires_at", "accepted_at", "revoked_at"),
    )
    yield (
        "agent_tokens",
        "agents' tokens you made; not the tokens.",
        AgentToken.objects.filter(created_by_id=me),
        (
            *("id", "project_id", "name", "agent_type", "scopes", "created_at", "expires_at"),
            *("revoked_at", "last_used_at"),
        ),
    )
    yield (
        "webhooks",
        "webhooks you made; not their secrets.",
        Webhook.objects.filter(created_by_id=me),
        ("id", "project_id", "url", "agent_type", "created_at"),
    )
    yield (
        "sign_ins",
        "sign-ins of programs in your name.",
        ApiSignIn.objects.filter(user_id=me),
        ("id", "created_at", "refreshed_at", "expires_at", "ended_at", "ended_how"),
    )
    yield (
        "tracked_activities",
        "what pages noted of your input.",
        TrackedActivity.objects.filter(user_id=me),
        ("id", "project_id", "event_id", "kind", "metadata", "received_at"),
    )


def _table(
    me: UUID,
    counted: Counter[str] | None,
    name: str,
    what: str,
    rows: QuerySet[Any],
    columns: tuple[str, ...],
) -> Table:
    def read() -> Iterator[dict[str, Any]]:
        number = 0
        for row in _read(rows.values(*columns)):
            number += 1
            # Only a ledger row has it.
            if "data" in row:
                row["data"] = own_words(me, row["kind"], row["data"])
            yield row
        if counted is not None:
            counted[name] = number

    return Table(name, what, columns, read)


def _read(rows: QuerySet[Any, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """All rows, in the order of their ids, a batch a transaction: whoever reads slowly keeps none open."""
    last = None
    while True:
        # Of the ledger there is an index that has this person's rows in order.
        with acting_as_admin(), by_index() if rows.model is Activity else nullcontext():
            rest = rows if last is None else rows.filter(pk__gt=last)
            batch = list(rest.order_by("pk")[:BATCH_ROWS])
        if not connection.in_atomic_block:
            # Others may have it while the batch is on its way.
            connection.close()
        yield from batch
        if len(batch) < BATCH_ROWS:
            return
        last = batch[-1]["id"]
