""" "I'm caught up": one's own anchor, which moves what changed and nothing else."""

from __future__ import annotations

import pytest

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.models import Membership
from sessions_app.panels import changes, unseen
from sessions_app.services import anchors, items
from sessions_app.services.errors import NotFound
from tests.conftest import Cast
from tests.doing import DAY, NINE, add, at_once, counter, do, nothing_changes, refused_field, seeing
from tests.panels.test_changes import visit


def test_what_was_read_is_news_no_more(cast: Cast) -> None:
    """From the version that was read: what came meanwhile stays new. The counts keep the session's rule."""
    visit(cast)
    (lamp,) = add(cast, "Lamp")
    do(cast, "bob", items.decide_item, lamp.id)
    read = counter(cast).version
    (tower,) = add(cast, "Tower")
    do(cast, "bob", items.decide_item, tower.id)
    assert (news(cast), waiting(cast), decided_since(cast)) == (4, 2, 2)
    catch_up(cast, read)
    assert (news(cast), waiting(cast), decided_since(cast)) == (2, 1, 2)


def test_it_stays_however_many_sessions_pass(cast: Cast) -> None:
    """Opening is not handling: once there is an anchor, the list starts from it."""
    visit(cast)
    catch_up(cast, counter(cast).version)
    (lamp,) = add(cast, "Lamp")
    do(cast, "bob", items.decide_item, lamp.id)
    for _ in range(3):
        visit(cast)
    assert (news(cast), waiting(cast), decided_since(cast)) == (2, 1, 0)


def test_it_is_each_ones_own(cast: Cast) -> None:
    visit(cast)
    add(cast, "Lamp")
    before = member(cast, "bob").version
    catch_up(cast, counter(cast).version)
    assert member(cast, "ann").caught_up_version == counter(cast).version
    assert (member(cast, "bob").caught_up_version, member(cast, "bob").version) == (None, before)
    assert counter(cast).version == 2, "the project did not change"


def test_it_is_taken_back_to_where_it_was(cast: Cast) -> None:
    """Once: taking back twice does not go on to the one before."""
    visit(cast)
    add(cast, "Lamp")
    with clock.at(NINE):
        catch_up(cast, 1)
    with clock.at(NINE + DAY):
        catch_up(cast, 2)
    for _ in range(2):
        take_back(cast)
        assert (member(cast, "ann").caught_up_version, member(cast, "ann").caught_up_at) == (1, NINE)
    raised = member(cast, "ann").version
    take_back(cast)
    assert member(cast, "ann").version == raised, "taking back none is no change"


def test_the_first_one_is_taken_back_to_none(cast: Cast) -> None:
    visit(cast)
    add(cast, "Lamp")
    catch_up(cast, counter(cast).version)
    take_back(cast)
    assert (member(cast, "ann").caught_up_version, news(cast)) == (None, 1)


def test_an_older_page_does_not_move_it_back(cast: Cast) -> None:
    """Nor does the same one twice forget where it was before."""
    visit(cast)
    add(cast, "Lamp", "Tower")
    catch_up(cast, 1)
    for version in (3, 3, 2):
        catch_up(cast, version)
    assert member(cast, "ann").caught_up_version == 3
    take_back(cast)
    assert member(cast, "ann").caught_up_version == 1


def test_two_tabs_at_once_end_at_the_newer(cast: Cast) -> None:
    visit(cast)
    add(cast, "Lamp", "Tower")
    refused = [r for r in at_once(lambda: catch_up(cast, 2), lambda: catch_up(cast, 3)) if r is not None]
    assert refused == []
    assert member(cast, "ann").caught_up_version == 3


def test_only_a_version_the_project_has_had(cast: Cast) -> None:
    for version in (-1, counter(cast).version + 1, 2**63 - 1):
        assert refused_field(catch_up, cast, version) == "version"


def test_a_viewer_has_one_and_an_outsider_none(cast: Cast) -> None:
    catch_up(cast, 1, "vera")
    assert member(cast, "vera").caught_up_version == 1
    for act in (lambda: catch_up(cast, 1, "zoe"), lambda: take_back(cast, "zoe")):
        with nothing_changes(), pytest.raises(NotFound):
            act()


def catch_up(cast: Cast, version: int, who: str = "ann") -> None:
    user = getattr(cast, who)
    with acting_as(user.id):
        anchors.catch_up(user.id, cast.project.id, version)


def take_back(cast: Cast, who: str = "ann") -> None:
    user = getattr(cast, who)
    with acting_as(user.id):
        anchors.take_back(user.id, cast.project.id)


def member(cast: Cast, who: str) -> Membership:
    user = getattr(cast, who)
    with acting_as(user.id):
        return Membership.objects.get(user=user, project=cast.project)


def news(cast: Cast) -> int:
    with seeing(cast) as view:
        return changes.context(view)["changes"].total


def waiting(cast: Cast) -> int:
    with seeing(cast) as view:
        return unseen.context(view)["unseen_total"]


def decided_since(cast: Cast) -> int:
    with seeing(cast) as view:
        return view.summary.decided
