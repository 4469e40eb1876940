"""What people say in the chat becomes items, each with the words it is taken from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from sessions_app import clock
from sessions_app.agents import recorder, recording
from sessions_app.agents.recording import Done
from sessions_app.digest.digester import digest_waiting
from sessions_app.insights import said
from sessions_app.insights.commands import Slip, Statement
from sessions_app.insights.in_house import RECORDER
from sessions_app.models import Item, Message, Question, Session
from sessions_app.services import items, members, messages, projects, sessions
from tests.agents.listening import hear, reports, say
from tests.conftest import Cast
from tests.doing import NINE, add, again, as_system, at_once, counter, do, every, kinds, the


def by_recorder(cast: Cast) -> list[str]:
    """What the recorder said in the chat."""
    return [message.text for message in every(Message, cast, agent_type=RECORDER)]


class TestWords:
    def test_a_decision_said_becomes_a_decided_item_with_its_source(self, cast: Cast) -> None:
        message = say(cast, "Good evening.\nWe decided to rent the mill hall because it is dry. See you!")
        hear(cast)
        item = the(Item, cast)
        assert (item.title, item.state, item.reason) == ("Rent the mill hall", "decided", "it is dry")
        assert item.citation_quote == "We decided to rent the mill hall because it is dry."
        assert (item.citation_message_id, item.citation_at) == (message.id, message.created_at)
        assert 0 < item.citation_confidence < 1
        assert (item.state_by_agent, item.state_by_id) == (RECORDER, None)
        assert not again(message).unheard

    def test_it_is_reported_through_the_agents_door(self, cast: Cast) -> None:
        message = say(cast, "We decided to rent the mill hall.")
        hear(cast)
        [report] = reports(cast)
        assert (report.agent_type, report.action) == (RECORDER, "decided “Rent the mill hall”")
        assert report.details == {
            "message": str(message.id),
            "recorded": [
                {"did": "decided", "item": str(the(Item, cast).id), "title": "Rent the mill hall"},
            ],
        }

    @pytest.mark.parametrize(
        ("text", "state", "reason"),
        [
            ("Let's park the newsletter until spring.", "parked", "until spring"),
            ("Let's explore the newsletter", "exploring", ""),
            ("We agreed on the newsletter", "decided", ""),
        ],
    )
    def test_every_verb(self, cast: Cast, text: str, state: str, reason: str) -> None:
        say(cast, text)
        hear(cast)
        item = the(Item, cast)
        assert (item.title, item.state, item.reason) == ("The newsletter", state, reason)

    def test_an_item_that_is_there_is_moved(self, cast: Cast) -> None:
        [item] = add(cast, "Rent the mill hall")
        message = say(cast, "We decided to rent the mill hall!")
        hear(cast)
        moved = the(Item, cast)
        assert (moved.id, moved.state, moved.citation_message_id) == (item.id, "decided", message.id)

    def test_of_several_alike_the_one_that_is_called_so_is_moved(self, cast: Cast) -> None:
        exact, _ = add(cast, "Rent the accessible mill hall", "Rent the accesible mill hall")
        say(cast, "We decided to rent the accessible mill hall")
        hear(cast)
        assert [item.id for item in every(Item, cast, state="decided")] == [exact.id]

    def test_what_is_so_already_is_recorded_by_doing_nothing(self, cast: Cast) -> None:
        say(cast, "We decided to rent the mill hall because it is dry.")
        hear(cast)
        version = counter(cast).version
        say(cast, "As I said: let us talk about the roof.\nWe decided to rent the mill hall")
        hear(cast)
        assert kinds(cast, version) == ["message.posted"]
        assert the(Item, cast).reason == "it is dry"

    def test_several_things_in_one_message(self, cast: Cast) -> None:
        say(cast, "We decided to rent the mill hall.\nLet's park the newsletter.")
        hear(cast)
        assert {(item.title, item.state) for item in every(Item, cast)} == {
            ("Rent the mill hall", "decided"),
            ("The newsletter", "parked"),
        }
        assert reports(cast)[0].action == "recorded 2 things from the chat"

    def test_the_order_of_what_was_said_is_kept(self, cast: Cast) -> None:
        for text in ("We decided to rent the mill hall.", "Let's reopen renting the mill hall."):
            say(cast, text)
        say(cast, "/explore Rent the mill hall")
        say(cast, "/park Rent the mill hall")
        hear(cast)
        assert next(item.state for item in every(Item, cast, title="Rent the mill hall")) == "parked"

    def test_small_talk_records_nothing(self, cast: Cast) -> None:
        message = say(cast, "Good morning! Lovely weather.")
        version = counter(cast).version
        hear(cast)
        assert (every(Item, cast), reports(cast)) == ([], [])
        assert counter(cast).version == version
        assert not again(message).unheard

    def test_what_is_told_of_the_past_is_not_heard(self, cast: Cast) -> None:
        do(cast, "bob", messages.post_message, text="We decided to rent the mill hall.")
        hear(cast)
        assert every(Item, cast) == []


class TestCommands:
    def test_a_command_is_its_authors_act(self, cast: Cast) -> None:
        message = say(cast, "/decide Rent the mill hall because it is dry")
        hear(cast)
        item = the(Item, cast)
        assert (item.title, item.state, item.reason) == ("Rent the mill hall", "decided", "it is dry")
        assert (item.state_by_id, item.created_by_id, item.state_by_agent) == (cast.bob.id, cast.bob.id, "")
        assert (item.citation_quote, item.citation_confidence) == (message.text, 1.0)

    def test_a_parked_item_comes_back_in_the_authors_morning(self, cast: Cast) -> None:
        cast.bob.time_zone = "Europe/Berlin"
        cast.bob.save()
        with clock.at(NINE):
            say(cast, "/park Newsletter until 2026-07-01 because money")
            hear(cast)
        item = the(Item, cast)
        assert (item.state, item.reason) == ("parked", "money")
        assert item.wake_at == dt.datetime(2026, 7, 1, 6, tzinfo=dt.UTC)

    def test_a_day_that_is_over_is_refused_and_nothing_is_left_of_it(self, cast: Cast) -> None:
        with clock.at(NINE):
            say(cast, "/park Newsletter until 2026-03-01\n/park Roof until 2026-03-03")
            hear(cast)
        assert the(Item, cast).title == "Roof"
        assert by_recorder(cast) == ["“/park Newsletter until 2026-03-01”: until must be a day to come."]

    def test_a_question_is_asked(self, cast: Cast) -> None:
        say(cast, "/ask How many seats does the hall have?")
        hear(cast)
        question = the(Question, cast)
        assert (question.text, question.agent_type) == ("How many seats does the hall have?", RECORDER)
        assert every(Item, cast) == []

    def test_a_command_that_cannot_be_followed_is_answered(self, cast: Cast) -> None:
        say(cast, "/decide")
        hear(cast)
        assert by_recorder(cast) == ["“/decide”: Say which item: /decide Rent the mill hall"]

    def test_a_command_gives_what_is_decided_a_reason(self, cast: Cast) -> None:
        [item] = add(cast, "Rent the mill hall")
        do(cast, "ann", items.decide_item, item.id, reason="it is near")
        say(cast, "/decide Rent the mill hall because it is dry")
        hear(cast)
        assert the(Item, cast).reason == "it is dry"

    def test_parked_again_with_a_day_only_keeps_its_reason(self, cast: Cast) -> None:
        [item] = add(cast, "Newsletter")
        do(cast, "ann", items.park_item, item.id, reason="money")
        with clock.at(NINE):
            say(cast, "/park Newsletter until 2026-07-01")
            hear(cast)
        assert (the(Item, cast).reason, the(Item, cast).wake_at is None) == ("money", False)

    def test_what_one_said_just_now_is_no_news_to_oneself(self, cast: Cast) -> None:
        """The command is carried out after the message; it still belongs to its author's session."""
        with clock.at(NINE):
            do(cast, "bob", lambda project_id, actor: sessions.start_session(actor.user_id, project_id))
            say(cast, "/decide Rent the mill hall")
        with clock.at(NINE + dt.timedelta(seconds=2)):
            hear(cast)
        assert the(Session, cast).end_version >= the(Item, cast).decided_version

    def test_heard_late_it_extends_no_session(self, cast: Cast) -> None:
        with clock.at(NINE):
            do(cast, "bob", lambda project_id, actor: sessions.start_session(actor.user_id, project_id))
            say(cast, "/decide Rent the mill hall")
        with clock.at(NINE + dt.timedelta(minutes=20)):
            hear(cast)
        assert the(Session, cast).last_activity == NINE


