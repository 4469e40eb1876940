"""Digests by mail: to whom, when, once, and what arrives at a real SMTP server."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import environ
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core import mail

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.jobs.digests import run_digests
from sessions_app.models import Item, Membership, StepMark, User
from sessions_app.outgoing import digest_mail
from sessions_app.services import (
    agents,
    anchors,
    blockers,
    digests,
    hand_offs,
    items,
    looks,
    people,
    projects,
    reviews,
    sessions,
    waking,
)
from sessions_app.services.digests import Waiting
from tests import factories
from tests.conftest import Cast
from tests.doing import DAY, HOUR, NINE, add, again, at_once, by_agent, do, report, the
from tests.jobs.conftest import jobs, work_off
from tests.running import free_port
from tests.views.conftest import browse

# A Tuesday morning at 8, UTC.
EIGHT = NINE + DAY - HOUR
BASE = "https://leftoff.example.org"


@pytest.fixture(autouse=True)
def _queued(settings) -> None:
    settings.EMAIL_BACKEND = "sessions_app.jobs.mail.QueuedMail"
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.BASE_URL = BASE


@pytest.fixture
def waiting(cast: Cast) -> Cast:
    """Lighthouse, in which something of every kind waits for Ann, who wants a digest each day."""
    with clock.at(NINE):
        lamp, horn, bell, tower = add(cast, "Lamp", "Horn", "Bell", "Tower")
        with acting_as(cast.ann.id):
            sessions.start_session(cast.ann.id, cast.project.id)
            sessions.end_session(cast.ann.id, cast.project.id)
        report(cast, "PlannerAgent", {"question": "Which coast?"})
        report(cast, "PlannerAgent", {"question": "Gas or oil?", "blocks": [str(tower.id)]})
        do(cast, "bob", items.decide_item, lamp.id, reason="Brighter")
        by_agent(cast, "VerificationAgent", items.decide_item, bell.id)
        do(cast, "bob", items.park_item, horn.id, reason="Too loud", wake_at=NINE + HOUR)
        with acting_as(cast.bob.id):
            sessions.start_session(cast.bob.id, cast.project.id)
        do(cast, "bob", hand_offs.leave_hand_off, text="The <tower> is next.")
    with acting_as_system([cast.project.id]):
        waking.wake_due(cast.project.id, NINE + 2 * HOUR)
        Item.objects.filter(title="Bell").update(contested_at=NINE, contested_by=cast.bob)
    stop(cast, cast.ann, "Ann has the key")
    wants(cast.ann, "daily")
    return cast


def stop(cast: Cast, waits_for: User, text: str) -> None:
    """A blocker by Bob that waits for somebody."""
    with clock.at(NINE):
        do(cast, "bob", blockers.raise_blocker_by_person, text=text, waits_for=waits_for.id)


def wants(person: User, digest: str, zone: str = "UTC") -> None:
    """As the profile does it, a week ago."""
    with clock.at(NINE - 7 * DAY):
        people.update_profile(
            person, display_name=str(person), time_zone=zone, hides_agents=False, digest=digest
        )


def sent() -> list[Any]:
    """The mails that the worker has sent by now."""
    work_off()
    return mail.outbox


def test_it_tells_what_waits_in_both_forms(waiting: Cast) -> None:
    assert run_digests(EIGHT) == 1
    [digest] = sent()
    assert (digest.to, digest.subject) == (["ann@example.org"], "8 things wait in Lighthouse")
    [(html, kind)] = digest.alternatives
    assert kind == "text/html"
    for body in (digest.body, html):
        plain = " ".join(body.split())
        for words in (
            *("2 questions wait for an answer", "Which coast?", "Gas or oil?", "frees 1 item"),
            *("2 items want another look", "Horn", "Too loud", "Bell", "contested by Bob"),
            *("1 blocker waits for you", "Ann has the key"),
            *("2 decisions by others since you were here", "Lamp", "Brighter", "VerificationAgent"),
            *("1 note was left for you",),
        ):
            assert words in plain, words
        # What blocks comes first.
        assert plain.index("Gas or oil?") < plain.index("Which coast?")
    assert "The <tower> is next." in digest.body
    assert "The &lt;tower&gt; is next." in html


def test_every_link_leads_home_and_nothing_is_loaded_from_elsewhere(waiting: Cast) -> None:
    run_digests(EIGHT)
    [digest] = sent()
    html = digest.alternatives[0][0]
    for body in (digest.body, html):
        links = re.findall(r"https?://[^\s\"<)]+", body)
        assert len(links) > 8
        assert all(link.startswith(f"{BASE}/") for link in links), links
        # Of many questions the project's page has the first ones only.
        asked = [link.partition("/questions/?at=")[2] for link in links if "#question-" in link]
        assert len(asked) == 2
        assert all(at == f"{at[:36]}#question-{at[:36]}" for at in asked), links
    assert not re.search(r"<img|<script|<link|src=|url\(|style=", html)
    assert "prefers-color-scheme: dark" in html
    assert "width=device-width" in html


def test_it_comes_at_most_once_a_period_however_often_the_job_runs(waiting: Cast) -> None:
    assert [run_digests(EIGHT + number * HOUR / 2) for number in range(6)] == [1, 0, 0, 0, 0, 0]
    assert again(waiting.ann).digest_at == EIGHT
    assert run_digests(EIGHT + DAY) == 1
    assert len(sent()) == 2


def test_two_runs_at_once_make_one_mail(waiting: Cast) -> None:
    assert sorted(at_once(lambda: run_digests(EIGHT), lambda: run_digests(EIGHT))) == [0, 1]
    assert [name for name, _status, _tries in jobs()] == ["deliver"]


def test_what_dies_before_the_commit_leaves_neither_mail_nor_mark(waiting: Cast, monkeypatch) -> None:
    """The mail was queued already; then the process is gone."""
    mailed = digest_mail.mail_of

    class Dying:
        def __init__(self, *args: Any) -> None:
            self.mail = mailed(*args)

        def send(self) -> None:
            self.mail.send()
            raise RuntimeError("gone")

    monkeypatch.setattr(digest_mail, "mail_of", Dying)
    with pytest.raises(ExceptionGroup):
        run_digests(EIGHT)
    assert jobs() == []
    monkeypatch.undo()
    assert run_digests(EIGHT + HOUR) == 1


def test_one_person_in_trouble_does_not_hold_up_the_others(waiting: Cast, monkeypatch) -> None:
    wants(waiting.bob, "daily")
    mailed = digest_mail.mail_of

    def fails_for_ann(found: Waiting) -> Any:
        if found.person.id == waiting.ann.id:
            raise RuntimeError("broken")
        return mailed(found)

    monkeypatch.setattr(digest_mail, "mail_of", fails_for_ann)
    with pytest.raises(ExceptionGroup) as failed:
        run_digests(EIGHT)
    assert [str(error) for error in failed.value.exceptions] == ["broken"]
    assert [letter.to for letter in sent()] == [["bob@example.org"]]


def test_weekly_is_mondays_and_each_has_their_own_morning(waiting: Cast) -> None:
    wants(waiting.ann, "weekly", "Asia/Tokyo")
    monday = NINE + 7 * DAY
    # Eight in Tokyo is 23:00 of the day before in UTC.
    assert run_digests(monday - HOUR) == 0
    assert run_digests(monday.replace(hour=23) - DAY) == 1
    assert run_digests(monday.replace(hour=23)) == 0


def test_nothing_waits_nothing_comes(cast: Cast) -> None:
    wants(cast.ann, "daily")
    assert run_digests(EIGHT) == 0
    # And what comes up later in the day waits for the next morning.
    report(cast, "PlannerAgent", {"question": "Which coast?"})
    assert run_digests(EIGHT + HOUR) == 0
    assert run_digests(EIGHT + DAY) == 1


@pytest.mark.parametrize("why", ["off", "deactivated", "no member", "archived"])
def test_who_gets_none(waiting: Cast, why: str) -> None:
    ann = waiting.ann
    if why == "off":
        wants(ann, "off")
    elif why == "deactivated":
        User.objects.filter(id=ann.id).update(is_active=False)
    elif why == "no member":
        with acting_as_system([waiting.project.id]):
            Membership.objects.filter(project=waiting.project, user=waiting.bob).update(role="owner")
            Membership.objects.filter(user=ann).delete()
    else:
        do(waiting, "ann", projects.archive_project)
    assert run_digests(EIGHT) == 0
    assert sent() == []


def test_a_viewer_hears_of_news_and_of_what_waits_for_them_but_not_of_what_others_must_do(
    waiting: Cast,
) -> None:
    with acting_as(waiting.vera.id):
        anchors.catch_up(waiting.vera.id, waiting.project.id, 0)
    stop(waiting, waiting.vera, "Vera has the map")
    wants(waiting.vera, "daily")
    run_digests(EIGHT)
    [digest] = [letter for letter in sent() if letter.to == ["vera@example.org"]]
    assert digest.subject == "4 things wait in Lighthouse"
    assert "Vera has the map" in digest.body
    assert "Which coast?" not in digest.body


def test_who_never_was_here_is_not_told_all_that_was_before(waiting: Cast) -> None:
    """Neither decisions nor notes; what waits for an act does."""
    stop(waiting, waiting.vera, "Vera has the map")
    wants(waiting.vera, "daily")
    run_digests(EIGHT)
    [digest] = [letter for letter in sent() if letter.to == ["vera@example.org"]]
    assert digest.subject == "1 thing waits in Lighthouse"
    assert "Vera has the map" in digest.body


def test_a_decision_that_was_handled_is_not_mailed(waiting: Cast) -> None:
    """Accepted, or contested by the reader: as on the page."""
    lamp, bell = (the(Item, waiting, title=title) for title in ("Lamp", "Bell"))
    with acting_as(waiting.ann.id):
        looks.accept_decision(waiting.ann.id, waiting.project.id, lamp.id, lamp.decided_version)
    do(waiting, "ann", reviews.contest_item, bell.id, reason="Too small")
    run_digests(EIGHT)
    assert "by others since you were here" not in sent()[0].body


def test_what_wants_another_look_is_counted_and_a_few_are_named(waiting: Cast) -> None:
    buoys = add(waiting, *(f"Buoy {number}" for number in range(6)))
    with acting_as_system([waiting.project.id]):
        Item.objects.filter(id__in=[buoy.id for buoy in buoys]).update(state="parked", woke_at=NINE)
    run_digests(EIGHT)
    body = sent()[0].body
    assert "8 items want another look" in body
    assert (body.count("Buoy"), "3 more" in body) == (3, True)


def test_another_project_of_the_same_place_is_not_in_it(waiting: Cast) -> None:
    """The mail is made with the rights of whom it is for."""
    with acting_as_system([waiting.other.id]):
        agents.post_agent_message(waiting.other.id, "A", text="?", metadata={"agentQuestions": []})
    wants(waiting.zoe, "daily")
    run_digests(EIGHT)
    assert all("Lighthouse" not in letter.body for letter in sent() if letter.to == ["zoe@example.org"])


def test_a_review_that_was_put_aside_does_not_wait(waiting: Cast) -> None:
    with acting_as_system([waiting.project.id]):
        bell = Item.objects.get(title="Bell")
        StepMark.objects.create(
            project=waiting.project,
            membership=Membership.objects.get(project=waiting.project, user=waiting.ann),
            step_id=f"item:{bell.id}:review",
            kind="done",
            subject_version=bell.version,
        )
    run_digests(EIGHT)
    assert "1 item wants another look" in sent()[0].body


def test_no_more_people_than_a_run_takes(waiting: Cast, monkeypatch) -> None:
    """Whoever is left over is first in the next run."""
    stop(waiting, waiting.vera, "Vera has the map")
    wants(waiting.bob, "daily")
    wants(waiting.vera, "daily")
    monkeypatch.setattr(digests, "MOST_A_RUN", 2)
    assert [run_digests(EIGHT), run_digests(EIGHT + HOUR), run_digests(EIGHT + 2 * HOUR)] == [2, 1, 0]


# --- over a real line --------------------------------------------------------------------------


class Inbox:
    """An SMTP server's handler that keeps what arrives."""

    def __init__(self) -> None:
        self.arrived: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.arrived.append((list(envelope.rcpt_tos), bytes(envelope.content or b"")))
        return "250 OK"


