"""Sockets as a project's open pages hold them, by the thousand: `Audience` with the product's own readers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from tests.benchmarks.audience import Audience
from tests.benchmarks.readers import Reader, head_of
from tests.faults.pages import OpenPage
from tests.faults.process import Process
from tests.faults.product import Person, Product


def open_pages(product: Product, process: Process, people: Sequence[Person], project: str) -> Audience:
    """Pages of these people in turn at one server process, each at the version there is now.

    They are members of the project and signed in. No socket is open yet: the audience is to `grow`.
    """
    with closing(people[0]):
        first = OpenPage(people[0], project)
        first.load()
    version = int(first.version.partition(".")[0])
    shows = dict(
        product.ask("select user_id::text, version from memberships where project_id::text = %s", project)
    )

    def reader_of(number: int, audience: Audience) -> Reader:
        person = people[number % len(people)]
        at = f"/projects/{project}/live/?since={first.epoch}:{version}.{shows[person.id]}&fresh"
        head = head_of(process.port, at, person.cookie_header())
        return Reader(head, first.epoch, version, shows[person.id], audience.took)

    return Audience(process, reader_of)
