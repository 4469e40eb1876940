"""The chat: newest page, older pages, where the new begins."""

from __future__ import annotations

from django.utils import timezone

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.models import Message, Question, User
from sessions_app.panels import chat
from sessions_app.panels.texts import Choosing, Condition
from sessions_app.services import agents, messages, projects, questions, sessions
from tests.conftest import Cast
from tests.doing import DAY, NOON, as_system, do, report, seeing, the
from tests.panels.test_changes import visit
from tests.views.conftest import browse


def test_the_newest_page_reads_downward(cast: Cast) -> None:
    say(cast, "One", "Two")
    as_system(cast, agents.post_agent_message, "SomeAgent", text="Beep")
    shown = page(cast)
    assert [message.text for message in shown.messages] == ["One", "Two", "Beep"]
    assert [(m.author_name, m.role, m.author) for m in shown.messages] == [
        ("Bob", "user", cast.bob),
        ("Bob", "user", cast.bob),
        ("SomeAgent", "assistant", None),
    ]
    assert shown.older == ""


def test_ones_own_are_marked_as_such(cast: Cast) -> None:
    say(cast, "Mine", who="ann")
    path = f"/projects/{cast.project.id}/panels/chat/"
    assert "message-own" in browse(cast.ann).get(path).text
    assert "message-own" not in browse(cast.bob).get(path).text


def test_two_who_share_a_name_are_told_apart(cast: Cast) -> None:
    """Case F10: as soon as the second one is a member, and in the page itself."""
    say(cast, "Who am I?")
    assert [message.author_mark for message in page(cast).messages] == [""]
    User.objects.filter(id=cast.vera.id).update(display_name="B\u200bOB")
    assert [message.author_mark for message in page(cast).messages] == ["bob"]
    shown = browse(cast.ann).get(f"/projects/{cast.project.id}/").text
    assert '<bdi class="message-mark">bob</bdi>' in shown
    # Nobody takes oneself for another.
    assert "message-mark" not in browse(cast.bob).get(f"/projects/{cast.project.id}/").text


def test_paging_older_reaches_each_message_once(cast: Cast, monkeypatch) -> None:
    """Also those of one transaction, which stand at one version and one moment."""
    monkeypatch.setattr(chat, "MESSAGES_A_PAGE", 4)
    say(cast, *(f"Message {n}" for n in range(6)))
    with clock.at(timezone.now()), acting_as(cast.bob.id):
        for n in range(6, 11):
            messages.post_message(cast.project.id, cast.actor("bob"), text=f"Message {n}")
    found: list[str] = []
    before: Message | None = None
    pages = 0
    while True:
        with seeing(cast) as view:
            shown = chat.page(view, before)
        found[:0] = [message.text for message in shown.messages]
        pages += 1
        if not shown.older:
            break
        before = the(Message, cast, id=shown.older)
    assert pages == 3
    assert sorted(found) == sorted(f"Message {n}" for n in range(11))
    assert found[:6] == [f"Message {n}" for n in range(6)]


def test_a_full_last_page_has_nothing_older(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(chat, "MESSAGES_A_PAGE", 3)
    say(cast, "One", "Two", "Three")
    assert page(cast).older == ""


def test_the_marker_stands_at_the_first_new_message_of_others(cast: Cast) -> None:
    say(cast, "Old")
    visit(cast)
    say(cast, "My own", who="ann")
    say(cast, "New", "Newer")
    assert marked(cast, page(cast)) == ["New"]


def test_in_a_first_session_nothing_is_marked_new(cast: Cast) -> None:
    say(cast, "One", "Two")
    assert marked(cast, page(cast)) == []


def test_when_nothing_is_new_there_is_no_marker(cast: Cast) -> None:
    say(cast, "Old")
    visit(cast)
    say(cast, "My own", who="ann")
    assert marked(cast, page(cast)) == []


def test_the_marker_stays_on_the_page_where_the_new_begins(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(chat, "MESSAGES_A_PAGE", 3)
    say(cast, "Old one", "Old two")
    visit(cast)
    say(cast, *(f"New {n}" for n in range(4)))
    newest = page(cast)
    assert marked(cast, newest) == []
    with seeing(cast) as view:
        older = chat.page(view, the(Message, cast, id=newest.older))
    assert marked(cast, older) == ["New 0"]


def test_a_deleted_message_keeps_its_place(cast: Cast) -> None:
    one, _ = say(cast, "One", "Two")
    do(cast, "bob", messages.delete_message, one.id)
    first, second = page(cast).messages
    assert (first.is_deleted, first.text, first.author_name) == (True, "", "Bob")
    assert (second.is_deleted, second.text) == (False, "Two")


def test_an_edited_message_says_so_and_stays_where_it_was(cast: Cast) -> None:
    one, _ = say(cast, "One", "Two")
    do(cast, "bob", messages.edit_message, one.id, text="Once")
    first, second = page(cast).messages
    assert (first.text, first.edited_at is not None, second.edited_at) == ("Once", True, None)


def test_an_answer_is_told_from_other_messages(cast: Cast) -> None:
    report(cast, "QuestionerAgent", {"question": "How bright?"})
    do(cast, "bob", questions.answer_question, the(Question, cast).id, answer="Very")
    say(cast, "By the way")
    assert [message.answers_question for message in page(cast).messages] == [True, False]


def test_each_day_is_named_once(cast: Cast) -> None:
    with clock.at(NOON - DAY):
        say(cast, "One", "Two")
    with clock.at(NOON):
        say(cast, "Three")
        assert [message.day for message in page(cast).messages] == ["Yesterday", "", "Today"]


def test_another_projects_talk_is_not_heard(cast: Cast) -> None:
    with acting_as(cast.zoe.id):
        messages.post_message(cast.other.id, cast.actor("zoe"), text="Zoe's")
        sessions.start_session(cast.zoe.id, cast.other.id)
    assert page(cast).messages == ()


def test_that_the_agents_are_paused_is_told_at_once(cast: Cast) -> None:
    """Also by what is kept of a project in which nothing happened since."""
    path, paused = f"/projects/{cast.project.id}/panels/chat/", "agents are paused"
    assert paused not in browse(cast.ann).get(path).text
    with acting_as(cast.ann.id):
        projects.pause_agents(cast.project.id)
    assert paused in browse(cast.ann).get(path).text


def marked(cast: Cast, shown: chat.Chat) -> list[str]:
    """The messages that Ann sees the marker before."""
    with seeing(cast) as view:
        choosing = Choosing(view.reader)
    return [
        message.text
        for message in shown.messages
        if choosing.holds(
            Condition("first", message.author.id if message.author else None, message.version, message.is_cut)
        )
    ]


def page(cast: Cast) -> chat.Chat:
    """The newest page, as Ann sees it."""
    with seeing(cast) as view:
        return chat.context(view)["chat"]


def say(cast: Cast, *texts: str, who: str = "bob") -> list[Message]:
    return [do(cast, who, messages.post_message, text=text) for text in texts]
