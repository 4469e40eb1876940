"""The items in their columns, and the page of one item."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace

import pytest
from django.http import Http404

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.models import Item
from sessions_app.panels import decided as decided_list
from sessions_app.panels import item_page
from sessions_app.panels import items as items_panel
from sessions_app.services import dependencies, imports, items, sessions
from tests.conftest import Cast
from tests.doing import DAY, NOON, add, as_system, by_agent, counter, do, seeing
from tests.panels.test_changes import visit
from tests.services.test_imports import LAMP
from tests.views.conftest import browse

# The same in every process that collects these tests.
AN_ID = uuid.UUID("5d3c3b0e-7f0a-4c53-9b7e-0f2f9f3a9c11")


def test_three_columns_with_their_totals(cast: Cast) -> None:
    a, b, *_ = add(cast, *"ABCD")
    do(cast, "bob", items.decide_item, a.id)
    do(cast, "bob", items.park_item, b.id)
    assert [(c.state, c.label, c.total, titles(c), c.next) for c in columns(cast)] == [
        ("exploring", "Exploring", 2, ["D", "C"], ""),
        ("decided", "Decided", 1, ["A"], ""),
        ("parked", "Parked", 1, ["B"], ""),
    ]


def test_what_moved_last_comes_first_and_an_edit_moves_nothing(cast: Cast) -> None:
    a, b = add(cast, "A", "B")
    do(cast, "bob", items.edit_item, a.id, title="A2", text="", version=a.version)
    assert titles(columns(cast)[0]) == ["B", "A2"]
    do(cast, "bob", items.explore_item, a.id, reason="Look here")
    assert titles(columns(cast)[0]) == ["A2", "B"]
    assert b.state == "exploring"


def test_paging_reaches_each_of_65_items_once(cast: Cast) -> None:
    """Most of them of one import: they stand at one version, and only the id tells them apart."""
    as_system(cast, imports.import_rows, "adr", [replace(LAMP, key=str(n)) for n in range(45)])
    add(cast, *(f"Added {n}" for n in range(20)))
    found, pages = all_pages(cast)
    full, rest = divmod(65, items_panel.CARDS_A_PAGE)
    assert pages == [items_panel.CARDS_A_PAGE] * full + ([rest] if rest else [])
    assert len(found) == len(set(found)) == 65
    assert columns(cast)[0].total == 65


def test_an_item_that_moves_while_one_pages_costs_no_other(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(items_panel, "CARDS_A_PAGE", 2)
    made = add(cast, *"ABCDE")
    first = columns(cast)[0]
    assert titles(first) == ["E", "D"]
    do(cast, "bob", items.explore_item, made[3].id, reason="Up")
    add(cast, "F")
    with seeing(cast) as view:
        second = items_panel.column_page(view, "exploring", items_panel.parse_cursor(first.next))["column"]
    assert titles(second) == ["C", "B"]


def test_a_full_last_page_has_no_next(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(items_panel, "CARDS_A_PAGE", 2)
    add(cast, *"AB")
    assert columns(cast)[0].next == ""


@pytest.mark.parametrize("text", ["", "1", "x:y", f"-1:{AN_ID}", f"{'9' * 19}:{AN_ID}", "１:a"])
def test_another_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        items_panel.parse_cursor(text)


def test_a_card_tells_what_it_waits_for_and_holds_up(cast: Cast) -> None:
    lamp, tower, horn = add(cast, "Lamp", "Tower", "Horn")
    for waiting in (lamp, horn):
        do(cast, "bob", dependencies.add_dependency, waiting_id=waiting.id, blocking_id=tower.id)
    shown = {card.title: card for card in columns(cast)[0].items}
    assert [named.title for named in shown["Lamp"].waits_for] == ["Tower"]
    assert (shown["Tower"].holds_up, shown["Lamp"].holds_up) == (2, 0)
    do(cast, "bob", items.decide_item, tower.id)
    exploring, decided, _ = columns(cast)
    assert all(card.waits_for == () for card in exploring.items)
    assert decided.items[0].holds_up == 0


def test_a_card_tells_who_and_whether_it_is_news(cast: Cast) -> None:
    old, lamp = add(cast, "Old", "Lamp")
    visit(cast)
    by_agent(cast, "VerificationAgent", items.decide_item, lamp.id, reason="Checked", outcome="Accepted")
    exploring, decided, _ = columns(cast)
    assert exploring.items[0].id == old.id
    card = decided.items[0]
    assert (card.state_by_name, card.state_by_is_agent) == ("VerificationAgent", True)
    assert (card.reason, card.outcome) == ("Checked", "Accepted")
    shown = browse(cast.ann).get(f"/projects/{cast.project.id}/panels/items/").text
    assert re.findall(r'item-new" id="item-([^"]+)"', shown) == [str(lamp.id)]


def test_a_page_of_an_item_tells_its_history(cast: Cast) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    do(cast, "bob", dependencies.add_dependency, waiting_id=lamp.id, blocking_id=tower.id)
    do(cast, "ann", items.decide_item, lamp.id, reason="It is light")
    with seeing(cast) as view:
        context = item_page.context(view, lamp.id)
    assert [(h.who, h.verb, h.before, h.after) for h in context["history"]] == [
        ("Ann", "decided", "exploring", "decided"),
        ("Bob", "let it wait", "", ""),
        ("Bob", "added", "", "exploring"),
    ]
    assert [edge.blocking.title for edge in context["waits_for"].rows] == ["Tower"]
    assert context["candidates"] == []


def test_candidates_to_wait_for_are_others_that_are_open(cast: Cast) -> None:
    lamp, tower, horn = add(cast, "Lamp", "Tower", "Horn")
    do(cast, "bob", items.decide_item, horn.id)
    with seeing(cast) as view:
        context = item_page.context(view, lamp.id)
    assert [item.id for item in context["candidates"]] == [tower.id]


def test_anothers_item_has_no_page_here(cast: Cast) -> None:
    with acting_as(cast.zoe.id):
        others = items.add_item(cast.other.id, cast.actor("zoe"), title="Zoe's")
    for item_id in (others.id, uuid.uuid4()):
        with seeing(cast) as view, pytest.raises(Http404):
            item_page.context(view, item_id)


def test_theirs_is_what_the_other_one_saved(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    saved = do(cast, "ann", items.edit_item, lamp.id, title="Lens", text="Ann's", version=lamp.version)
    with acting_as(cast.bob.id):
        theirs = item_page.theirs(Item.objects.get(id=lamp.id))
    assert (theirs.title, theirs.text, theirs.who) == ("Lens", "Ann's", "Ann")
    assert theirs.version == saved.version == counter(cast).version


def test_the_lists_behind_the_split(cast: Cast) -> None:
    """In the last session, while away, in this session: the newest decision first."""
    a, b, c, d = add(cast, *"ABCD")
    do(cast, "bob", items.decide_item, a.id)
    with clock.at(NOON - DAY), acting_as(cast.ann.id):
        sessions.start_session(cast.ann.id, cast.project.id)
    do(cast, "ann", items.decide_item, b.id)
    with clock.at(NOON - DAY), acting_as(cast.ann.id):
        sessions.end_session(cast.ann.id, cast.project.id)
    do(cast, "bob", items.decide_item, c.id)
    with acting_as(cast.ann.id):
        sessions.start_session(cast.ann.id, cast.project.id)
    do(cast, "ann", items.decide_item, d.id)
    with seeing(cast) as view:
        found = {
            span: [
                item.title for item in decided_list.context(view, span, by_agents=False, older="")["items"]
            ]
            for span in decided_list.SPANS
        }
        split = view.summary.split
    assert found == {
        "all": ["D", "C", "B"],
        "since": ["D", "C"],
        "last": ["B"],
        "away": ["C"],
        "now": ["D"],
    }
    assert (split.last_session, split.away, split.this_session, view.summary.decided) == (1, 1, 1, 3)


def columns(cast: Cast) -> list[items_panel.Column]:
    with seeing(cast) as view:
        return items_panel.context(view)["columns"]


def titles(column: items_panel.Column) -> list[str]:
    return [card.title for card in column.items]


def all_pages(cast: Cast) -> tuple[list[uuid.UUID], list[int]]:
    """The ids of the exploring column, page by page, and how many each page held."""
    with seeing(cast) as view:
        column = items_panel.context(view)["columns"][0]
        found, pages = [card.id for card in column.items], [len(column.items)]
        while column.next:
            after = items_panel.parse_cursor(column.next)
            column = items_panel.column_page(view, "exploring", after)["column"]
            found += [card.id for card in column.items]
            pages.append(len(column.items))
    return found, pages
