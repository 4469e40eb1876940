"""Members: roles, leaving, handing over, invitations by link."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.ledger import Actor
from sessions_app.models import Invitation, Membership, Session, SessionAnalytics, User
from sessions_app.services import items, members, sessions
from sessions_app.services.errors import Conflict, Invalid, NotFound
from tests import factories
from tests.conftest import Cast
from tests.doing import (
    at_once,
    counter,
    do,
    every,
    kinds,
    ledger,
    look,
    nothing_changes,
    refused_field,
    the,
)

# --- roles ---------------------------------------------------------------------------------------


def test_a_role_changes_and_the_ledger_says_from_what(cast: Cast) -> None:
    before = counter(cast).version
    do(cast, "ann", members.change_role, cast.vera.id, role="editor")
    assert roles(cast)["Vera"] == "editor"
    row = ledger(cast, before)[0]
    assert (row.kind, row.actor_id) == ("member.role_changed", cast.ann.id)
    assert row.data == {
        "member": {"id": str(cast.vera.id), "name": "Vera"},
        "before": "viewer",
        "after": "editor",
    }
    with nothing_changes():
        do(cast, "ann", members.change_role, cast.vera.id, role="editor")


def test_a_role_is_one_of_three(cast: Cast) -> None:
    for role in ("", "Owner", "admin", "owner\x00"):
        assert refused_field(do, cast, "ann", members.change_role, cast.bob.id, role=role) == "role"


def test_a_role_is_a_members(cast: Cast) -> None:
    for user_id in (cast.zoe.id, uuid.uuid4()):
        with nothing_changes(), pytest.raises(NotFound):
            do(cast, "ann", members.change_role, user_id, role="editor")


def test_an_outsider_changes_nobody(cast: Cast) -> None:
    with nothing_changes(), pytest.raises(NotFound):
        do(cast, "zoe", members.change_role, cast.bob.id, role="viewer")
    with nothing_changes(), pytest.raises(NotFound):
        do(cast, "zoe", members.remove_member, cast.bob.id)


def test_the_only_owner_stays_one(cast: Cast) -> None:
    assert refused_field(do, cast, "ann", members.change_role, cast.ann.id, role="editor") == "role"
    assert refused_field(do, cast, "ann", members.remove_member, cast.ann.id) == "member"


def test_with_a_second_owner_the_first_may_step_down(cast: Cast) -> None:
    do(cast, "ann", members.change_role, cast.bob.id, role="owner")
    do(cast, "ann", members.change_role, cast.ann.id, role="viewer")
    assert roles(cast) == {"Ann": "viewer", "Bob": "owner", "Vera": "viewer"}


def test_the_database_refuses_a_project_without_owner(cast: Cast) -> None:
    """Whatever code forgets to ask."""
    owners = Membership.objects.filter(project_id=cast.project.id, role="owner")
    for act in (lambda: owners.update(role="editor"), lambda: owners.delete()):
        with nothing_changes(), pytest.raises(DatabaseError), acting_as(cast.ann.id):
            act()


def test_two_owners_who_leave_at_the_same_moment_leave_one(cast: Cast) -> None:
    do(cast, "ann", members.change_role, cast.bob.id, role="owner")
    results = at_once(
        lambda: do(cast, "ann", members.remove_member, cast.ann.id),
        lambda: do(cast, "bob", members.remove_member, cast.bob.id),
    )
    assert sorted(type(result).__name__ for result in results) == ["Invalid", "NoneType"]
    assert list(roles(cast).values()).count("owner") == 1


def test_handing_over_is_both_or_neither(cast: Cast) -> None:
    before = counter(cast).version
    do(cast, "ann", members.hand_over, cast.bob.id)
    assert roles(cast) == {"Ann": "editor", "Bob": "owner", "Vera": "viewer"}
    assert kinds(cast, before) == ["member.role_changed", "member.role_changed"]
    assert counter(cast).version == before + 1
    with nothing_changes(), pytest.raises(NotFound):
        do(cast, "bob", members.hand_over, cast.zoe.id)
    assert refused_field(do, cast, "bob", members.hand_over, cast.bob.id) == "member"


# --- leaving, removing ---------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "kind"), [("bob", "member.left"), ("ann", "member.removed")])
def test_who_goes_loses_sight_and_their_acts_stay(cast: Cast, who: str, kind: str) -> None:
    item = do(cast, "bob", items.add_item, title="Bob's")
    with acting_as(cast.bob.id):
        sessions.start_session(cast.bob.id, cast.project.id)
        look(cast, "bob")
    before = counter(cast).version
    do(cast, who, members.remove_member, cast.bob.id)
    assert roles(cast) == {"Ann": "owner", "Vera": "viewer"}
    row = ledger(cast, before)[0]
    assert (row.kind, row.actor_id) == (kind, getattr(cast, who).id)
    assert row.data == {"member": {"id": str(cast.bob.id), "name": "Bob"}}
    assert next(row for row in ledger(cast) if row.item_id == item.id).actor_id == cast.bob.id
    assert not the(Session, cast).is_active
    assert every(SessionAnalytics, cast) == []
    with nothing_changes(), pytest.raises(DatabaseError):
        do(cast, "bob", items.decide_item, item.id)
    with nothing_changes(), pytest.raises(NotFound):
        do(cast, "ann", members.remove_member, cast.bob.id)


# --- invitations ---------------------------------------------------------------------------------


def test_an_invitation_lets_one_person_in_once(cast: Cast) -> None:
    secret = invite(cast, role="viewer")
    before = counter(cast).version
    assert accept(cast.zoe, secret) == cast.project.id
    assert roles(cast)["Zoe"] == "viewer"
    row = ledger(cast, before)[0]
    assert (row.kind, row.actor_id) == ("member.joined", cast.zoe.id)
    assert row.data == {"member": {"id": str(cast.zoe.id), "name": "Zoe"}}
    used = the(Invitation, cast)
    assert (used.accepted_by_id, used.revoked_at) == (cast.zoe.id, None)
    assert not members.find_invitation(secret).is_open
    with nothing_changes(), pytest.raises(Conflict):
        accept(factories.user("Max"), secret)


def test_a_links_holder_sees_what_it_leads_to_and_the_secret_is_not_stored(cast: Cast) -> None:
    secret = invite(cast, email=" Zoe@Example.org ")
    seen = members.find_invitation(secret)
    assert (seen.project_id, seen.project_title) == (cast.project.id, "Lighthouse")
    assert (seen.role, seen.invited_by, seen.is_open) == ("editor", "Ann", True)
    stored = the(Invitation, cast)
    assert stored.email == "zoe@example.org"
    assert secret not in str(stored.__dict__)


def test_an_invitation_is_for_a_role_and_perhaps_an_address(cast: Cast) -> None:
    for role in ("", "boss"):
        assert refused_field(invite, cast, role=role) == "role"
    for email in ("zoe", "zoe@", "zoe@example.org\x00", "a" * 250 + "@example.org"):
        assert refused_field(invite, cast, email=email) == "email"
    assert every(Invitation, cast) == []


def test_an_outsider_invites_nobody(cast: Cast) -> None:
    with pytest.raises(DatabaseError), acting_as(cast.zoe.id):
        members.invite(cast.project.id, cast.zoe, role="owner")


def test_a_link_that_is_taken_back_or_over_lets_nobody_in(cast: Cast) -> None:
    revoked, expired = invite(cast), invite_long_ago(cast)
    with acting_as(cast.ann.id):
        members.revoke_invitation(cast.project.id, Invitation.objects.latest("expires_at").id)
    for secret in (revoked, expired):
        assert not members.find_invitation(secret).is_open
        with nothing_changes(), pytest.raises(Conflict):
            accept(cast.zoe, secret)


def test_only_an_open_invitation_of_this_project_is_taken_back(cast: Cast) -> None:
    with acting_as(cast.zoe.id):
        others, _ = members.invite(cast.other.id, cast.zoe, role="viewer")
    invite(cast)
    mine = the(Invitation, cast)
    with acting_as(cast.ann.id):
        members.revoke_invitation(cast.project.id, mine.id)
    for invitation_id in (mine.id, others.id, uuid.uuid4()):
        with pytest.raises(NotFound), acting_as(cast.ann.id):
            members.revoke_invitation(cast.project.id, invitation_id)


def test_no_link_at_all(cast: Cast) -> None:
    for secret in ("", "guess", "\ud800", "\x00", "x" * 10_000):
        with pytest.raises(NotFound):
            members.find_invitation(secret)
        with nothing_changes(), pytest.raises(Conflict):
            accept(cast.zoe, secret)


def test_who_is_a_member_stays_what_they_are_and_leaves_the_link_for_another(cast: Cast) -> None:
    """Ann tries her own link; an owner does not become a viewer by it."""
    secret = invite(cast, role="viewer")
    with nothing_changes():
        assert accept(cast.ann, secret) == cast.project.id
    assert roles(cast)["Ann"] == "owner"
    accept(cast.zoe, secret)
    assert roles(cast)["Zoe"] == "viewer"


def test_nobody_joins_without_acting_as_somebody(cast: Cast) -> None:
    secret = invite(cast)
    with nothing_changes(), pytest.raises(DatabaseError), transaction.atomic():
        members.accept_invitation(cast.zoe, secret)


def test_two_people_who_race_for_one_link(cast: Cast) -> None:
    secret, max_ = invite(cast), factories.user("Max")
    results = at_once(lambda: accept(cast.zoe, secret), lambda: accept(max_, secret))
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "UUID"]
    assert len(roles(cast)) == 4
    assert kinds(cast).count("member.joined") == 1


def test_one_person_who_accepts_twice_at_once_is_one_member(cast: Cast) -> None:
    secret = invite(cast)
    results = at_once(*[lambda: accept(cast.zoe, secret)] * 2)
    assert cast.project.id in results
    assert not [r for r in results if isinstance(r, Exception) and not isinstance(r, Conflict)]
    assert roles(cast)["Zoe"] == "editor"
    assert kinds(cast).count("member.joined") == 1


def invite(cast: Cast, *, role: str = "editor", email: str = "") -> str:
    """An open invitation by Ann; returns the secret of its link."""
    with acting_as(cast.ann.id):
        return members.invite(cast.project.id, cast.ann, role=role, email=email)[1]


def invite_long_ago(cast: Cast) -> str:
    """One that ran out a minute ago."""
    days = dt.timedelta(days=settings.INVITATION_DAYS, minutes=1)
    with clock.at(clock.now() - days):
        return invite(cast)


def accept(user: User, secret: str) -> uuid.UUID:
    with acting_as(user.id):
        return members.accept_invitation(user, secret)


def roles(cast: Cast) -> dict[str, str]:
    with acting_as_system([cast.project.id]):
        found = Membership.objects.filter(project_id=cast.project.id).select_related("user")
        return {str(member.user): member.role for member in found}


def test_an_agent_hands_nothing_over(cast: Cast) -> None:
    with nothing_changes(), pytest.raises(Invalid), acting_as_system([cast.project.id]):
        members.hand_over(cast.project.id, Actor.agent("SomeAgent"), cast.bob.id)
