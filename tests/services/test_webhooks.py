"""Webhooks: made by owners, and told how questions ended, in the transaction that ended them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from sessions_app import clock, sealing
from sessions_app.db.rls import acting_as, acting_as_admin, acting_as_system
from sessions_app.models import Question, Webhook, WebhookDelivery
from sessions_app.services import deliveries, members, projects, questions, webhooks
from sessions_app.services.deliveries import MOST_TRIES, WAITS, Outcome
from sessions_app.services.errors import Conflict, Invalid, NotFound
from tests.conftest import Cast
from tests.doing import DAY, NINE, add, again, as_system, at_once, do, every, report, the

URL = "https://hooks.example.org/leftoff?key=1"
SECOND = dt.timedelta(seconds=1)


def make(cast: Cast, url: str = URL, agent_type: str = "") -> tuple[Webhook, str]:
    """A webhook of Ann's."""
    with acting_as(cast.ann.id):
        return webhooks.create_webhook(cast.project.id, cast.ann, url=url, agent_type=agent_type)


def ask(cast: Cast, text: str = "Which day?", agent_type: str = "PlannerAgent", **more: object) -> Question:
    """A question of an agent, open."""
    report(cast, agent_type, {"questions": [{"question": text, **more}]})
    return the(Question, cast, text=text)


def waiting(cast: Cast) -> list[WebhookDelivery]:
    return every(WebhookDelivery, cast, status="waiting")


class TestMaking:
    def test_its_secret_is_told_once_and_lies_sealed(self, cast: Cast) -> None:
        webhook, secret = make(cast, agent_type=" PlannerAgent ")
        stored = the(Webhook, cast)
        assert (stored.url, stored.agent_type, stored.created_by_id) == (URL, "PlannerAgent", cast.ann.id)
        assert secret.startswith("whsec_")
        assert len(secret) == 50
        assert secret not in stored.secret
        assert sealing.unseal(stored.secret, webhooks.PURPOSE) == secret
        assert make(cast)[1] != secret
        assert webhook.id == stored.id

    @pytest.mark.parametrize(
        "url",
        [
            *("", "hooks.example.org", "ftp://example.org/", "https://", "https:///path", "https://[::1"),
            *("http://example.org/", "https://user@example.org/", "https://user:word@example.org/"),
            *("https://@example.org/", "https://example.org/#part", "https://example.org/#"),
            *("https://example.org:0/", "https://example.org:99999/", "https://example.org:x/"),
            *("https://bücher.example/", "https://example.org/a b", "https://example.org/" + "x" * 481),
            *("https://example.org/\x00", "https://example.org\\@127.0.0.1/", "javascript:alert(1)"),
        ],
    )
    def test_only_plain_https_addresses_are_taken(self, cast: Cast, url: str) -> None:
        with pytest.raises(Invalid) as refused:
            make(cast, url)
        assert refused.value.field == "url"
        assert every(Webhook, cast) == []

    def test_plain_http_where_the_operator_allows_it(self, cast: Cast, settings) -> None:
        settings.WEBHOOK_ALLOW_PRIVATE = True
        make(cast, "http://10.0.0.5:8080/hook")
        assert the(Webhook, cast).url == "http://10.0.0.5:8080/hook"

    def test_a_project_has_ten_at_most_also_by_two_at_once(self, cast: Cast) -> None:
        for _ in range(webhooks.MOST_PER_PROJECT - 1):
            make(cast)
        results = at_once(lambda: make(cast), lambda: make(cast))
        assert sum(isinstance(result, Conflict) for result in results) == 1
        assert len(every(Webhook, cast)) == webhooks.MOST_PER_PROJECT

    def test_deleting_one_takes_along_what_waits_for_it(self, cast: Cast) -> None:
        webhook, _ = make(cast)
        do(cast, "bob", questions.answer_question, ask(cast).id, answer="Monday")
        as_system(cast, webhooks.delete_webhook, webhook.id)
        assert (every(Webhook, cast), every(WebhookDelivery, cast)) == ([], [])
        with pytest.raises(NotFound):
            as_system(cast, webhooks.delete_webhook, webhook.id)

    def test_one_of_another_project_is_not_there(self, cast: Cast) -> None:
        webhook, _ = make(cast)
        with acting_as_system([cast.project.id, cast.other.id]):
            for verb in (webhooks.delete_webhook, webhooks.send_test):
                with pytest.raises(NotFound):
                    verb(cast.other.id, webhook.id)

    def test_who_is_owner_no_more_hears_nothing_more(self, cast: Cast) -> None:
        do(cast, "ann", members.change_role, cast.bob.id, role="owner")
        make(cast)
        do(cast, "bob", members.change_role, cast.ann.id, role="editor")
        assert every(Webhook, cast) == []

    def test_they_go_with_their_project(self, cast: Cast) -> None:
        make(cast)
        do(cast, "bob", questions.answer_question, ask(cast).id, answer="Monday")
        with acting_as(cast.ann.id):
            projects.delete_project(cast.project.id, confirm_title="Lighthouse")
        assert (every(Webhook, cast), every(WebhookDelivery, cast)) == ([], [])


