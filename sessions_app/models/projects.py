"""Projects, who belongs to them, and the counter row each one keeps."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, When
from django.utils import timezone

TITLE_MAX_CHARACTERS = 300


# A reference to a project has no index of its own (db_index=False, here and in the other models):
# every table has one that begins with the project and says more, and with both there PostgreSQL
# took the lesser one for a column's page and sorted the whole project.


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    EDITOR = "editor", "Editor"
    VIEWER = "viewer", "Viewer"

    @property
    def rank(self) -> int:
        """Whoever has the greater one may all that the lesser may, and more."""
        return (Role.VIEWER, Role.EDITOR, Role.OWNER).index(self)


class Project(models.Model):
    """What a group works on. A trigger gives it its counter row and its creator as first owner."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=TITLE_MAX_CHARACTERS)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    archived_at = models.DateTimeField(null=True, blank=True)
    # Since when the in-house agents keep out of it; NULL: they listen and look for gaps.
    agents_paused_at = models.DateTimeField(null=True, blank=True)
    # After so many days without a change an exploring item parks itself, a week after it said so.
    # NULL: never.
    idle_park_days = models.SmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "projects"
        indexes = [
            # Where items park themselves, over all projects.
            models.Index(
                fields=["id"],
                condition=models.Q(("idle_park_days__isnull", False), ("archived_at__isnull", True)),
                name="projects_parking",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ProjectCounter(models.Model):
    """The project's version and the counts its panels show; written by the database alone."""

    project = models.OneToOneField(
        Project, on_delete=models.DO_NOTHING, primary_key=True, related_name="counter"
    )
    # Raised by one in every transaction that changes what all members see, in commit order.
    version = models.BigIntegerField(default=0)
    # The transaction that raised it last: all its ledger rows carry the same version.
    version_transaction = models.BigIntegerField(null=True)
    exploring = models.IntegerField(default=0)
    decided = models.IntegerField(default=0)
    parked = models.IntegerField(default=0)
    questions_open = models.IntegerField(default=0)
    blockers_open = models.IntegerField(default=0)

    class Meta:
        db_table = "project_counters"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def of(self, user_id: uuid.UUID) -> MembershipQuerySet:
        """This person's memberships, with project and counters read along."""
        return self.filter(user_id=user_id).select_related("project__counter")

    def likely_first(self, user_id: uuid.UUID) -> MembershipQuerySet:
        """This person, then those who may write, then the others; of each those who came first first."""
        rank = Case(When(user_id=user_id, then=0), When(role=Role.VIEWER, then=2), default=1)
        return self.order_by(rank, "created_at", "id")


class Membership(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.DO_NOTHING, db_index=False, related_name="memberships"
    )
    # Without an index of its own: a plan that was made for somebody in few projects is kept, and would look
    # through all that another is in for the one it wants.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role)
    # Raised by what changes this one person's panel only: session start, step marks, the anchor.
    version = models.BigIntegerField(default=0)
    # The anchor: the project's version up to which this person said "I'm caught up", and when; and the
    # anchor before, for taking it back.
    caught_up_version = models.BigIntegerField(null=True)
    caught_up_at = models.DateTimeField(null=True)
    caught_up_version_before = models.BigIntegerField(null=True)
    caught_up_at_before = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[models.Manager[Membership]] = MembershipQuerySet.as_manager()

    class Meta:
        db_table = "memberships"
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="memberships_one_per_person"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="memberships_role_known"),
        ]
        indexes = [models.Index(fields=["user", "project"], name="memberships_of_user")]

    @property
    def is_owner(self) -> bool:
        return self.role == Role.OWNER

    @property
    def may_write(self) -> bool:
        """Editors and owners change the project; viewers only what is their own."""
        return self.role in (Role.OWNER, Role.EDITOR)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, now: dt.datetime) -> InvitationQuerySet:
        """Those whose link still works."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now)


class Invitation(models.Model):
    """A link that lets whoever holds it join once; only the hash of its secret is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.DO_NOTHING, db_index=False, related_name="invitations"
    )
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=10, choices=Role, default=Role.EDITOR)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[models.Manager[Invitation]] = InvitationQuerySet.as_manager()

    class Meta:
        db_table = "invitations"
        indexes = [models.Index(fields=["project", "created_at"], name="invitations_of_project")]
