"""What the API gives out: camelCase in an envelope; rows of the two central tables by their columns."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

T = TypeVar("T")


class Shown(BaseModel):
    """Something as it is given out, in camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Row(BaseModel):
    """A row of a table, under the names of its columns."""


class Data(BaseModel, Generic[T]):
    """Success, with what was asked for."""

    success: Literal[True] = True
    data: T


class Done(BaseModel):
    """Success, and nothing to show for it but a sentence."""

    success: Literal[True] = True
    message: str


class List(BaseModel, Generic[T]):
    """One page of a list; `next` is the `cursor` of the following one, or null at the end."""

    success: Literal[True] = True
    data: list[T]
    next: str | None


class FieldError(BaseModel):
    """One field of the input, and the rule it breaks."""

    field: str
    message: str


class Problem(BaseModel):
    """An error (RFC 9457), with what existing front ends read: `success` and `error`."""

    type: str
    title: str
    status: int
    detail: str
    success: Literal[False] = False
    # Of a fault of ours: by this it is found in the log.
    requestId: str | None = None  # noqa: N815 -- as it is sent
    # The same as `detail`.
    error: str
    errors: list[FieldError] | None = None


def as_text(body: BaseModel) -> str:
    """A body as it is sent."""
    return body.model_dump_json(by_alias=True)
