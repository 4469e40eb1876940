"""The settings page for owners of agents: tokens, set-up, webhooks, their log, the in-house switch."""

from __future__ import annotations

import datetime as dt
import html
import json
import re

import pytest
from django.conf import settings as live_settings
from django.test import Client

from sessions_app import clock
from sessions_app.db.rls import acting_as_system
from sessions_app.models import AgentToken, Project, User, Webhook, WebhookDelivery
from sessions_app.services import agent_tokens, deliveries, projects, webhooks
from sessions_app.services.deliveries import Outcome
from sessions_app.views.agent_settings import PLACEHOLDER, set_ups
from tests.doing import DAY, NINE, again, as_system, every, nothing_changes, the
from tests.views.conftest import World, browse

FORM = {
    "name": "Ann's laptop",
    "agent_type": "Claude",
    "scopes": ["briefing", "questions"],
    "expiry": "never",
}


def settings_of(world: World, who: User) -> str:
    return browse(who).get(world.path("project_settings")).text


def shown(page: str, field: str) -> str:
    """What the page shows this once, in the field of that id."""
    found = re.search(rf'id="{field}" value="([^"]+)"', page)
    assert found, page
    return html.unescape(found.group(1))


def owner(world: World) -> Client:
    return browse(world.cast.ann)


def make_webhook(world: World, url: str = "https://hooks.example.org/a") -> Webhook:
    with acting_as_system([world.cast.project.id]):
        return webhooks.create_webhook(world.cast.project.id, world.cast.ann, url=url)[0]


