"""What a service refuses, and why; each door words it in its own way."""

from __future__ import annotations

from typing import Any


class ServiceError(Exception):
    """A request that cannot be done; nothing was changed."""


class NotFound(ServiceError):
    """It is not there, or not for whoever asks."""


class NotAllowed(ServiceError):
    """It is there, but this person's role does not allow it. Says what would."""


class Invalid(ServiceError):
    """An input breaks a rule. `field` names it, `rule` says what it must be."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field
        self.rule = rule


class TooLong(Invalid):
    """An input is longer than what is taken."""


class Conflict(ServiceError):
    """Somebody was faster. `current` is the row as it stands now, to show beside what was sent."""

    def __init__(self, message: str, current: Any = None) -> None:  # noqa: ANN401 -- any of our rows
        super().__init__(message)
        self.current = current


class Archived(Conflict):
    """The project takes nothing any more, until it is restored."""


class SignInRefused(ServiceError):
    """The e-mail, the password or the token is not good; which of them is not said."""


class Unavailable(ServiceError):
    """What this depends on does not answer just now: it may be asked again soon."""


class TooMany(ServiceError):
    """Too many tries in too short a time; `retry_after` are the seconds to wait."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many requests. Try again in {retry_after} s.")
        self.retry_after = retry_after
