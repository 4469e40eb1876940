"""Panels drawn once for all who see the same of them, and kept for the next who do.

A kept text is found by all that it depends on: the project and the database it is of, the version since which
it stands so (panels/followed.py), the role and the time zone of whoever looks, and what the panel itself says
(its `key`). The key is made from one's own view, so nobody is handed a text whose right to see it was not
just looked up. What one reader alone sees are holes in it (panels/texts.py).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from functools import partial

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from sessions_app import exchange
from sessions_app.panels import PANELS, Panel, common_to_all
from sessions_app.panels.followed import stands_since
from sessions_app.panels.texts import TOKEN, Text
from sessions_app.panels.viewing import Viewing

# What is kept in each process, in characters; what was not asked for longest goes first.
MOST_CHARACTERS = 32 * 1024 * 1024
# Relative times, and the names of those who are no members any more, are at most this old.
KEPT_SECONDS = 30
# What other processes are told is for this.
PURPOSE = "drawn panels"
# To draw these takes several times as long as to ask a Redis for them; the others are drawn sooner.
DRAWN_LONG = frozenset(("questions", "steps", "changes", "items", "chat"))


class Store:
    """Texts by their keys. Whoever asks for one that somebody is drawing just now waits for it."""

    def __init__(self, most_characters: int = MOST_CHARACTERS) -> None:
        self._most = most_characters
        self._lock = threading.Lock()
        self._texts: OrderedDict[Hashable, Text] = OrderedDict()
        self._size = 0
        self._drawing: dict[Hashable, threading.Lock] = {}

    def get_or_draw(self, key: Hashable, draw: Callable[[], Text]) -> Text:
        """The text of this key, drawn once however many ask."""
        if (text := self._get(key)) is not None:
            return text
        with self._lock:
            drawing = self._drawing.setdefault(key, threading.Lock())
        with drawing:
            try:
                # Whoever was first may have drawn it while this one waited.
                if (text := self._get(key)) is None:
                    text = draw()
                    self.put(key, text)
            finally:
                with self._lock:
                    self._drawing.pop(key, None)
        return text

    def put(self, key: Hashable, text: Text) -> None:
        """Keep a text; the oldest make room for it."""
        with self._lock:
            old = self._texts.pop(key, None)
            self._texts[key] = text
            self._size += text.size - (old.size if old else 0)
            while self._size > self._most:
                _, oldest = self._texts.popitem(last=False)
                self._size -= oldest.size

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._texts.clear()
            self._size = 0

    def _get(self, key: Hashable) -> Text | None:
        with self._lock:
            if (text := self._texts.get(key)) is not None:
                self._texts.move_to_end(key)
            return text


store = Store()


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
    changed the project: what it sees is nobody else's until it commits, and may never be.
    """
    wanted = set(names)
    since = stands_since(view) if is_committed else dict.fromkeys(PANELS, view.summary.version)
    return {
        name: _text(panel, view, since[name], is_swapped, is_committed)
        for name, panel in PANELS.items()
        if name in wanted
    }


def _text(panel: Panel, view: Viewing, since: int, is_swapped: bool, is_committed: bool) -> Text:
    key = _key(panel, view, since, is_swapped)
    if is_committed:
        return store.get_or_draw(key, partial(_drawn_here_or_elsewhere, key, panel, view, is_swapped))
    text = _draw(panel, view, is_swapped)
    # Its version is this transaction's own, if it commits.
    transaction.on_commit(partial(_keep, key, panel, text))
    return text


def _drawn_here_or_elsewhere(key: Hashable, panel: Panel, view: Viewing, is_swapped: bool) -> Text:
    if panel.NAME not in DRAWN_LONG:
        return _draw(panel, view, is_swapped)
    if told := exchange.get(PURPOSE, key):
        return Text.of_told(told)
    text = _draw(panel, view, is_swapped)
    exchange.put(PURPOSE, key, text.told())
    return text


def _keep(key: Hashable, panel: Panel, text: Text) -> None:
    store.put(key, text)
    if panel.NAME in DRAWN_LONG:
        exchange.put(PURPOSE, key, text.told())


def _key(panel: Panel, view: Viewing, since: int, is_swapped: bool) -> Hashable:
    tick = int(view.now.timestamp()) // KEPT_SECONDS
    zone = timezone.get_current_timezone_name()
    standing = view if since == view.summary.version else view.at_version(since)
    return panel.NAME, is_swapped, *audience(view), zone, tick, panel.key(standing)


def audience(view: Viewing) -> tuple[Hashable, ...]:
    """What every panel differs by, beside its own `key`, the time and its zone."""
    return view.project_id, view.epoch, view.membership.role, view.project.archived_at is None


def _draw(panel: Panel, view: Viewing, is_swapped: bool) -> Text:
    given = common_to_all(view) | {"oob": is_swapped, "csrf_token": TOKEN, "is_shared": True}
    return Text.parse(render_to_string(panel.TEMPLATE, given | panel.context(view)))
