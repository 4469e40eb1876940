"""What was drawn in this process, kept for the next who see the same of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable

from sessions_app.kept import Kept
from sessions_app.panels.texts import Text

# What is kept in each process, in characters.
MOST_CHARACTERS = 32 * 1024 * 1024


class Store:
    """Texts by their keys. Whoever asks for one that somebody is drawing just now waits for it."""

    def __init__(self, most_characters: int = MOST_CHARACTERS) -> None:
        self._texts: Kept[Text] = Kept(most_characters, lambda text: text.size)
        self._lock = threading.Lock()
        self._drawing: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable) -> Text | None:
        """The text of this key, if it is kept."""
        return self._texts.get(key)

    def get_or_draw(self, key: Hashable, draw: Callable[[], Text]) -> Text:
        """The text of this key, drawn once however many ask."""
        if (text := self._texts.get(key)) is not None:
            return text
        with self._lock:
            drawing = self._drawing.setdefault(key, threading.Lock())
        with drawing:
            try:
                # Whoever was first may have drawn it while this one waited.
                if (text := self._texts.get(key)) is None:
                    text = draw()
                    self.put(key, text)
            finally:
                with self._lock:
                    self._drawing.pop(key, None)
        return text

    def put(self, key: Hashable, text: Text) -> None:
        """Keep a text that was drawn elsewhere."""
        self._texts.put(key, text)


store = Store()
