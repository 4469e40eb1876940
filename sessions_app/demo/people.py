"""Who plays in the demo's story."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction

from sessions_app.models import User

PASSWORD = "come back soon"  # noqa: S105 -- the demo's, printed for everybody who starts it

# Agents, by the name they report under. The last one comes from outside, with a token of its own.
QUESTIONER = "QuestionerAgent"
CLARIFIER = "ClarificationAgent"
GAP_FINDER = "GapDetectionAgent"
VERIFIER = "VerificationAgent"
SCOUT = "ResearchScout"

# Display name, e-mail, time zone.
_ANN = ("Ann Berg", "ann@example.org", "Europe/Stockholm")
_BOB = ("Bob Okafor", "bob@example.org", "Europe/London")
_MINA = ("Mina Rahimi", "mina@example.org", "Europe/Stockholm")
_JONAS = ("Jonas Weiss", "jonas@example.org", "Europe/Berlin")
_ALL = (_ANN, _BOB, _MINA, _JONAS)

SIGN_IN = tuple((name, email, PASSWORD) for name, email, _zone in _ALL)


@dataclass(frozen=True)
class Cast:
    """The four people. Ann is the one who comes back."""

    ann: User
    bob: User
    mina: User
    jonas: User

    @property
    def everybody(self) -> tuple[User, ...]:
        return (self.ann, self.bob, self.mina, self.jonas)


def are_there() -> bool:
    """Whether any of the demo's people has an account here already."""
    return User.objects.filter(email__in=[email for _name, email, _zone in _ALL]).exists()


def make() -> Cast:
    """Make the four accounts, all of them or none."""
    # Hashing is slow on purpose, and the password is the same: once is enough.
    password = make_password(PASSWORD)
    with transaction.atomic():
        ann, bob, mina, jonas = (
            User.objects.create(email=email, display_name=name, time_zone=zone, password=password)
            for name, email, zone in _ALL
        )
    return Cast(ann, bob, mina, jonas)


def unmake(cast: Cast) -> None:
    """Take the accounts away again; their projects must be gone by then."""
    User.objects.filter(id__in=[person.id for person in cast.everybody]).delete()