class TestQueueing:
    def test_an_answer_is_queued_with_all_that_is_said_of_it(self, cast: Cast) -> None:
        make(cast)
        lamp, _ = add(cast, "Lamp", "Lens")
        question = ask(cast, "Which lamp?", blocks=[str(lamp.id)])
        with clock.at(NINE):
            do(cast, "bob", questions.answer_question, question.id, answer="The old one")
        row = the(WebhookDelivery, cast)
        assert (row.event, row.status, row.tries, row.next_try_at) == (
            "question.answered",
            "waiting",
            0,
            NINE,
        )
        assert row.payload == {
            "type": "question.answered",
            "timestamp": "2026-03-02T09:00:00+00:00",
            "data": {
                "project": {"id": str(cast.project.id), "title": "Lighthouse"},
                "question": {
                    "id": str(question.id),
                    "text": "Which lamp?",
                    "agentType": "PlannerAgent",
                    "status": "answered",
                    "answer": "The old one",
                    "answeredBy": "Bob",
                    "endedHow": None,
                    "endedAt": "2026-03-02T09:00:00+00:00",
                    "blocks": [str(lamp.id)],
                },
            },
        }

    def test_dismissed_and_expired_are_told_too(self, cast: Cast) -> None:
        make(cast)
        do(cast, "bob", questions.dismiss_question, ask(cast, "Which?").id)
        tomorrow = clock.now() + DAY
        ask(cast, "When?", expiresAt=tomorrow.isoformat())
        as_system(cast, questions.expire_due, tomorrow + SECOND)
        told = [(row.event, row.payload["data"]["question"]) for row in waiting(cast)]
        assert [event for event, _ in told] == ["question.dismissed", "question.expired"]
        assert all(said["answer"] is None and said["answeredBy"] is None for _, said in told)

    def test_each_hears_of_its_own_agent_only(self, cast: Cast) -> None:
        of_all, _ = make(cast)
        of_planner, _ = make(cast, agent_type="PlannerAgent")
        of_other, _ = make(cast, agent_type="OtherAgent")
        do(cast, "bob", questions.answer_question, ask(cast).id, answer="Monday")
        assert {row.webhook_id for row in waiting(cast)} == {of_all.id, of_planner.id}
        do(cast, "bob", questions.answer_question, ask(cast, "And?", "OtherAgent").id, answer="So")
        assert [row.webhook_id for row in waiting(cast)].count(of_other.id) == 1

    def test_an_answer_that_is_rolled_back_was_never_queued(self, cast: Cast) -> None:
        make(cast)
        question = ask(cast)
        with acting_as(cast.bob.id):
            questions.answer_question(cast.project.id, cast.actor("bob"), question.id, answer="Monday")
            assert WebhookDelivery.objects.count() == 1
            transaction.set_rollback(True)
        assert (waiting(cast), again(question).status) == ([], "open")
        do(cast, "bob", questions.answer_question, question.id, answer="Tuesday")
        assert [row.payload["data"]["question"]["answer"] for row in waiting(cast)] == ["Tuesday"]

    def test_an_answer_that_is_refused_is_not_told(self, cast: Cast) -> None:
        make(cast)
        question = ask(cast)
        do(cast, "bob", questions.answer_question, question.id, answer="Monday")
        with pytest.raises(Conflict):
            do(cast, "ann", questions.answer_question, question.id, answer="Tuesday")
        assert len(waiting(cast)) == 1

    def test_a_test_goes_to_one(self, cast: Cast) -> None:
        make(cast)
        webhook, _ = make(cast)
        with clock.at(NINE):
            as_system(cast, webhooks.send_test, webhook.id)
        row = the(WebhookDelivery, cast)
        assert (row.webhook_id, row.event) == (webhook.id, "ping")
        assert row.payload["data"] == {"project": {"id": str(cast.project.id), "title": "Lighthouse"}}


