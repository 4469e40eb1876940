"""Arguments that several tools take."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sessions_app.insights.activity_shapes import MAX_IDS
from sessions_app.services.shapes import Id

ItemIds = Annotated[list[Id], Field(max_length=MAX_IDS)]
EventId = Annotated[
    Id | None,
    Field(
        description="A UUID of your own for this call. Called again with the same one, it counts once:"
        " use it when you retry."
    ),
]