class TestWhoMay:
    @pytest.mark.parametrize("text", ["/decide Rent it", "We decided to rent the mill hall.", "/ask Who?"])
    def test_what_a_viewer_says_records_nothing(self, cast: Cast, text: str) -> None:
        message = say(cast, text, who="vera")
        hear(cast)
        assert (every(Item, cast), reports(cast), by_recorder(cast)) == ([], [], [])
        assert not again(message).unheard

    def test_who_lost_the_right_meanwhile_records_nothing(self, cast: Cast) -> None:
        say(cast, "/decide Rent the mill hall")
        do(cast, "ann", members.change_role, cast.bob.id, role="viewer")
        hear(cast)
        assert every(Item, cast) == []

    def test_a_paused_project_is_left_alone(self, cast: Cast) -> None:
        as_system(cast, projects.pause_agents)
        message = say(cast, "/decide Rent the mill hall")
        hear(cast)
        as_system(cast, projects.resume_agents)
        hear(cast)
        assert every(Item, cast) == []
        assert not again(message).unheard

    def test_an_archived_project_is_left_alone(self, cast: Cast) -> None:
        say(cast, "/decide Rent the mill hall")
        do(cast, "ann", projects.archive_project)
        hear(cast)
        assert every(Item, cast) == []

    def test_other_projects_hear_nothing_of_it(self, cast: Cast) -> None:
        say(cast, "/decide Rent the mill hall")
        recorder.listen(cast.other.id, lambda _: None)
        assert every(Item, cast) == []


