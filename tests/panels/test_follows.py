"""Each panel says which facts change it. A push leaves the others out, so what they say must be true."""

from __future__ import annotations

import re

import pytest

from sessions_app import ledger as the_ledger
from sessions_app.db.rls import acting_as
from sessions_app.ledger import Committed, Told
from sessions_app.live.rendering import news_after, render
from sessions_app.panels import PANELS, following
from sessions_app.services import sessions
from tests.conftest import Cast
from tests.services.test_ledger import tell_of_everything


def test_no_panel_changes_by_a_fact_it_does_not_follow(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A story with every kind of fact: after each commit what Bob sees differs only in what follows it."""
    with acting_as(cast.bob.id):
        sessions.start_session(cast.bob.id, cast.project.id)
        sessions.end_session(cast.bob.id, cast.project.id)
    seen = _Seen(cast)

    def look_again(told: Told) -> None:
        if isinstance(told, Committed):
            seen.look_again()

    monkeypatch.setattr(the_ledger, "_listeners", [look_again])
    tell_of_everything(cast)
    assert seen.changed_by_nothing == []
    assert seen.looked > 30
    assert seen.ever_changed == set(PANELS), "each was seen to change"


class _Seen:
    """What Bob sees, compared from commit to commit."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.looked = cast, 0
        self.changed_by_nothing: list[tuple[str, list[str]]] = []
        self.ever_changed: set[str] = set()
        self.version, self.panels = self._render()

    def look_again(self) -> None:
        before, version = self.panels, self.version
        self.version, self.panels = self._render()
        self.looked += 1
        news = news_after(self.cast.project.id, version, self.version)
        kinds = [fact.kind for fact in news.facts or ()]
        changed = {name for name in PANELS if before[name] != self.panels[name]}
        self.ever_changed |= changed
        # Who is here is no fact of the ledger; an agent that reports is seen to be here.
        for name in changed - following(kinds) - {"presence"}:
            self.changed_by_nothing.append((name, kinds))

    def _render(self) -> tuple[int, dict[str, str]]:
        rendered = render(self.cast.bob.id, self.cast.project.id, sorted(PANELS))
        assert rendered is not None
        return rendered.version.project, {name: _timeless(html) for name, html in rendered.panels.items()}


def _timeless(html: str) -> str:
    """Without the version and without relative times, which tick by themselves."""
    html = re.sub(r'data-version="[\d.]+"', "", html)
    return re.sub(r"<time[^>]*>[^<]*</time>|just now|\d+ \w+ ago", "", html)
