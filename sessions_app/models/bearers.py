"""Bearers: what programs show at the API, the MCP door and the socket instead of a cookie."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from sessions_app.models.projects import Project


class Scope(models.TextChoices):
    """What an agent token lets its agent do."""

    BRIEFING = "briefing", "Read the briefing and what the project holds"
    ACTIVITY = "activity", "Report activity and blockers"
    MESSAGES = "messages", "Speak in the chat"
    ITEMS = "items", "Add and change items"
    QUESTIONS = "questions", "Ask people questions"
    LIVE = "live", "Be told of changes by a socket"


class AgentTokenQuerySet(models.QuerySet["AgentToken"]):
    def good(self, now: dt.datetime) -> AgentTokenQuerySet:
        """Those that let their agent in."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)

    def ended(self, now: dt.datetime) -> AgentTokenQuerySet:
        """Those that do no more: revoked or expired."""
        return self.filter(Q(revoked_at__isnull=False) | Q(expires_at__lte=now))


class AgentToken(models.Model):
    """The bearer an outside agent shows: one project, one agent name, stored hashed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.DO_NOTHING, db_index=False, related_name="agent_tokens"
    )
    agent_type = models.CharField(max_length=100)
    # What its owner calls it, to tell several of one agent apart.
    name = models.CharField(max_length=80, db_default="", default="")
    scopes = ArrayField(models.CharField(max_length=20), default=list, db_default=[])
    token_hash = models.CharField(max_length=64, unique=True)
    # Its last characters, to recognise it by.
    hint = models.CharField(max_length=8, db_default="", default="")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    # The version of the last briefing it read, and of the one it had read when it last acted: what came
    # later than the second is news to it. Reading alone makes nothing old.
    briefed_version = models.BigIntegerField(db_default=0, default=0)
    last_version = models.BigIntegerField(db_default=0, default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[models.Manager[AgentToken]] = AgentTokenQuerySet.as_manager()

    class Meta:
        db_table = "agent_tokens"
        indexes = [models.Index(fields=["project"], name="agent_tokens_of_project")]


class ApiSignIn(models.Model):
    """A person's sign-in at the API: its access tokens live as long as this row is not ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Of the one refresh token that may be used next; an earlier one coming back ends the sign-in.
    refresh_hash = models.CharField(max_length=64)
    # Of the user's password: another password makes another one, and ends the sign-in.
    auth_hash = models.CharField(max_length=64)
    refreshed_at = models.DateTimeField(default=timezone.now)
    # The refresh token is no good after it; each refresh moves it on.
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # In a few words: "signed out", "refresh token used twice".
    ended_how = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "api_sign_ins"
        verbose_name = "API sign-in"
        verbose_name_plural = "API sign-ins"


class ExternalIdentity(models.Model):
    """Who a person is at the trusted external issuer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "external_identities"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="external_identities_once"),
        ]


class SocketTicket(models.Model):
    """Opens one socket once, soon: for pages of another origin, which can send no bearer there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    secret_hash = models.CharField(max_length=64, unique=True)
    # Whose: the sign-in of a person, or an agent's token.
    sign_in = models.ForeignKey(ApiSignIn, null=True, on_delete=models.CASCADE, related_name="+")
    # A person of the external issuer has no sign-in here.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    agent_token = models.ForeignKey(AgentToken, null=True, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "socket_tickets"
        indexes = [models.Index(fields=["project", "expires_at"], name="socket_tickets_of_project")]


class IdempotencyKey(models.Model):
    """A POST that was done under a client's own key, and its answer: asked again it is told again."""

    id = models.BigAutoField(primary_key=True)
    # "user:<id>", "agent:<token id>", or "sign-in:<hash>" where nobody is signed in yet.
    caller = models.CharField(max_length=120)
    route = models.CharField(max_length=300)
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    # Status, headers and body, sealed: answers carry tokens and texts.
    answer = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "idempotency_keys"
        constraints = [
            models.UniqueConstraint(fields=["caller", "route", "key"], name="idempotency_keys_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_keys_age")]
