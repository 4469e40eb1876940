"""Lists come in pages: together they hold everything once, whatever is added meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from sessions_app import clock
from tests.api.conftest import Program, agent_program, data, program
from tests.conftest import Cast
from tests.doing import NINE

AT_ONE_MOMENT, LATER = 4, 3
A_MINUTE = dt.timedelta(minutes=1)


class Lists:
    """Lighthouse as two programs see it; a maker adds one row to the list of its name."""

    def __init__(self, cast: Cast, here: str) -> None:
        self.ann, self.agent, self.here = program(cast.ann), agent_program(cast), here
        self.made = 0

    def items(self) -> None:
        data(self.ann.post(f"{self.here}/items", {"title": self._text()}), 201)

    def messages(self) -> None:
        data(self.ann.post(f"{self.here}/messages", {"text": self._text()}), 201)

    def questions(self) -> None:
        data(self.agent.post(f"{self.here}/questions", {"text": self._text()}), 201)

    def blockers(self) -> None:
        data(self.agent.post(f"{self.here}/blockers", {"text": self._text()}), 201)

    def agent_activity(self) -> None:
        data(self.agent.post(f"{self.here}/agent-activity", {"action": self._text()}), 202)

    def changes(self) -> None:
        """Two facts of one version, which stand together: a question and the blocker that hangs on it."""
        item = data(self.ann.post(f"{self.here}/items", {"title": self._text()}), 201)["id"]
        asked = {"text": self._text(), "blocks": [item]}
        data(self.agent.post(f"{self.here}/questions", asked), 201)

    def item_history(self) -> None:
        item = data(self.ann.get(self.the_item()))
        changed = {"title": self._text(), "version": item["version"]}
        data(self.ann.call("PATCH", self.the_item(), changed))

    def webhook_deliveries(self) -> None:
        (webhook,) = data(self.ann.get(f"{self.here}/webhooks")) or [self._webhook()]
        assert self.ann.post(f"{self.here}/webhooks/{webhook['id']}/test").status_code == 202

    def invitations(self) -> None:
        data(self.ann.post(f"{self.here}/invitations", {"role": "viewer"}), 201)

    def agent_tokens(self) -> None:
        made = {"name": self._text(), "agentType": f"Agent{self.made}"}
        data(self.ann.post(f"{self.here}/agent-tokens", made), 201)

    def the_item(self) -> str:
        """The address of the first item, which is made where there is none."""
        found = data(self.ann.get(f"{self.here}/items")) or [
            data(self.ann.post(f"{self.here}/items", {"title": self._text()}), 201)
        ]
        return f"{self.here}/items/{found[0]['id']}"

    def address(self, noun: str) -> str:
        if noun == "item_history":
            return f"{self.the_item()}/history"
        return f"{self.here}/{noun.replace('_', '-')}"

    def _webhook(self) -> Any:
        return data(self.ann.post(f"{self.here}/webhooks", {"url": "https://hooks.example.org/"}), 201)

    def _text(self) -> str:
        self.made += 1
        return f"Number {self.made}"


@pytest.fixture
def lists(cast: Cast, here: str) -> Lists:
    with clock.at(NINE):
        return Lists(cast, here)


def walk(who: Program, address: str, between: Callable[[], None] = lambda: None) -> list[Any]:
    """Every row, two at a time."""
    rows: list[Any] = []
    cursor = ""
    while True:
        page = who.get(f"{address}?limit=2&cursor={quote(cursor)}")
        given = data(page)
        rows += given
        cursor = page.json()["next"]
        if cursor is None:
            assert 1 <= len(given) <= 2
            return rows
        assert len(given) == 2
        between()


NOUNS = (
    *("items", "messages", "questions", "blockers", "agent_activity", "changes", "item_history"),
    *("webhook_deliveries", "invitations", "agent_tokens"),
)
# What each list is ordered by.
BY = {
    "items": "stateChangedAt",
    "blockers": "since",
    "agent_activity": "receivedAt",
    "changes": "version",
    "invitations": "expiresAt",
    "item_history": "version",
}


@pytest.mark.parametrize("noun", NOUNS)
def test_pages_hold_everything_once_and_in_order(lists: Lists, noun: str) -> None:
    """Also rows of one moment, and those of one version."""
    make, address = getattr(lists, noun), ""
    for moment, count in ((NINE, AT_ONE_MOMENT), (NINE + A_MINUTE, LATER)):
        with clock.at(moment):
            for _ in range(count):
                make()
            address = lists.address(noun)
    with clock.at(NINE + 2 * A_MINUTE):
        whole = lists.ann.get(f"{address}?limit=100").json()
        paged = walk(lists.ann, address)
        assert whole["next"] is None
        assert paged == whole["data"]
        ids = [row["id"] for row in paged]
        assert len(ids) == len(set(ids)) >= AT_ONE_MOMENT + LATER
        places = [row[BY.get(noun, "createdAt")] for row in paged]
        assert places == sorted(places, reverse=noun != "changes")


@pytest.mark.parametrize("noun", NOUNS)
def test_what_is_added_meanwhile_shifts_nothing(lists: Lists, noun: str) -> None:
    """The newest stand before the first page; what happened stands after the last."""
    make = getattr(lists, noun)
    with clock.at(NINE):
        for _ in range(AT_ONE_MOMENT):
            make()
        address = lists.address(noun)
        before = [row["id"] for row in data(lists.ann.get(f"{address}?limit=100"))]
    with clock.at(NINE + A_MINUTE):
        left = iter(range(LATER))

        def between() -> None:
            if next(left, None) is not None:
                make()

        ids = [row["id"] for row in walk(lists.ann, address, between)]
        after = [row["id"] for row in data(lists.ann.get(f"{address}?limit=100"))]
    assert len(after) > len(before)
    assert ids == (after if noun == "changes" else before)


def test_members_come_in_the_order_in_which_they_came(cast: Cast, here: str) -> None:
    """All of them where no limit is asked, as programs expect that know none."""
    ann = program(cast.ann)
    whole = ann.get(f"{here}/members").json()
    assert whole["next"] is None
    assert [row["name"] for row in whole["data"]] == ["Ann", "Bob", "Vera"]
    assert walk(ann, f"{here}/members") == whole["data"]
    assert ann.get(f"{here}/members?limit=1001").status_code == 422


def test_ones_projects_have_pages_too(cast: Cast) -> None:
    ann = program(cast.ann)
    for number in range(4):
        data(ann.post("/projects", {"title": f"Number {number}"}), 201)
    whole = ann.get("/projects").json()
    assert (whole["next"], len(whole["data"])) == (None, 5)
    assert walk(ann, "/projects") == whole["data"]
    assert ann.get("/projects?cursor=x").status_code == 422
