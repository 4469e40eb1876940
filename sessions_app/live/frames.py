"""What is sent to pages: written once for all of those that are sent the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sessions_app.live import rendering
from sessions_app.live.place import Version


@dataclass(frozen=True)
class Frame:
    """One push, but for the token of the forms in it, which is each browser's own."""

    version: Version
    pieces: tuple[str, ...]

    def text_for(self, csrf_token: str) -> str:
        """The whole message. A token is of letters and digits, the same in JSON."""
        return csrf_token.join(self.pieces)


class Frames:
    """The pushes that follow one look at a project."""

    def __init__(self, epoch: str) -> None:
        self.epoch = epoch
        self._written: dict[tuple[object, ...], Frame] = {}

    def frame(self, version: Version, panels: Sequence[str], words: str) -> Frame:
        """A push of these panels as they were drawn, with what is said of it."""
        key = (version, words, *panels)
        if key not in self._written:
            shown = "".join(panels).replace(rendering.VERSION_STAND_IN, str(version))
            content = shown + rendering.tail(version, words)
            # As HTMX's own extension reads it (static/vendor/hx-ws.min.js).
            message = {
                "type": "panels",
                "epoch": self.epoch,
                "version": str(version),
                "swap": "none",
                "content": content,
            }
            pieces = json.dumps(message).split(rendering.CSRF_STAND_IN)
            self._written[key] = Frame(version, tuple(pieces))
        return self._written[key]
