"""People: their own profile, and the first owner of a fresh installation."""

from __future__ import annotations

import zoneinfo

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from sessions_app.models import User
from sessions_app.models.people import NAME_MAX_CHARACTERS
from sessions_app.services.errors import Conflict, Invalid
from sessions_app.services.texts import clean_email, clean_line


def update_profile(user: User, *, display_name: str, time_zone: str, hides_agents: bool) -> None:
    """Change one's own name, time zone and whether agents' parts are hidden. Raises Invalid."""
    user.display_name = clean_line(display_name, "display_name", most=NAME_MAX_CHARACTERS)
    if time_zone not in zoneinfo.available_timezones():
        raise Invalid("time_zone", "must be one of the list.")
    user.time_zone, user.hides_agents = time_zone, hides_agents
    user.save(update_fields=["display_name", "time_zone", "hides_agents"])


def time_zones() -> list[str]:
    """The names a person may choose from, in order."""
    return sorted(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")


def create_first_owner(*, email: str, display_name: str, password: str) -> User:
    """Make the first account of an installation, who is also staff of the admin.

    Raises Conflict when there is an account already, Invalid for a bad field.
    """
    name = clean_line(display_name, "display_name", most=NAME_MAX_CHARACTERS)
    email = clean_email(email, "email")
    try:
        validate_password(password)
    except ValidationError as bad:
        raise Invalid("password", " ".join(bad.messages)) from bad
    try:
        with transaction.atomic():
            if User.objects.exists():
                raise Conflict("There is an account already: sign in with it.")
            return User.objects.create_superuser(email, password, display_name=name)
    except IntegrityError as bad:
        raise Conflict("There is an account already: sign in with it.") from bad
