"""Panels drawn once for all who see the same of them, and kept for the next who do.

A kept text is found by all that it depends on: the project and the database it is of, the version since which
it stands so (panels/followed.py), whether whoever looks may write, their time zone, and what the panel itself
says (its `key`). The key is made from one's own view, so nobody is handed a text whose right to see it was
not just looked up. What one reader alone sees are holes in it (panels/texts.py).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import partial

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from sessions_app import exchange
from sessions_app.db.commits import after_commit
from sessions_app.panels import PANELS, Panel, common_to_all, drawn
from sessions_app.panels.followed import stands_since
from sessions_app.panels.texts import TOKEN, Text
from sessions_app.panels.viewing import Viewing

# Relative times, and the names of those who are no members any more, are at most this old.
KEPT_SECONDS = 30
# What other processes are told is for this.
PURPOSE = "drawn panels"
# To draw these takes several times as long as to ask a Redis for them; the others are drawn sooner.
DRAWN_LONG = frozenset(("questions", "steps", "changes", "items", "chat"))


def show(
    view: Viewing,
    names: Iterable[str] = PANELS,
    *,
    token: object,
    is_swapped: bool = False,
    is_committed: bool = True,
) -> dict[str, SafeString]:
    """The HTML of the named panels for one reader, as `draw` has them; `token` is for their forms."""
    texts = draw(view, names, is_swapped=is_swapped, is_committed=is_committed)
    return {
        name: mark_safe(text.fill(text.choose(view.reader), version=view.version, token=token))  # noqa: S308 -- drawn by a template
        for name, text in texts.items()
    }


def draw(
    view: Viewing, names: Iterable[str] = PANELS, *, is_swapped: bool = False, is_committed: bool = True
) -> dict[str, Text]:
    """The named panels by name, in the order of the page, in the active time zone.

    `is_swapped`: they come to a page that has them (out of band). Without `is_committed` this transaction has
    changed the project: what it sees is nobody else's until it commits, and may never be. What it left as it
    was is shared all the same.
    """
    wanted = set(names)
    since = stands_since(view, is_committed=is_committed)
    return {
        name: _text(panel, view, since[name], is_swapped, is_committed)
        for name, panel in PANELS.items()
        if name in wanted
    }


def _text(panel: Panel, view: Viewing, since: int, is_swapped: bool, is_committed: bool) -> Text:
    key = _key(panel, view, since, is_swapped)
    if is_committed:
        return drawn.store.get_or_draw(key, partial(_drawn_here_or_elsewhere, key, panel, view, is_swapped))
    if (text := drawn.store.get(key)) is None:
        text = _draw(panel, view, is_swapped)
        # Where it is of this transaction's own version it is nobody's until that commits.
        after_commit(_keep, key, panel, text)
    return text


def _drawn_here_or_elsewhere(key: Hashable, panel: Panel, view: Viewing, is_swapped: bool) -> Text:
    if panel.NAME not in DRAWN_LONG:
        return _draw(panel, view, is_swapped)
    if made := exchange.get(PURPOSE, key):
        return Text.of_told(made.value)
    text = _draw(panel, view, is_swapped)
    exchange.put(PURPOSE, key, text.told)
    return text


def _keep(key: Hashable, panel: Panel, text: Text) -> None:
    drawn.store.put(key, text)
    if panel.NAME in DRAWN_LONG:
        exchange.put(PURPOSE, key, text.told)


def _key(panel: Panel, view: Viewing, since: int, is_swapped: bool) -> Hashable:
    tick = int(view.now.timestamp()) // KEPT_SECONDS
    zone = timezone.get_current_timezone_name()
    standing = view if since == view.summary.version else view.at_version(since)
    return panel.NAME, is_swapped, *audience(view), zone, tick, panel.key(standing)


def audience(view: Viewing) -> tuple[Hashable, ...]:
    """What every panel differs by, beside its own `key`, the time and its zone."""
    return view.project_id, view.epoch, view.membership.may_write, view.project.archived_at is None


def _draw(panel: Panel, view: Viewing, is_swapped: bool) -> Text:
    texts: list[Text] = []
    given = common_to_all(view) | {"oob": is_swapped, "csrf_token": TOKEN, "shared": texts}
    return Text.parse(render_to_string(panel.TEMPLATE, given | panel.context(view)), texts)
