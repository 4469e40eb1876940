"""A page whose socket is spoken by hand."""

from __future__ import annotations

from tests.commands.raw import RawSocket
from tests.faults.pages import OpenPage
from tests.faults.product import Stage


def open_socket(stage: Stage, *more: str) -> tuple[RawSocket, OpenPage]:
    """The first person's page and its socket; `more` headers. What is sent small stays small: nothing is
    unpacked."""
    person = stage.people[0]
    page, line = OpenPage(person, stage.projects[0]), RawSocket(person.port)
    page.load()
    head = line.open(person, stage.path(f"live/?since={page.since}"), *more)
    assert " 101 " in head, head
    assert "permessage-deflate" not in head
    return line, page