@pytest.fixture
def inbox(settings) -> Iterator[Inbox]:
    """A real SMTP server on this machine, and EMAIL_URL leading to it."""
    handler = Inbox()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    for name, value in environ.Env.email_url_config(f"smtp://127.0.0.1:{port}").items():
        setattr(settings, "MAIL_DELIVERY_BACKEND" if name == "EMAIL_BACKEND" else name, value)
    yield handler
    controller.stop()


def test_the_worker_hands_it_to_a_real_mail_server(waiting: Cast, inbox: Inbox) -> None:
    User.objects.filter(id=waiting.ann.id).update(display_name="Ann Grüß")
    run_digests(EIGHT)
    work_off()
    assert jobs() == []
    [(to, raw)] = inbox.arrived
    letter = message_from_bytes(raw, policy=policy.default)
    assert isinstance(letter, EmailMessage)
    assert to == ["ann@example.org"]
    assert letter["Subject"] == "8 things wait in Lighthouse"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"]
    assert letter["Date"]
    assert letter.get_content_type() == "multipart/alternative"
    text, html = letter.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert "Good morning, Ann Grüß." in text.get_content()
    assert "Ann Grüß" in html.get_content()
    assert max(len(line) for line in raw.splitlines()) < 998
    # RFC 8058: one https address, and what to post there.
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = letter["List-Unsubscribe"].strip()
    assert re.fullmatch(rf"<{BASE}/unsubscribe/[\w~-]+/>", link)
    for part in (text, html):
        assert link.strip("<>") in part.get_content()
    # What the mail program does with it.
    path = link.strip("<>").removeprefix(BASE)
    done = browse(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    assert again(waiting.ann).digest == "off"
    assert run_digests(EIGHT + DAY) == 0


def test_a_mail_server_that_refuses_is_tried_again(waiting: Cast, inbox: Inbox, monkeypatch) -> None:
    async def refuses(*_args: object) -> str:
        return "451 later"

    monkeypatch.setattr(Inbox, "handle_DATA", refuses)
    run_digests(EIGHT)
    work_off()
    assert [status for _name, status, _tries in jobs()] == ["todo"]
    assert run_digests(EIGHT + HOUR) == 0, "and no second one is made meanwhile"


def test_a_persons_first_digest_waits_for_the_next_morning(database: None) -> None:
    ann = factories.user("Ann")
    for choice, moment in (("daily", NINE), ("weekly", NINE + HOUR), ("off", NINE + 2 * HOUR)):
        with clock.at(moment):
            people.update_profile(ann, display_name="Ann", time_zone="UTC", hides_agents=False, digest=choice)
        assert again(ann).digest_at == NINE, "changing it does not put it off"
    assert dt.timedelta(0) < EIGHT - NINE < DAY