class TestClaiming:
    def queue(self, cast: Cast, *webhook_of: Webhook) -> list[WebhookDelivery]:
        return [as_system(cast, webhooks.send_test, webhook.id) for webhook in webhook_of]

    def test_a_claim_counts_its_try_and_is_a_lease(self, cast: Cast) -> None:
        webhook, _ = make(cast)
        with clock.at(NINE):
            [row] = self.queue(cast, webhook)
            [claimed] = deliveries.claim(5)
            assert (claimed.id, claimed.tries, claimed.url) == (row.id, 1, URL)
            assert again(row).next_try_at == NINE + deliveries.LEASE
            assert deliveries.claim(5) == []
        with clock.at(NINE + deliveries.LEASE):
            [second] = deliveries.claim(5)
        assert (second.id, second.tries) == (row.id, 2)

    def test_two_at_once_claim_each_delivery_once(self, cast: Cast) -> None:
        made = [make(cast)[0] for _ in range(8)]
        rows = self.queue(cast, *made)
        claims = at_once(*[lambda: deliveries.claim(8)] * 4)
        claimed = [each.id for claim in claims for each in claim]
        assert len(claimed) == len(set(claimed))
        assert set(claimed) <= {row.id for row in rows}
        left = deliveries.claim(8)
        assert {*claimed, *(each.id for each in left)} == {row.id for row in rows}

    def test_one_for_each_webhook_the_longest_waiting_first(self, cast: Cast) -> None:
        first, second = make(cast)[0], make(cast)[0]
        with clock.at(NINE):
            [early] = self.queue(cast, first)
        with clock.at(NINE + SECOND):
            _late, other = self.queue(cast, first, second)
            assert [each.id for each in deliveries.claim(1)] == [early.id]
            assert [each.id for each in deliveries.claim(5, {first.id})] == [other.id]

    def test_the_waits_grow_and_end(self, cast: Cast) -> None:
        webhook, _ = make(cast)
        moment, waits = NINE, []
        with clock.at(moment):
            [row] = self.queue(cast, webhook)
        for _ in range(MOST_TRIES):
            with clock.at(moment):
                [claimed] = deliveries.claim(5)
                deliveries.settle(claimed, Outcome(500, "answered 500"))
            row = again(row)
            if row.status == "waiting":
                waits.append((row.next_try_at - moment).total_seconds())
                moment = row.next_try_at
                with clock.at(moment - SECOND):
                    assert deliveries.claim(5) == []
        assert tuple(waits) == WAITS == (10, 60, 300, 1800, 7200, 21600)
        assert (row.status, row.tries, row.last_status, row.ended_at) == ("failed", 7, 500, moment)
        with clock.at(moment + 30 * DAY):
            assert deliveries.claim(5) == []

    def test_what_is_final_fails_at_once(self, cast: Cast) -> None:
        webhook, _ = make(cast)
        [row] = self.queue(cast, webhook)
        [claimed] = deliveries.claim(5)
        deliveries.settle(claimed, Outcome(410, "answered 410: it wants no more", is_final=True))
        assert (again(row).status, again(row).tries) == ("failed", 1)

    def test_a_try_that_kills_its_sender_each_time_is_given_up(self, cast: Cast) -> None:
        webhook, _ = make(cast)
        with clock.at(NINE):
            [row] = self.queue(cast, webhook)
        claims = 0
        for number in range(MOST_TRIES + 3):
            with clock.at(NINE + number * deliveries.LEASE):
                claims += len(deliveries.claim(5))
        assert claims == MOST_TRIES
        assert (again(row).status, again(row).last_error) == (
            "failed",
            "the last try did not come to an end",
        )

    def test_who_lost_its_lease_reports_a_success_but_no_failure(self, cast: Cast) -> None:
        webhook, _ = make(cast)
        with clock.at(NINE):
            [row] = self.queue(cast, webhook)
            [slow] = deliveries.claim(5)
        with clock.at(NINE + deliveries.LEASE):
            deliveries.claim(5)
            deliveries.settle(slow, Outcome(error="not done within 20 s"))
            assert (again(row).last_error, again(row).tries) == ("", 2)
            deliveries.settle(slow, Outcome(200))
        assert again(row).status == "delivered"

    def test_what_ended_keeps_no_words_of_anybody(self, cast: Cast) -> None:
        make(cast)
        do(cast, "bob", questions.answer_question, ask(cast).id, answer="Monday")
        [claimed] = deliveries.claim(5)
        assert claimed.payload["data"]["question"]["answer"] == "Monday"
        deliveries.settle(claimed, Outcome(200))
        row = the(WebhookDelivery, cast)
        assert (row.status, row.payload, row.event) == ("delivered", {}, "question.answered")

    def test_one_whose_webhook_went_meanwhile_is_forgotten(self, cast: Cast) -> None:
        webhook, _ = make(cast)
        self.queue(cast, webhook)
        [claimed] = deliveries.claim(5)
        as_system(cast, webhooks.delete_webhook, webhook.id)
        deliveries.settle(claimed, Outcome(500, "answered 500"))
        assert every(WebhookDelivery, cast) == []

    def test_ended_ones_are_forgotten_after_thirty_days(self, cast: Cast) -> None:
        webhook, _ = make(cast)
        with clock.at(NINE):
            self.queue(cast, webhook)
            deliveries.settle(deliveries.claim(1)[0], Outcome(200))
            [still] = self.queue(cast, webhook)
        with acting_as_admin():
            assert not deliveries.old(NINE + 30 * DAY).exists()
            assert deliveries.old(NINE + 30 * DAY + SECOND).count() == 1
            assert still not in deliveries.old(NINE + 90 * DAY), "it still waits"
