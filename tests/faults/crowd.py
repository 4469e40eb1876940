"""Open pages by the dozen, and who speaks to them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from tests.faults.pages import OpenPage, until
from tests.faults.product import Person, Product, Stage

CHAT_ROWS = "select id::text from messages where project_id::text = %s order by created_at, id"
# The chat of a page that was just loaded holds so many.
SHOWN = 30


def pages_of(stage: Stage, tabs: int) -> list[OpenPage]:
    """So many tabs of each person in each project, all loaded."""
    pages = []
    for project in stage.projects:
        for person in stage.people:
            first = OpenPage(person, project)
            first.load()
            pages.append(first)
            for _ in range(tabs - 1):
                other = OpenPage(person, project)
                other.loaded_like(first)
                pages.append(other)
    return pages


async def open_all(pages: Sequence[OpenPage], stop: asyncio.Event) -> list[asyncio.Task[None]]:
    """Open every page's socket; returns once each was pushed to, with the tasks that keep them open."""
    tasks = [asyncio.create_task(page.live(stop)) for page in pages]
    await until(lambda: all(page.pushes for page in pages), 60)
    return tasks


async def say(person: Person, stage: Stage, text: str, project: int = 0) -> float:
    """Say something in the chat; returns the moment of the answer, after the commit."""
    status, _ = await asyncio.to_thread(person.post, stage.path("messages/", project), {"text": text})
    assert status == 302, status
    return time.time()


def p99(figures: Sequence[float]) -> float:
    """What all but the slowest hundredth stay below."""
    return sorted(figures)[len(figures) * 99 // 100]


def newest_of_chat(product: Product, project: str) -> list[str]:
    """The ids of the messages that every page of the project is to show, oldest first."""
    return [row[0] for row in product.ask(CHAT_ROWS, project)][-SHOWN:]


def versions_of(product: Product, project: str, after: int = 0) -> list[int]:
    """The version of each fact of the project, in order."""
    sql = "select version from activities where project_id::text = %s and version > %s order by version, id"
    return [row[0] for row in product.ask(sql, project, after)]
