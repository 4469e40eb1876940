"""What a tool is: how it is described to an agent, what it takes and gives, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_origin

import mcp_types
from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel

from sessions_app import strict_json
from sessions_app.models.bearers import Scope
from sessions_app.services.bearers import AgentCaller


class Arguments(BaseModel):
    """What a tool takes: nothing cast, nothing unknown; null is the same as left out."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _as_meant(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {name: cls._unpacked(name, value) for name, value in given.items() if value is not None}

    @classmethod
    def _unpacked(cls, name: str, value: object) -> object:
        """A list or an object that came as JSON within a string, as some clients send it."""
        known = cls.model_fields.get(name)
        kind = get_origin(known.annotation) if known else None
        if not isinstance(value, str) or kind not in (list, dict):
            return value
        try:
            inner = strict_json.parse(value.encode())
        except (strict_json.NotJson, strict_json.BadValue):
            return value
        return inner if isinstance(inner, kind) else value


class Given(BaseModel):
    """What a tool gives back as data, in the API's spelling."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


@dataclass(frozen=True)
class Answer:
    """The same twice: a text for who reads, data for what computes."""

    text: str
    data: BaseModel | Mapping[str, Any]


@dataclass(frozen=True)
class Tool:
    """One tool. `run` raises what services do."""

    name: str
    title: str
    description: str
    scope: Scope
    takes: type[Arguments]
    gives: type[BaseModel]
    run: Callable[[AgentCaller, Any], Answer]
    # Whether it changes something, which an archived project refuses.
    writes: bool = True
    # Whether doing it twice with the same arguments comes to the same as once.
    is_idempotent: bool = False
    # What the service calls an argument, where that has another name here.
    renamed: Mapping[str, str] = field(default_factory=dict)

    def described(self) -> mcp_types.Tool:
        """The tool as clients are told of it."""
        return mcp_types.Tool(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=self.takes.model_json_schema(),
            output_schema=self.gives.model_json_schema(mode="serialization"),
            annotations=mcp_types.ToolAnnotations(
                title=self.title,
                read_only_hint=not self.writes,
                # Nothing is ever taken away by a tool, and none reaches beyond the project.
                destructive_hint=False,
                idempotent_hint=self.is_idempotent,
                open_world_hint=False,
            ),
        )