class TestOnce:
    def test_twice_heard_is_once(self, cast: Cast) -> None:
        say(cast, "We decided to rent the mill hall.\n/ask Who has the key?")
        hear(cast)
        version = counter(cast).version
        hear(cast)
        assert counter(cast).version == version
        assert len(reports(cast)) == 1

    def test_two_that_listen_at_once_record_once(self, cast: Cast) -> None:
        message = say(cast, "/decide Rent the mill hall")
        what = said.read(message.text)
        heard = at_once(*[lambda: recorder.hear_one(message, what, lambda _: None)] * 4)
        digest_waiting([cast.project.id])
        assert sorted(heard) == [False, False, False, True]
        assert len(every(Item, cast)) == len(reports(cast)) == 1

    def test_an_edit_before_it_is_heard_counts(self, cast: Cast) -> None:
        message = say(cast, "/decide Rent the hall")
        do(cast, "bob", messages.edit_message, message.id, text="/park Rent the hall")
        hear(cast)
        assert the(Item, cast).state == "parked"

    def test_an_edit_between_the_look_and_the_mark_is_read_anew(self, cast: Cast) -> None:
        before = say(cast, "/decide Rent the hall")
        do(cast, "bob", messages.edit_message, before.id, text="/park Rent the hall")
        assert not recorder.hear_one(before, said.read(before.text), lambda _: None)
        assert again(before).unheard
        hear(cast)
        assert the(Item, cast).state == "parked"

    def test_an_edit_of_what_was_heard_is_not_heard_again(self, cast: Cast) -> None:
        message = say(cast, "/decide Rent the hall")
        hear(cast)
        do(cast, "bob", messages.edit_message, message.id, text="/decide Buy the hall")
        hear(cast)
        assert the(Item, cast).title == "Rent the hall"

    def test_what_was_deleted_before_it_is_heard_records_nothing(self, cast: Cast) -> None:
        message = say(cast, "/decide Rent the hall")
        do(cast, "bob", messages.delete_message, message.id)
        hear(cast)
        assert every(Item, cast) == []
        assert not again(message).unheard

    def test_what_is_deleted_later_is_quoted_no_more(self, cast: Cast) -> None:
        message = say(cast, "/decide Rent the hall")
        hear(cast)
        do(cast, "bob", messages.delete_message, message.id)
        item = the(Item, cast)
        assert (item.state, item.citation_quote, item.citation_message_id) == ("decided", "", None)

    def test_a_message_that_breaks_holds_up_no_other(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Whatever goes wrong with one, half of it is not left, and what is said after it is heard."""
        broken, fine = say(cast, "/decide Rent the hall"), say(cast, "/decide Larger print")
        whole = recording.record

        def half(message: Message, statements: Sequence[Statement]) -> tuple[list[Done], list[Slip]]:
            done = whole(message, statements)
            if message.id == broken.id:
                raise RuntimeError("an error of ours")
            return done

        monkeypatch.setattr(recording, "record", half)
        hear(cast)
        assert the(Item, cast).title == "Larger print"
        assert not again(broken).unheard
        assert not again(fine).unheard
        assert f"message {broken.id} cannot be recorded" in caplog.text


class TestQuestions:
    def test_who_asks_at_the_end_is_told_of(self, cast: Cast) -> None:
        say(cast, "Good morning.")
        asking = say(cast, "I looked. Who has the key to the hall?")
        assert [message.id for message in hear(cast)] == [asking.id]

    def test_a_message_that_records_may_ask_too(self, cast: Cast) -> None:
        say(cast, "We decided to rent the mill hall.\nWho has the key to it?")
        assert len(hear(cast)) == 1
        assert the(Item, cast).title == "Rent the mill hall"


def test_a_long_talk_is_read_in_parts(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "BATCH_MESSAGES", 2)
    for number in range(5):
        say(cast, f"/explore Idea number {number}")
    assert [recorder.listen(cast.project.id, lambda _: None) for _ in range(2)] == [5, 0]


def test_what_is_left_for_a_model_holds_up_no_command(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "BATCH_MESSAGES", 2)
    silent = [say(cast, f"Talk about the weather {number}") for number in range(5)]
    say(cast, "/decide Rent the mill hall")
    assert recorder.listen(cast.project.id, lambda _: None, leave_silent=True) == 1
    assert the(Item, cast).state == "decided"
    assert all(again(message).unheard for message in silent)
