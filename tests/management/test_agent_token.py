"""`manage.py agent_token`: an owner's tokens, made, listed and revoked away from the page."""

from __future__ import annotations

import json
import uuid

import pytest

from sessions_app import clock
from sessions_app.db.rls import acting_as_system
from sessions_app.models import AgentToken, Membership
from sessions_app.services import agent_tokens
from tests.conftest import Cast
from tests.doing import DAY, NINE, every, nothing_changes, the
from tests.management.running import Ran, manage

HERE = ("--project", "Lighthouse")


def make(*typed: str) -> Ran:
    return manage("agent_token", "create", *HERE, "--agent", "Claude", *typed)


def test_a_token_is_told_once_and_works(cast: Cast) -> None:
    with clock.at(NINE):
        made = make("--name", "Build server", "--days", "90", "--json").document
    row = the(AgentToken, cast)
    assert (made["id"], made["name"], made["agent_type"]) == (str(row.id), "Build server", "Claude")
    assert (row.created_by_id, row.expires_at) == (cast.ann.id, NINE + 90 * DAY)
    assert set(row.scopes) == set(agent_tokens.USUAL_SCOPES)
    said = make("--scope", "briefing").out.strip()
    assert agent_tokens.find(said) == (newest(cast).id, cast.project.id, "Claude", frozenset({"briefing"}))
    listed = manage("agent_token", "list", *HERE, "--json")
    assert len(listed.document["tokens"]) == 2
    for secret in (made["token"], said):
        assert secret not in listed.out + manage("agent_token", "list", *HERE).out


def test_a_revoked_token_works_no_more_and_twice_is_fine(cast: Cast) -> None:
    made = make("--json").document
    for _ in range(2):
        assert (
            manage("agent_token", "revoke", *HERE, "--token", made["id"]).out
            == f"{made['id']} no longer works.\n"
        )
    assert agent_tokens.find(made["token"]) is None
    assert "revoked" in manage("agent_token", "list", *HERE).out


def test_who_makes_it(cast: Cast) -> None:
    """The owner that is named, and nobody who is none."""
    assert make("--as", "ANN@example.org").code == 0
    for email, said in (("bob@example.org", "is no owner of Lighthouse"), ("x@example.org", "Nobody has")):
        ran = make("--as", email)
        assert (ran.code, ran.out) == (1, "")
        assert said in ran.error
    assert len(every(AgentToken, cast)) == 1


def test_an_owner_whose_account_is_switched_off_does_nothing(cast: Cast) -> None:
    """The next one does it; nobody does when there is none."""
    with acting_as_system([cast.project.id]):
        Membership.objects.filter(user=cast.bob).update(role="owner")
    cast.ann.is_active = False
    cast.ann.save(update_fields=["is_active"])
    ran = make("--as", "ann@example.org")
    assert (ran.code, ran.error) == (1, "The account of ann@example.org is switched off.")
    assert make("--json").document["created_by_id"] == str(cast.bob.id)
    cast.bob.is_active = False
    cast.bob.save(update_fields=["is_active"])
    ran = make()
    assert (ran.code, ran.out) == (1, "")
    assert "No owner of Lighthouse is left whose account is switched on" in ran.error
    assert len(every(AgentToken, cast)) == 1


def test_a_dry_run_makes_and_revokes_nothing(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "sessions_app.audit")
    with nothing_changes():
        assert make("--dry-run").out == "Ann would get a token for Claude.\n"
        would = make("--dry-run", "--json").document
        assert (would["dry_run"], would["token"], would["agent_type"]) == (True, None, "Claude")
        assert make("--dry-run", "--name", "\x00").code == 1, "it refuses what would be refused"
    assert caplog.text == ""
    made = make("--json").document
    with nothing_changes():
        ran = manage("agent_token", "revoke", *HERE, "--token", made["id"], "--dry-run")
    assert ran.out == f"{made['id']} would no longer work.\n"
    assert agent_tokens.find(made["token"]) is not None


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (["create", *HERE], 1, "Name the agent: --agent NAME."),
        (["create", *HERE, "--agent", "Ann"], 1, "agent_type: is the name of a member"),
        (
            ["create", *HERE, "--name", "x", "--agent", "x" * 101],
            1,
            "agent_type: must have at most 100 characters",
        ),
        (["create", *HERE, "--agent", "Claude", "--scope", "everything"], 2, "invalid choice: 'everything'"),
        (["create", *HERE, "--agent", "Claude", "--days", "0"], 2, "is no number of days"),
        (["create", "--agent", "Claude"], 2, "--project"),
        (["revoke", *HERE], 1, "Say which token by its id"),
        (["revoke", *HERE, "--token", "Claude"], 1, "Say which token by its id"),
        (["revoke", *HERE, "--token", str(uuid.UUID(int=1))], 1, "This token is not there."),
        (["list", "--project", "No such"], 1, "There is no project No such."),
        (["sell", *HERE], 2, "invalid choice: 'sell'"),
    ],
)
def test_bad_words_are_refused_and_nothing_is_made(
    cast: Cast, typed: list[str], code: int, said: str
) -> None:
    ran = manage("agent_token", *typed)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.error
    assert every(AgentToken, cast) == []


def test_a_token_of_another_project_is_not_revoked(cast: Cast) -> None:
    made = make("--json").document
    ran = manage("agent_token", "revoke", "--project", "Zoe's own", "--token", made["id"])
    assert (ran.code, ran.error) == (1, "This token is not there.")
    assert agent_tokens.find(made["token"]) is not None


def test_no_secret_is_in_the_log(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "sessions_app.audit")
    made = json.loads(make("--json").out)
    assert "agent_token by" in caplog.text
    assert made["id"] in caplog.text
    assert made["token"] not in caplog.text


def newest(cast: Cast) -> AgentToken:
    return every(AgentToken, cast)[-1]
