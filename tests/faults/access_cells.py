"""The cells of the access table: one call by one caller, and what it must come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.api import table as api_table
from tests.faults.access import AGENTS, ELSEWHERE, EVERY_SCOPE, NOBODY, Access, Caller, kind_of
from tests.faults.access_people import ROLES
from tests.faults.asking import Client, Told
from tests.views import table as page_table
from tests.views.table import SIGN_IN


@dataclass(frozen=True)
class Extent:
    """Whether callers who are the same to a door take turns at its routes, or all ask for each."""

    takes_turns: bool


@dataclass(frozen=True)
class Cell:
    """One call of the matrix and what it must come to."""

    caller: Caller
    what: str
    call: dict[str, Any]
    wanted: frozenset[int]
    is_page: bool
    # Whether nobody may learn anything by it of a project that is not theirs.
    hides: bool

    @property
    def is_refused(self) -> bool:
        leads_to_sign_in = self.wanted == {302} and self.caller.pages in NOBODY
        return leads_to_sign_in or self.wanted <= {401, 403, 404, 405}


def page_cells(access: Access, size: Extent) -> Iterator[Cell]:
    """Pages and verbs, plain and by HTMX."""
    calls: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for call in access.told["pages"]:
        calls[call["name"], call["method"]].append(call)
    for turn, ((name, method), known) in enumerate(calls.items()):
        row = page_table.TABLE[name]
        for place, caller in enumerate(chosen(access.callers, size, turn, "pages")):
            own = [call for call in known if call["caller"] == caller.pages]
            tried = own or [{**known[0], "htmx": htmx} for htmx in (False, True)]
            # Each of GET and POST is asked for in both ways, by one kind of caller or another.
            first = (turn // 2 + place) % 2
            for call in tried[first : first + 1] if size.takes_turns else tried:
                wanted = page_table.expected(caller.pages, method, row, htmx=call["htmx"])
                what = f"{method} {name}{' by HTMX' if call['htmx'] else ''}"
                yield Cell(caller, what, call, frozenset({wanted}), is_page=True, hides=row.in_project)


def operation_cells(access: Access, size: Extent) -> Iterator[Cell]:
    """Operations of the API."""
    calls: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for call in access.told["operations"]:
        calls[call["name"]].append(call)
    for turn, (name, known) in enumerate(calls.items()):
        row = api_table.TABLE[name]
        # What anybody may do is a sign-in, of which there may be a few in a minute.
        turns = Extent(takes_turns=size.takes_turns or row.least == api_table.ANYONE)
        anyones = [call for call in known if not call["caller"]]
        for place, caller in enumerate(chosen(access.callers, turns, turn, "api")):
            own = [call for call in known if call["caller"] == caller.api]
            call = own[0] if own else anyones[place % len(anyones)]
            wanted = frozenset(operation_wanted(caller.api, name))
            hides = row.least in api_table.RANK
            yield Cell(caller, f"{call['method']} {name}", call, wanted, is_page=False, hides=hides)


def chosen(callers: list[Caller], size: Extent, turn: int, door: str) -> Iterator[Caller]:
    """Who asks for one route: everybody, or one of each kind that this door tells apart."""
    kinds: dict[str, list[Caller]] = defaultdict(list)
    for caller in callers:
        kinds[kind_of(getattr(caller, door))].append(caller)
    for alike in kinds.values():
        yield from [alike[turn % len(alike)]] if size.takes_turns else alike


def operation_wanted(who: str, name: str) -> set[int]:
    """The statuses of an operation, for people and agents."""
    row = api_table.TABLE[name]
    works = {row.status, *api_table.MAY_END.get(name, ())}
    if row.least == api_table.ANYONE:
        return works
    if who == ELSEWHERE:
        return {404} if row.least in api_table.RANK else {403}
    if who.startswith(AGENTS):
        return works if row.scope and who in (f"{AGENTS}{row.scope}", EVERY_SCOPE) else {403}
    return api_table.expected(who, name, row)


def ask_all(access: Access, cells: list[Cell]) -> list[str]:
    """Ask each; returns what is not as the table says."""
    mine: dict[Caller, list[Cell]] = defaultdict(list)
    for cell in cells:
        mine[cell.caller].append(cell)

    def ask_as(caller: Caller) -> list[str]:
        client = access.client(caller)
        try:
            return [fault for cell in mine[caller] for fault in faults_of(cell, asked(client, cell))]
        finally:
            client.close()

    with ThreadPoolExecutor(3) as pool:
        return [fault for faults in pool.map(ask_as, mine) for fault in faults]


def asked(client: Client, cell: Cell) -> Told:
    call = cell.call
    if cell.is_page:
        form = call["form"] if call["method"] == "POST" else None
        return client.ask(call["method"], call["path"], form=form, htmx=call["htmx"])
    return client.ask(call["method"], call["path"], body=call["body"])


def faults_of(cell: Cell, told: Told) -> Iterator[str]:
    """What is wrong with an answer: its status, what it must say, and what it must not."""
    named = f"{cell.caller.name}: {cell.what}: {told.status}"
    if told.status not in cell.wanted:
        yield f"{named}, not {sorted(cell.wanted)} {told.text[:150]!r}"
        return
    is_nobody = cell.is_page and cell.caller.pages in NOBODY
    if is_nobody and told.status == 302 and urlsplit(told.headers["Location"]).path != SIGN_IN:
        yield f"{named} leads to {told.headers['Location']}"
    if cell.is_page and told.status == 401 and not told.headers.get("HX-Redirect", "").startswith(SIGN_IN):
        yield f"{named} without HX-Redirect"
    if not cell.is_page and told.status == 401:
        challenge = told.headers.get("WWW-Authenticate", "")
        if not challenge.startswith("Bearer") or (
            cell.caller.is_bad_token and 'error="invalid_token"' not in challenge
        ):
            yield f"{named} with WWW-Authenticate {challenge!r}"
    who = cell.caller.pages if cell.is_page else cell.caller.api
    if cell.hides and who not in ROLES and not who.startswith(AGENTS) and "Lighthouse" in told.text:
        yield f"{named} tells the project's title"
