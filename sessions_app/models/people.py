"""People: who signs in."""

from __future__ import annotations

import uuid
import zoneinfo
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower, Upper
from django.utils import timezone

from sessions_app.insights.names import initials

NAME_MAX_CHARACTERS = 80


class Digest(models.TextChoices):
    OFF = "off", "Off"
    DAILY = "daily", "Daily"
    WEEKLY = "weekly", "Weekly"


class UserManager(BaseUserManager["User"]):
    """E-mail instead of a user name; kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:  # noqa: ANN401
        """Make a user who signs in by e-mail; without a password none will match."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:  # noqa: ANN401
        """Make a user who may do everything in the admin (and is no project's member by that)."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(max_length=254)
    display_name = models.CharField(max_length=NAME_MAX_CHARACTERS)
    time_zone = models.CharField(max_length=64, default="UTC")
    # Whoever wants no machine voices in the panel hides what agents say; nothing is lost by it.
    hides_agents = models.BooleanField(default=False)
    # How often a mail tells what waits, if anything does; and when the last one was made.
    digest = models.CharField(max_length=6, choices=Digest, default=Digest.OFF, db_default=Digest.OFF)
    digest_at = models.DateTimeField(null=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        db_table = "users"
        constraints = [
            # Ann@x and ann@x are one person, whatever door wrote the row.
            models.UniqueConstraint(Lower("email"), name="users_email_unique"),
        ]
        indexes = [
            # How Django and allauth look for an address, whatever its capitals.
            models.Index(Upper("email"), name="users_email_as_looked_for"),
            # Who gets a digest by mail, those first who have gone longest without one.
            models.Index(
                models.F("digest_at").asc(nulls_first=True),
                models.F("id"),
                condition=models.Q(("is_active", True), ~models.Q(digest="off")),
                name="users_with_digest",
            ),
        ]

    def clean(self) -> None:
        """What forms of the model (the admin's) must hold to. Raises ValidationError."""
        super().clean()
        if self.time_zone not in zoneinfo.available_timezones():
            raise ValidationError({"time_zone": "Must be a name of a time zone, like Europe/Stockholm."})

    def __str__(self) -> str:
        return self.display_name or self.email

    @property
    def initials(self) -> str:
        """One or two letters for the avatar."""
        return initials(self.display_name or self.email)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The person's time zone; UTC for one that a newer list of zones has dropped."""
        try:
            return zoneinfo.ZoneInfo(self.time_zone)
        except (KeyError, ValueError):
            return zoneinfo.ZoneInfo("UTC")
