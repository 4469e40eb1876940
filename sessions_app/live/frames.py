"""What is sent to pages: written once for all of those that are sent the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sessions_app.live import rendering
from sessions_app.live.holdings import Holding, Holdings, Panel
from sessions_app.live.pieces import Drawing
from sessions_app.live.place import Version


@dataclass(frozen=True)
class Frame:
    """One push, but for the token of the forms in it, which is each browser's own."""

    version: Version
    texts: tuple[str, ...]
    # What the page holds when it shows it.
    leaves: Holding

    def text_for(self, csrf_token: str) -> str:
        """The whole message. A token is of letters and digits, the same in JSON."""
        return csrf_token.join(self.texts)


class Frames:
    """The pushes that follow one look at a project."""

    def __init__(self, epoch: str, holdings: Holdings) -> None:
        self.epoch = epoch
        self._holdings = holdings
        self._written: dict[tuple[object, ...], Frame] = {}
        self._drawings: dict[str, Drawing] = {}
        self._loaded: dict[tuple[object, ...], Holding] = {}

    def frame(
        self, version: Version, drawn_at: Version, panels: Mapping[str, str], words: str, holding: Holding
    ) -> Frame:
        """A push of these panels as they were drawn, by name, with what is said of it.

        `version` is what the page shows then. The panels may be of a newer one, and say so themselves.
        `holding` is what the page holds before.
        """
        key = (version, drawn_at, words, holding, *panels.values())
        if key not in self._written:
            self._written[key] = self._write(version, drawn_at, panels, words, holding)
        return self._written[key]

    def loaded_with(self, version: Version, panels: Mapping[str, str]) -> Holding:
        """What a page holds that was loaded at this version, with these panels in it as they were drawn."""
        key = (version, *panels.values())
        if key not in self._loaded:
            marked = {name: Panel(version, self._drawing(html).marks) for name, html in panels.items()}
            self._loaded[key] = self._holdings.of(marked)
        return self._loaded[key]

    def _write(
        self, version: Version, drawn_at: Version, panels: Mapping[str, str], words: str, holding: Holding
    ) -> Frame:
        shown, leaves = [], {name: panel.at_least(version) for name, panel in holding.panels.items()}
        for name, html in panels.items():
            drawing = self._drawing(html)
            before = holding.panels.get(name)
            shown.append(drawing.for_who_has(before.marks, before.version) if before else html)
            leaves[name] = Panel(drawn_at, drawing.marks)
        content = "".join(shown).replace(rendering.VERSION_STAND_IN, str(drawn_at))
        # As HTMX's own extension reads it (static/vendor/hx-ws.min.js).
        message = {
            "type": "panels",
            "epoch": self.epoch,
            "version": str(version),
            "swap": "none",
            "content": content + rendering.tail(version, words),
        }
        texts = json.dumps(message).split(rendering.CSRF_STAND_IN)
        return Frame(version, tuple(texts), self._holdings.of(leaves))

    def _drawing(self, html: str) -> Drawing:
        if html not in self._drawings:
            self._drawings[html] = Drawing(html)
        return self._drawings[html]