class TestTokens:
    def test_one_is_shown_once_and_works(self, world: World) -> None:
        page = owner(world).post(world.path("agent_token_create"), FORM).text
        secret, token = shown(page, "new-agent-token"), the(AgentToken, world.cast)
        assert secret.startswith(agent_tokens.PREFIX)
        with acting_as_system([world.cast.project.id]):
            assert agent_tokens.find(secret) == (
                token.id,
                world.cast.project.id,
                "Claude",
                frozenset({"briefing", "questions"}),
            )
        assert (token.name, token.expires_at, token.created_by_id) == (
            "Ann's laptop",
            None,
            world.cast.ann.id,
        )
        later = settings_of(world, world.cast.ann)
        assert secret not in later
        assert f"…{secret[-4:]}" in later
        assert all(
            word in later
            for word in ("Ann&#x27;s laptop", "Claude", "briefing, questions", "does not expire")
        )

    def test_its_set_up_is_there_to_copy(self, world: World) -> None:
        page = html.unescape(owner(world).post(world.path("agent_token_create"), FORM).text)
        secret = shown(page, "new-agent-token")
        base = live_settings.BASE_URL
        for text in (
            f'claude mcp add --transport http leftoff {base}/mcp --header "Authorization: Bearer {secret}"',
            f'"Authorization": "Bearer {secret}"',
            f"curl -X POST {base}/api/projects/{world.cast.project.id}/agent-activity",
        ):
            assert text in page
        assert PLACEHOLDER not in page
        assert PLACEHOLDER in settings_of(world, world.cast.ann)

    def test_set_ups_are_what_the_clients_read(self, world: World) -> None:
        by_id = {each.id: each.text for each in set_ups(world.cast.project.id, "loa_x")}
        server = {"url": f"{live_settings.BASE_URL}/mcp", "headers": {"Authorization": "Bearer loa_x"}}
        assert json.loads(by_id["cursor"]) == {"mcpServers": {"leftoff": server}}
        assert json.loads(by_id["vs-code"]) == {"servers": {"leftoff": {"type": "http", **server}}}
        body = re.search(r"-d '(.+)'$", by_id["curl"])
        assert body
        assert set(json.loads(body.group(1))) == {"action", "details"}

    @pytest.mark.parametrize(("expiry", "days"), [("30", 30), ("90", 90), ("365", 365)])
    def test_one_may_expire(self, world: World, expiry: str, days: int) -> None:
        before = clock.now()
        owner(world).post(world.path("agent_token_create"), {**FORM, "expiry": expiry})
        expires_at = the(AgentToken, world.cast).expires_at
        assert before <= expires_at - dt.timedelta(days=days) <= clock.now()

    @pytest.mark.parametrize(
        "bad",
        [
            {"name": " "},
            {"agent_type": ""},
            {"scopes": []},
            {"scopes": ["everything"]},
            {"expiry": "31"},
            {"expiry": "-1"},
            {"name": "x" * 81},
        ],
    )
    def test_a_bad_form_makes_none(self, world: World, bad: dict[str, object]) -> None:
        answer = owner(world).post(world.path("agent_token_create"), FORM | bad)
        assert answer.status_code == 422
        assert every(AgentToken, world.cast) == []

    @pytest.mark.parametrize(
        ("alike", "why"),
        [("Recorder\u200bAgent", "reads like “RecorderAgent”"), ("ANN", "is the name of a member")],
    )
    def test_one_that_reads_like_anothers_name_is_refused(self, world: World, alike: str, why: str) -> None:
        """Case F10: an agent passes neither for one of ours nor for a member."""
        answer = owner(world).post(world.path("agent_token_create"), FORM | {"agent_type": alike})
        assert (answer.status_code, why in answer.text) == (422, True), answer.text
        assert every(AgentToken, world.cast) == []

    def test_a_revoked_one_is_shown_as_such(self, world: World) -> None:
        browser = owner(world)
        secret = shown(browser.post(world.path("agent_token_create"), FORM).text, "new-agent-token")
        token = the(AgentToken, world.cast)
        for _ in range(2):
            answer = browser.post(world.path("agent_token_revoke", token_id=token.id))
            assert answer.headers["Location"] == world.path("project_settings") + "#agent-tokens"
        page = browser.get(world.path("project_settings")).text
        assert "1 token revoked or expired" in page
        assert world.path("agent_token_revoke", token_id=token.id) not in page
        with acting_as_system([world.cast.project.id]):
            assert agent_tokens.find(secret) is None

    def test_an_expired_one_is_shown_as_such(self, world: World) -> None:
        with clock.at(NINE), acting_as_system([world.cast.project.id]):
            agent_tokens.create_agent_token(
                world.cast.project.id, world.cast.ann, name="Old", agent_type="A", expires_at=NINE + DAY
            )
        page = settings_of(world, world.cast.ann)
        assert "1 token revoked or expired" in page
        assert "3 March 2026" in page

    def test_names_are_text(self, world: World) -> None:
        page = owner(world).post(
            world.path("agent_token_create"), FORM | {"name": "<b>bold</b>", "agent_type": "</textarea><i>"}
        )
        assert "<b>bold" not in page.text
        assert "<i>" not in page.text


