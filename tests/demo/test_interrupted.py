"""A demo that is stopped while it is made."""

from __future__ import annotations

import pytest

from sessions_app.db.rls import acting_as_admin
from sessions_app.demo import people, story_concert
from sessions_app.demo.seed import seed
from sessions_app.models import Activity, Project, User


@pytest.mark.slow
def test_an_interrupted_seed_leaves_nothing(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(story_concert, "_the_last_days", interrupted)
    with pytest.raises(KeyboardInterrupt):
        seed(lambda _line: None)
    with acting_as_admin():
        assert [model.objects.count() for model in (User, Project, Activity)] == [0, 0, 0]
    assert not people.are_there()
