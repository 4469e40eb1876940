"""What the API takes in: strict types that cast nothing, and say what they want."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, RawPostDataException, UnreadablePostError
from ninja.parser import Parser
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from sessions_app import clock, strict_json
from sessions_app.metrics import intake
from sessions_app.models.messages import MESSAGE_MAX_CHARACTERS
from sessions_app.models.projects import TITLE_MAX_CHARACTERS
from sessions_app.services.shapes import MOMENT_SCHEMA, UUID_SCHEMA, is_id, read_id, read_moment

# What the MCP door takes in the same form: here for the operations beside the rest.
from sessions_app.services.shapes import Body as Body
from sessions_app.services.shapes import Id as Id
from sessions_app.services.shapes import JsonObject as JsonObject
from sessions_app.services.shapes import Moment as Moment

_DIGITS = re.compile(r"[1-9][0-9]{0,18}|0")
# An agent's own clock may be wrong by some days; what it says of another month is a mistake.
MOST_DAYS_BACK, MOST_DAYS_AHEAD = 30, 1
MOST_A_PAGE = 100
USUAL_A_PAGE = 50
# Of lists that programs may take to be whole.
MOST_WHOLE = 1_000


class UnsupportedBody(Exception):
    """The body is of another kind than JSON."""


class StrictParser(Parser):
    """Reads bodies by `strict_json`, an object each."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The body's object. Raises UnsupportedBody, or strict_json's NotJson and BadValue."""
        if request.content_type != "application/json":
            raise UnsupportedBody
        value = strict_json.parse(request.body)
        if not isinstance(value, dict):
            raise strict_json.BadValue("body", "must be a JSON object.")
        _note(value)
        return value


def _note(body: dict[str, Any]) -> None:
    """Note what an intake counts by, before any of it is refused: how many pieces, for which project."""
    _note_entries(body)
    if isinstance(project := body.get("projectId"), str) and is_id(project):
        intake.note_project(UUID(project))


def _note_entries(body: dict[str, Any]) -> None:
    if isinstance(activities := body.get("activities"), list):
        intake.note_entries(len(activities))


def note_unread(request: HttpRequest) -> None:
    """Note how many pieces a batch is that was refused before its body was read, as far as it can be."""
    try:
        body = strict_json.glimpse(request.body)
    except (RequestDataTooBig, UnreadablePostError, RawPostDataException):
        return
    if isinstance(body, dict):
        _note_entries(body)


def _whole(value: object) -> object:
    if isinstance(value, str) and _DIGITS.fullmatch(value) and int(value) <= strict_json.MOST_INTEGER:
        return int(value)
    raise PydanticCustomError("whole", "must be a whole number.")


def _lately(value: object) -> object:
    moment = read_moment(value)
    now = clock.now()
    if not now - dt.timedelta(days=MOST_DAYS_BACK) <= moment <= now + dt.timedelta(days=MOST_DAYS_AHEAD):
        raise PydanticCustomError(
            "lately",
            "must be at most {back} days back and {ahead} day ahead of the server's clock.",
            {"back": MOST_DAYS_BACK, "ahead": MOST_DAYS_AHEAD},
        )
    return moment


# In a body a number is a number; here it comes out of an address.
Whole = Annotated[
    int, BeforeValidator(_whole), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 2**63 - 1})
]
RecentMoment = Annotated[dt.datetime, BeforeValidator(_lately), WithJsonSchema(MOMENT_SCHEMA)]


def _me_or_id(value: object) -> object:
    return value if value == "me" else read_id(value)


UserId = Annotated[
    UUID | Literal["me"],
    BeforeValidator(_me_or_id),
    WithJsonSchema({"anyOf": [{"const": "me", "type": "string"}, UUID_SCHEMA], "examples": ["me"]}),
]

# Lengths are counted as the database counts them; what is only white space is judged by the services.
Title = Annotated[str, StringConstraints(min_length=1, max_length=TITLE_MAX_CHARACTERS)]
MessageText = Annotated[str, StringConstraints(min_length=1, max_length=MESSAGE_MAX_CHARACTERS)]


def optional_text(most: int, least: int = 0) -> Any:  # noqa: ANN401 -- a field
    """A field that is left out, or a text of at most so many characters."""
    return Field(default="", min_length=least, max_length=most)


def _to(most: int) -> BeforeValidator:
    """A page of a list has from one to so many rows."""

    def a_page(value: object) -> object:
        limit = _whole(value)
        if not (isinstance(limit, int) and 1 <= limit <= most):
            raise PydanticCustomError("a_page", "must be from 1 to {most}.", {"most": most})
        return limit

    return BeforeValidator(a_page)


def _told_to(most: int) -> WithJsonSchema:
    return WithJsonSchema(
        {"type": "integer", "minimum": 1, "maximum": most, "description": "how many at most"}
    )


class Query(BaseModel):
    """What stands behind the ? of an address. A name that is not here is refused (door.py)."""

    model_config = ConfigDict(alias_generator=to_camel)


class Limited(Query):
    """How much of a list is read."""

    limit: Annotated[int, _to(MOST_A_PAGE), _told_to(MOST_A_PAGE)] = USUAL_A_PAGE


class Page(Limited):
    """Where a list is read from, and how much of it."""

    cursor: str = Field("", max_length=200, description="`next` of the page before; left out: the first page")


class LongPage(Page):
    """The same of a list that is mostly short: it comes whole, unless it is very long."""

    limit: Annotated[int, _to(MOST_WHOLE), _told_to(MOST_WHOLE)] = MOST_WHOLE
