"""People: their own profile, and the first owner of a fresh installation."""

from __future__ import annotations

import zoneinfo
from collections.abc import Collection
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from sessions_app import clock, ledger
from sessions_app.db.retry import sqlstate
from sessions_app.ledger import Actor, Kind
from sessions_app.models import User
from sessions_app.models.people import NAME_MAX_CHARACTERS, Digest
from sessions_app.services import sign_ins
from sessions_app.services.errors import Conflict, Invalid, NotFound
from sessions_app.services.texts import clean_email, clean_line

_CHECK_VIOLATION = "23514"


def update_profile(
    user: User, *, display_name: str, time_zone: str, hides_agents: bool, digest: str | None = None
) -> None:
    """Change one's own name, time zone, whether agents' parts are hidden, how often a digest is mailed.

    `digest` is off, daily or weekly; None leaves it. Raises Invalid.
    """
    user.display_name = clean_line(display_name, "display_name", most=NAME_MAX_CHARACTERS)
    if time_zone not in zoneinfo.available_timezones():
        raise Invalid("time_zone", "must be one of the list.")
    if digest is not None and digest not in Digest.values:
        raise Invalid("digest", f"must be one of {', '.join(Digest.values)}.")
    user.time_zone, user.hides_agents = time_zone, hides_agents
    with transaction.atomic():
        user.save(update_fields=["display_name", "time_zone", "hides_agents"])
        if digest is not None and digest != user.digest:
            _choose_digest(user, digest)


def _choose_digest(user: User, digest: str) -> None:
    """Change how often it is mailed; `user` may be older than the last mail, or than "no more mails"."""
    stored = User.objects.select_for_update(no_key=True).only("digest", "digest_at").get(id=user.id)
    if stored.digest == Digest.OFF:
        # The first one comes on the next morning, not at the moment it is asked for.
        stored.digest_at = clock.now()
    stored.digest = digest
    stored.save(update_fields=["digest", "digest_at"])
    user.digest, user.digest_at = stored.digest, stored.digest_at


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
            # Two who open the link at the same moment: the second one waits, and is told.
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_xact_lock(hashtext('first owner'))")
            if User.objects.exists():
                raise Conflict("There is an account already: sign in with it.")
            return User.objects.create_superuser(email, password, display_name=name)
    except IntegrityError as bad:
        raise Conflict("There is an account already: sign in with it.") from bad


def change_account(user: User, fields: Collection[str]) -> None:
    """Store what staff changed of an account: the fields that are named, no others.

    An account that is switched off may do nothing anywhere; its sign-ins at the API end for good.
    """
    with transaction.atomic():
        user.save(update_fields=list(fields))
        if "is_active" in fields and not user.is_active:
            sign_ins.end_all(user.id, "switched off")


def erase_person(user_id: UUID) -> list[UUID]:
    """Erase who a person was and what they said; the projects keep what happened, without a name.

    `user_id` is the person's. One transaction, inside `acting_as_admin`: the database refuses it to
    everyone else. Returns the projects that changed by it; erasing twice changes nothing more. Raises
    NotFound for an unknown person; Conflict, naming the projects, while they are the only owner of one.
    """
    if not User.objects.filter(id=user_id).exists():
        raise NotFound("This person is not there.")
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("select erase_person(%s)", [user_id])
                touched: list[UUID] = [row[0] for row in cursor.fetchall()]
            # Read after the erasing, so that the ledger never hears the old name again.
            member = {"id": str(user_id), "name": str(User.objects.get(id=user_id))}
            for project_id in touched:
                with ledger.change(project_id, Actor.system()) as change:
                    change.record(Kind.MEMBER_REMOVED, member=member)
    except IntegrityError as refused:
        if sqlstate(refused) != _CHECK_VIOLATION:
            raise
        # The first line is what the function said; the rest says where in it.
        raise Conflict(str(refused).splitlines()[0]) from refused
    return touched
