"""Suggested next steps."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from sessions_app.insights.step_row import StepRow
from sessions_app.insights.wording import word_step
from sessions_app.panels.addresses import row_url
from sessions_app.panels.viewing import Viewing

NAME = "steps"
TEMPLATE = "panels/_steps.html"
FOLLOWS = ("item.", "question.", "blocker.")


@dataclass(frozen=True)
class StepShown:
    id: str
    text: str
    priority: str
    reason: str
    blocks_others: bool
    blocked_count: int
    url: str
    kind: str = ""  # of a hidden step: how it was put aside


def key(view: Viewing) -> Hashable:
    """The steps themselves: marks are one's own, but most people have none."""
    return view.summary.is_first, view.told("suggestedNextSteps", "hiddenSteps")


def context(view: Viewing) -> dict[str, Any]:
    """`steps` to show and `hidden_steps` that were put aside; reasons are worded now."""
    raw = view.summary.raw
    return {
        "steps": _all_shown(view, raw["suggestedNextSteps"]),
        "hidden_steps": _all_shown(view, raw["hiddenSteps"]),
    }


def step_url(project_id: UUID, row: StepRow) -> str:
    """Where the step is done: the page of its subject, or the place that it has on a page."""
    kind, subject, *_ = row.id.split(":")
    if kind == "item":
        return reverse("item", args=[project_id, subject])
    if kind in ("question", "blocker"):
        return row_url(project_id, kind, subject)
    return f"{reverse('project', args=[project_id])}#exploring"


def known_rows(stored: Iterable[Mapping[str, Any]]) -> Iterator[tuple[StepRow, str]]:
    """Stored steps that this release can word, each with the mark that hides it or ""."""
    for data in stored:
        # Else stored by another release during a deploy, of a rule that this one has no words for.
        with suppress(ValueError):
            yield StepRow.from_json(data), str(data.get("mark", ""))


def _all_shown(view: Viewing, stored: list[dict[str, Any]]) -> list[StepShown]:
    return [_shown(view, row, mark) for row, mark in known_rows(stored)]


def _shown(view: Viewing, row: StepRow, kind: str) -> StepShown:
    step = word_step(row, view.now)
    return StepShown(
        id=row.id,
        text=step.text,
        priority=step.priority,
        reason=step.reason,
        blocks_others=step.blocks_others,
        blocked_count=step.blocked_count,
        url=step_url(view.project_id, row),
        kind=kind,
    )
