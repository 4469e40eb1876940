"""The demo's story as the people in it find it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_admin
from sessions_app.demo.seed import Seeded, seed
from sessions_app.models import (
    Activity,
    AgentActivity,
    Blocker,
    Item,
    Membership,
    Message,
    Project,
    ProjectCounter,
    Question,
    Session,
    User,
)
from sessions_app.services import analytics, gap_rounds, sessions
from tests.conftest import emptied_afterwards

LIBRARY, MARSH, CONCERT = (
    "Neighbourhood library reopening",
    "Pocket field guide for the marsh",
    "Concert for the boathouse roof",
)


@pytest.fixture(scope="module")
def seeded(database_ready: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Seeded]:
    """The story, told once for all of these, who leave it as they found it."""
    with emptied_afterwards(django_db_blocker):
        yield seed(lambda _line: None)


@pytest.fixture(autouse=True)
def _reads(seeded: Seeded, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def come_back(email: str, title: str) -> dict[str, Any]:
    """Read the summary that this person's page shows when it is opened; nothing of it stays."""
    person = User.objects.get(email=email)
    with acting_as(person.id):
        project = Project.objects.get(title=title)
        sessions.start_session(person.id, project.id, resume=True)
        summary = analytics.get_summary(person.id, project.id)
        transaction.set_rollback(True)
    return summary


def test_the_gap_finder_leaves_the_story_alone_at_first(seeded: Seeded) -> None:
    assert gap_rounds.projects_due(clock.now()) == []


def test_seeding_twice_is_seeding_once(seeded: Seeded) -> None:
    before = counts()
    again = seed(lambda _line: None)
    assert seeded.made
    assert not again.made
    assert before == counts() == (4, 3, seeded.activities)
    assert seeded.projects == 3
    assert again.sign_in == seeded.sign_in
    for name, email, password in seeded.sign_in:
        person = User.objects.get(email=email)
        assert person.display_name == name
        assert person.check_password(password)


def test_ann_comes_back_to_the_library(seeded: Seeded) -> None:
    summary = come_back("ann@example.org", LIBRARY)
    assert summary["lastSession"] == "2 days ago"
    assert summary["itemsDecidedSplit"] == {"lastSession": 2, "away": 6, "thisSession": 0}
    assert summary["itemsDecidedByAgents"] == 2
    assert (summary["currentDecided"], summary["currentExploring"], summary["currentParked"]) == (24, 19, 6)
    assert summary["pendingQuestions"] == 4
    assert len(summary["suggestedNextSteps"]) == 5
    assert {step["priority"] for step in summary["suggestedNextSteps"]} == {"high", "medium"}
    assert len(summary["hiddenSteps"]) == 1
    assert summary["openBlockers"] == len(summary["activeBlockers"]) == 10
    assert {b["type"] for b in summary["activeBlockers"]} == {"information", "decision", "clarification"}
    assert {b["source"] for b in summary["activeBlockers"]} == {"agent", "dependency", "person"}
    assert summary["activeBlockers"][0]["waits_for"]["name"] == "Ann Berg", "what waits for her comes first"
    with acting_as(User.objects.get(email="ann@example.org").id):
        away = Activity.objects.since(summary["lastSessionEndVersion"]).filter(project__title=LIBRARY)
        assert Counter(away.values_list("kind", flat=True)) == {
            "item.added": 2,
            "item.decided": 6,
            "item.explored": 1,
            "item.parked": 1,
            "item.woke": 1,
            "question.asked": 2,
            "blocker.raised": 7,
            "blocker.cleared": 3,
            "message.posted": 13,
            "hand_off.left": 1,
        }


def test_the_marsh_is_quiet_and_the_concert_is_new_to_bob(seeded: Seeded) -> None:
    marsh = come_back("ann@example.org", MARSH)
    assert marsh["lastSession"] == "1 day ago"
    assert marsh["itemsDecidedSplit"] == {"lastSession": 2, "away": 0, "thisSession": 0}
    assert marsh["lastSessionEndVersion"] == marsh["version"]
    concert = come_back("ann@example.org", CONCERT)
    assert concert["lastSession"] == "1 week ago"
    assert concert["itemsDecidedSplit"] == {"lastSession": 1, "away": 4, "thisSession": 0}
    assert come_back("bob@example.org", CONCERT)["lastSession"] == "first session"
    with acting_as_admin():
        roles = Membership.objects.filter(project__title=CONCERT).values_list("user__email", "role")
        assert dict(roles) == {
            "ann@example.org": "viewer",
            "bob@example.org": "editor",
            "mina@example.org": "owner",
            "jonas@example.org": "editor",
        }


def test_every_surface_has_something_to_show(seeded: Seeded) -> None:
    now = clock.now()
    with acting_as_admin():
        assert not Session.objects.active().exists()
        assert not AgentActivity.objects.filter(digested_version=None).exists()
        statuses = set(Question.objects.values_list("status", flat=True))
        assert statuses == {"open", "answered", "dismissed", "expired"}
        assert Question.objects.open().filter(expires_at__gt=now, blocks=True).exclude(options=[]).exists()
        assert set(Blocker.objects.values_list("status", flat=True)) == {"open", "cleared", "dismissed"}
        assert Blocker.objects.filter(status="dismissed", times_seen=2).exists()
        assert Item.objects.filter(state="parked", woke_at__isnull=False).exists()
        assert Item.objects.filter(state="parked", woke_at=None, wake_at__gt=now).exists()
        said = Message.objects.filter(project__title=LIBRARY)
        assert said.count() >= 45
        assert said.filter(edited_at__isnull=False).exists()
        assert said.filter(deleted_at__isnull=False).exists()
        cited = list(Item.objects.exclude(citation_quote=""))
        assert len(cited) >= 5
        for item in cited:
            message = Message.objects.get(id=item.citation_message_id)
            assert item.citation_quote in message.text
            assert item.citation_at == message.created_at


def test_the_ledger_has_no_gaps_and_runs_with_time(seeded: Seeded) -> None:
    now = clock.now()
    with acting_as_admin():
        for counter in ProjectCounter.objects.all():
            rows = Activity.objects.filter(project_id=counter.project_id).order_by("id")
            told = list(rows.values_list("version", "created_at"))
            assert sorted({version for version, _ in told}) == list(range(1, counter.version + 1))
            assert told == sorted(told)
            assert told[-1][1] < now
            # One version is one transaction at one moment.
            assert len(set(told)) == counter.version == len({moment for _, moment in told})


def counts() -> tuple[int, int, int]:
    """People, projects, ledger rows."""
    with acting_as_admin():
        return User.objects.count(), Project.objects.count(), Activity.objects.count()
