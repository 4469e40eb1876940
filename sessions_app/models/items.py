"""Items: ideas and topics of a project, each in one state."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.expressions import RawSQL
from django.utils import timezone

from sessions_app import clock
from sessions_app.insights import standstill
from sessions_app.models.projects import TITLE_MAX_CHARACTERS, Project

TEXT_MAX_CHARACTERS = 40_000
REASON_MAX_CHARACTERS = 2_000
ALTERNATIVE_MAX_CHARACTERS = 300


class State(models.TextChoices):
    EXPLORING = "exploring", "Exploring"
    DECIDED = "decided", "Decided"
    PARKED = "parked", "Parked"


class ItemQuerySet(models.QuerySet["Item"]):
    def in_state(self, state: str) -> ItemQuerySet:
        return self.filter(state=state)

    def newest_first(self) -> ItemQuerySet:
        """Those whose state changed last come first."""
        return self.order_by("-state_version", "-id")

    def with_names(self) -> ItemQuerySet:
        """With everything and everybody that an item is shown with."""
        return self.select_related(
            "project", "state_by", "created_by", "contested_by", "wake_item", "superseded_by"
        )

    def newest_decided_first(self) -> ItemQuerySet:
        return self.order_by("-decided_version", "-id")

    def decided_before(self, decided_version: int, item_id: uuid.UUID) -> ItemQuerySet:
        """What follows this place in a list of decisions (keyset paging)."""
        return self.filter(
            models.Q(decided_version__lt=decided_version)
            | models.Q(decided_version=decided_version, id__lt=item_id)
        )

    def unseen_decisions(self, user_id: uuid.UUID, project_id: uuid.UUID, base: int | None) -> ItemQuerySet:
        """What others decided after `base` and this person has not handled (functions/unseen_decisions)."""
        unseen = RawSQL("select d.id from unseen_decisions(%s, %s, %s) as d", [user_id, project_id, base])
        return self.filter(id__in=unseen)

    def before(self, state_version: int, item_id: uuid.UUID) -> ItemQuerySet:
        """What follows this place in a column (keyset paging)."""
        return self.filter(
            models.Q(state_version__lt=state_version) | models.Q(state_version=state_version, id__lt=item_id)
        )


class Item(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="items")
    title = models.CharField(max_length=TITLE_MAX_CHARACTERS)
    text = models.TextField(blank=True, max_length=TEXT_MAX_CHARACTERS)
    state = models.CharField(max_length=10, choices=State, default=State.EXPLORING)
    # Why it is in this state, as said by whoever brought it there.
    reason = models.TextField(blank=True, max_length=REASON_MAX_CHARACTERS)
    # How a decision came out where the word says more than "decided" (accepted, rejected, done).
    outcome = models.CharField(max_length=40, blank=True)

    # The project's version when the row changed in any way, when its state changed, when it was
    # last decided. The first guards edits against stale forms, the last carries "decided since".
    version = models.BigIntegerField(default=0)
    state_version = models.BigIntegerField(default=0)
    decided_version = models.BigIntegerField(null=True)

    changed_at = models.DateTimeField(default=timezone.now)
    state_changed_at = models.DateTimeField(default=timezone.now)
    # Who brought it into its state: a person, or an agent by its type.
    state_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    state_by_agent = models.CharField(max_length=100, blank=True)

    # A parked item may come back by itself: at a moment, when another item is decided, or after so many
    # visits of whoever parked it. `woke_at` says that its time has come.
    wake_at = models.DateTimeField(null=True)
    wake_item = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, db_index=False, related_name="wakes"
    )
    wake_sessions = models.SmallIntegerField(null=True)
    woke_at = models.DateTimeField(null=True)

    # What else was considered when it was decided, and which later decision took its place.
    alternatives = ArrayField(
        models.CharField(max_length=ALTERNATIVE_MAX_CHARACTERS), default=list, db_default=[], blank=True
    )
    superseded_by = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, db_index=False, related_name="supersedes"
    )
    # A decision may ask to be looked at again; `review_due_at` says that its day has come.
    review_at = models.DateTimeField(null=True)
    review_due_at = models.DateTimeField(null=True)
    # Somebody does not agree. The item stays decided until it is confirmed or reopened.
    contested_at = models.DateTimeField(null=True)
    contested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    contest_reason = models.TextField(blank=True, db_default="", max_length=REASON_MAX_CHARACTERS)
    # Since when an exploring item that stands still has said that it will park itself.
    idle_warned_at = models.DateTimeField(null=True)

    citation_quote = models.TextField(blank=True, max_length=REASON_MAX_CHARACTERS)
    citation_message_id = models.UUIDField(null=True)
    citation_at = models.DateTimeField(null=True)
    citation_confidence = models.FloatField(null=True)

    # Where an imported item comes from: its key in the source, and who the source says acted.
    import_key = models.CharField(max_length=300, blank=True)
    # What the source said at the last import: only what it says anew is applied, so that a later
    # import never undoes what people decided here.
    import_seen: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    import_people = ArrayField(models.CharField(max_length=200), default=list, blank=True)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_by_agent = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[models.Manager[Item]] = ItemQuerySet.as_manager()

    class Meta:
        db_table = "items"
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="items_state_known"),
            models.CheckConstraint(
                condition=models.Q(citation_confidence__isnull=True)
                | models.Q(citation_confidence__gte=0, citation_confidence__lte=1),
                name="items_confidence_0_to_1",
            ),
            # One record of a source is one item: an import run twice finds it again.
            models.UniqueConstraint(
                fields=["project", "import_key"],
                condition=~models.Q(import_key=""),
                name="items_one_per_import_key",
            ),
        ]
        indexes = [
            # A column, newest first, a page at a time.
            models.Index(fields=["project", "state", "-state_version", "-id"], name="items_column"),
            # "Decided since": a range over what is decided now.
            # The whole order, so that the newest few are found without a look at all that were decided since.
            models.Index(
                fields=["project", "decided_version", "id"],
                condition=models.Q(state="decided"),
                name="items_decided_in_order",
            ),
            # The exploring items longest without change, in one order: an import changes many at one moment.
            models.Index(
                fields=["project", "changed_at", "id"],
                condition=models.Q(state="exploring"),
                name="items_longest_idle",
            ),
            # Parked items whose wake-up is due, over all projects.
            models.Index(
                fields=["wake_at"],
                condition=models.Q(state="parked", woke_at__isnull=True),
                name="items_wake_due",
            ),
            # Parked items that woke, for the steps.
            models.Index(
                fields=["project", "woke_at"],
                condition=models.Q(state="parked", woke_at__isnull=False),
                name="items_woken",
            ),
            # Parked items that wait for another one, or for visits.
            models.Index(
                fields=["wake_item"],
                condition=models.Q(wake_item__isnull=False),
                name="items_wake_item",
            ),
            models.Index(
                fields=["project"],
                condition=models.Q(state="parked", woke_at__isnull=True, wake_sessions__isnull=False),
                name="items_wake_sessions",
            ),
            # Decisions whose review date comes, over all projects.
            models.Index(
                fields=["review_at"],
                condition=models.Q(state="decided", review_due_at__isnull=True),
                name="items_review_due",
            ),
            # Decisions to review, for the steps.
            models.Index(
                fields=["project"],
                condition=models.Q(state="decided")
                & (models.Q(contested_at__isnull=False) | models.Q(review_due_at__isnull=False)),
                name="items_to_review",
            ),
            models.Index(
                fields=["superseded_by"],
                condition=models.Q(superseded_by__isnull=False),
                name="items_superseded",
            ),
            # What quotes a message, for when it is deleted.
            models.Index(
                fields=["citation_message_id"],
                condition=models.Q(citation_message_id__isnull=False),
                name="items_citing",
            ),
            # Those that are warned of standing still.
            models.Index(
                fields=["project"],
                condition=models.Q(idle_warned_at__isnull=False),
                name="items_idle_warned",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_exploring(self) -> bool:
        return self.state == State.EXPLORING

    @property
    def is_decided(self) -> bool:
        return self.state == State.DECIDED

    @property
    def is_parked(self) -> bool:
        return self.state == State.PARKED

    @property
    def has_wake_up(self) -> bool:
        """Whether something wakes it, or has woken it."""
        return any((self.woke_at, self.wake_at, self.wake_item_id, self.wake_sessions))

    @property
    def still_for(self) -> int | None:
        """For how many days nothing moved, where it is open and that is worth a word."""
        return standstill.still_for(self.changed_at, clock.now()) if self.is_exploring else None

    @property
    def parks_at(self) -> datetime | None:
        """When it parks itself, once it has been warned of."""
        return standstill.parks_at(self.changed_at, self.idle_warned_at, self.project.idle_park_days)

    @property
    def is_to_review(self) -> bool:
        """Whether its decision is contested, or asks to be looked at again."""
        return self.contested_at is not None or self.review_due_at is not None


class ItemDependency(models.Model):
    """One item waits for another: `waiting` cannot well be decided before `blocking` is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    waiting = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="waits_for")
    blocking = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="holds_up")
    # Known from an import; one added by hand is never removed by a later import.
    is_imported = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "item_dependencies"
        constraints = [
            models.UniqueConstraint(fields=["project", "waiting", "blocking"], name="item_dependencies_once"),
            models.CheckConstraint(
                condition=~models.Q(waiting=models.F("blocking")), name="item_dependencies_not_self"
            ),
        ]