class TestWebhooks:
    def test_its_secret_is_shown_once(self, world: World) -> None:
        form = {"url": "https://hooks.example.org/a?b=1&c=2", "agent_type": "Claude"}
        page = owner(world).post(world.path("webhook_create"), form).text
        assert shown(page, "new-webhook-secret").startswith(webhooks.PREFIX)
        later = settings_of(world, world.cast.ann)
        assert webhooks.PREFIX not in later
        assert "https://hooks.example.org/a?b=1&amp;c=2" in later
        assert the(Webhook, world.cast).agent_type == "Claude"

    def test_a_bad_address_is_refused_and_not_lost(self, world: World) -> None:
        page = world.refuse(world.cast.ann, "webhook_create", {"url": "http://plain.example/"}, status=422)
        assert "must be an address that begins with https://" in page

    def test_the_eleventh_is_refused(self, world: World) -> None:
        for _ in range(webhooks.MOST_PER_PROJECT):
            make_webhook(world)
        form = {"url": "https://more.example/"}
        assert "at most 10 webhooks" in world.refuse(world.cast.ann, "webhook_create", form, status=409)

    def test_a_test_is_queued_and_logged(self, world: World) -> None:
        webhook = make_webhook(world)
        answer = owner(world).post(world.path("webhook_test", webhook_id=webhook.id))
        assert answer.headers["Location"] == world.path("project_settings") + "#webhooks"
        assert the(WebhookDelivery, world.cast).event == "ping"
        page = settings_of(world, world.cast.ann)
        assert "Latest deliveries" in page
        assert "On its way" in page

    def test_the_log_says_how_each_stands(self, world: World) -> None:
        webhook = make_webhook(world)
        outcomes = [
            Outcome(200),
            Outcome(500, "answered 500"),
            Outcome(410, "it wants no more", is_final=True),
        ]
        for outcome in outcomes:
            as_system(world.cast, webhooks.send_test, webhook.id)
            [claimed] = deliveries.claim(1)
            deliveries.settle(claimed, outcome)
        page = settings_of(world, world.cast.ann)
        for words in (
            "Delivered",
            "Given up",
            "Waiting",
            "next try",
            "answered 500",
            "it wants no more",
            "1 try",
        ):
            assert words in page

    def test_the_log_holds_the_newest_twenty(self, world: World) -> None:
        webhook = make_webhook(world)
        for minute in range(25):
            with clock.at(NINE + minute * dt.timedelta(minutes=1)):
                as_system(world.cast, webhooks.send_test, webhook.id)
        page = settings_of(world, world.cast.ann)
        assert page.count('class="delivery"') == 20
        assert 'datetime="2026-03-02T09:24' in page
        assert 'datetime="2026-03-02T09:04' not in page

    def test_deleting_one_takes_its_log_along(self, world: World) -> None:
        webhook = make_webhook(world)
        as_system(world.cast, webhooks.send_test, webhook.id)
        owner(world).post(world.path("webhook_delete", webhook_id=webhook.id))
        assert every(WebhookDelivery, world.cast) == []
        assert "Latest deliveries" not in settings_of(world, world.cast.ann)


class TestInHouse:
    def test_they_are_paused_and_come_back(self, world: World) -> None:
        browser, page = owner(world), world.path("project_settings")
        assert "At work" in browser.get(page).text
        for _ in range(2):
            browser.post(world.path("agents_pause"))
        assert again(world.cast.project).agents_paused_at is not None
        assert "Paused" in browser.get(page).text
        browser.post(world.path("agents_resume"))
        assert again(world.cast.project).agents_paused_at is None

    def test_pausing_twice_keeps_the_first_moment(self, world: World) -> None:
        for hour in (0, 1):
            with clock.at(NINE + hour * dt.timedelta(hours=1)):
                as_system(world.cast, projects.pause_agents)
        assert the_project(world).agents_paused_at == NINE


def the_project(world: World) -> Project:
    return again(world.cast.project)


@pytest.mark.parametrize("who", ["bob", "vera"])
def test_others_see_nothing_of_it(world: World, who: str) -> None:
    """Neither names nor hints nor addresses, and no verb."""
    owner(world).post(world.path("agent_token_create"), FORM)
    webhook = make_webhook(world)
    as_system(world.cast, webhooks.send_test, webhook.id)
    page = settings_of(world, getattr(world.cast, who))
    token = the(AgentToken, world.cast)
    for words in (
        "Claude",
        token.hint,
        "hooks.example.org",
        "Webhook",
        "agent-tokens",
        PLACEHOLDER,
        "In-house",
    ):
        assert words not in page
    with nothing_changes():
        answer = browse(getattr(world.cast, who)).post(world.path("webhook_delete", webhook_id=webhook.id))
    assert answer.status_code == 403
    assert the(Webhook, world.cast).id == webhook.id


def test_an_archived_project_takes_no_new_ones(world: World) -> None:
    with acting_as_system([world.cast.project.id]):
        projects.archive_project(world.cast.project.id, world.cast.actor("ann"))
    for name, form in (("agent_token_create", FORM), ("webhook_create", {"url": "https://a.example/"})):
        assert owner(world).post(world.path(name), form).status_code in (403, 409)
    assert (every(AgentToken, world.cast), every(Webhook, world.cast)) == ([], [])
