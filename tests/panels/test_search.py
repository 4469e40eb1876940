"""What is found in a project, in which order, and by whom."""

from __future__ import annotations

import pytest
from django.db import connection

from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.ledger import Actor
from sessions_app.models import Item, Question
from sessions_app.panels import search
from sessions_app.panels.search import Found
from sessions_app.services import items, messages, questions
from tests.conftest import Cast
from tests.doing import add, by_agent, do, report, the
from tests.views.conftest import browse


def find(cast: Cast, words: str, who: str = "ann", **more: object) -> list[Found]:
    """What a member finds in Lighthouse."""
    with acting_as(getattr(cast, who).id):
        return search.found(cast.project.id, words, **more)


def titles(found: list[Found]) -> list[str]:
    return [search.unmarked(row.title or row.snippet) for row in found]


def test_a_word_is_found_by_its_stem_its_beginning_and_as_it_is_written(cast: Cast) -> None:
    add(cast, "Repairing the roofs", "Für Jürgen", "The Who")
    for words in ("roof", "repairs", "Rep", "roofs repair", "the repa", '"repairing the roofs"'):
        assert titles(find(cast, words)) == ["Repairing the roofs"], words
    assert titles(find(cast, "jürg")) == ["Für Jürgen"]
    # Words that English leaves out of its stems.
    assert titles(find(cast, "who")) == ["The Who"]
    assert titles(find(cast, "roof who")) == ["Repairing the roofs"]
    assert sorted(titles(find(cast, "roof or jürgen"))) == ["Für Jürgen", "Repairing the roofs"]


def test_what_is_left_out_is_not_found(cast: Cast) -> None:
    add(cast, "Roof that leaks", "Roof of slate")
    assert titles(find(cast, "roof -leaking")) == ["Roof of slate"]
    assert find(cast, "-roof") == []


def test_everything_of_a_project_is_looked_through(cast: Cast) -> None:
    tower, mill = add(cast, "Tower", "Mill")
    do(cast, "bob", items.decide_item, tower.id, reason="Of granite", outcome="accepted")
    with acting_as_system([cast.project.id]):
        Item.objects.filter(id=mill.id).update(alternatives=["Granite blocks"], text="Stands by the river")
    do(cast, "bob", messages.post_message, text="Where does granite come from?")
    report(cast, "QuestionerAgent", {"question": "Grey granite, or red?"})
    asked = the(Question, cast)
    do(cast, "bob", questions.answer_question, asked.id, answer="Red, by the river")
    assert {(row.type, row.state) for row in find(cast, "granite")} == {
        ("decision", "decided"),
        ("item", "exploring"),
        ("message", ""),
        ("question", "answered"),
    }
    # The answer stands in the chat too.
    assert {row.type for row in find(cast, "river")} == {"item", "question", "message"}
    for kind in search.TYPES:
        assert {row.type for row in find(cast, "granite", types=(kind,))} == {kind}


def test_the_title_ranks_before_the_reason_before_the_text(cast: Cast) -> None:
    do(cast, "bob", items.add_item, title="Three", text="A copper roof")
    (two,) = add(cast, "Two")
    do(cast, "bob", items.park_item, two.id, reason="A copper roof")
    add(cast, "A copper roof")
    assert titles(find(cast, "copper")) == ["A copper roof", "Two", "Three"]


def test_what_was_deleted_or_edited_away_is_not_found(cast: Cast) -> None:
    said = do(cast, "bob", messages.post_message, text="The secret is out")
    kept = do(cast, "bob", messages.post_message, text="The secret is in")
    do(cast, "bob", messages.delete_message, said.id)
    do(cast, "bob", messages.edit_message, kept.id, text="Nothing is in")
    (item,) = add(cast, "Secret door")
    do(cast, "bob", items.delete_item, item.id)
    assert find(cast, "secret") == []
    assert len(find(cast, "nothing")) == 1


def test_who_hides_agents_does_not_find_what_they_said(cast: Cast) -> None:
    by_agent(cast, "PlannerAgent", messages.post_message, text="Granite is heavy")
    assert len(find(cast, "granite")) == 1
    assert find(cast, "granite", hides_agents=True) == []


def test_another_project_is_never_found(cast: Cast) -> None:
    """Not by asking for it, and not by the function that reads past the policies."""
    with acting_as(cast.zoe.id):
        items.add_item(cast.other.id, Actor.person(cast.zoe), title="Granite of Zoe")
        assert len(search.found(cast.other.id, "granite")) == 1
        assert search.found(cast.other.id, f"project:{cast.other.id}") == []
    with acting_as(cast.ann.id):
        assert search.found(cast.other.id, "granite") == []
        with connection.cursor() as cursor:
            cursor.execute(
                "select * from search_project(%s, search_query('granite', true, '', ''), '{item}', false, 9)",
                [cast.other.id],
            )
            assert cursor.fetchall() == []


def test_the_words_are_marked_and_nothing_else_becomes_a_tag(cast: Cast) -> None:
    do(
        cast,
        "bob",
        items.add_item,
        title='<b>Roof</b> & "co" \ue000x\ue001 a < b',
        text="<script>alert(1)</script> the roofs",
    )
    (row,) = find(cast, "roof")
    assert row.title_marked == "&lt;b&gt;<mark>Roof</mark>&lt;/b&gt; &amp; &quot;co&quot; x a &lt; b"
    # A snippet begins with a word.
    assert row.snippet_marked == "script&gt;alert(1)&lt;/script&gt; the <mark>roofs</mark>"


def test_a_beginning_is_marked_too(cast: Cast) -> None:
    add(cast, "Repairing the tower")
    (row,) = find(cast, "repairi")
    assert row.title_marked == "<mark>Repairing</mark> the tower"


@pytest.mark.parametrize(
    "words",
    [*("'", '"', "\\", ":*", "&|!()", "<->", "_", "a_b", "²", "-", "or", "x\u0301", "%", "\u202e", "٣")],
)
def test_anything_may_be_typed(cast: Cast, words: str) -> None:
    add(cast, "Tower")
    assert isinstance(find(cast, words), list)


def test_pages_follow_one_another(cast: Cast) -> None:
    add(cast, *[f"Tower {number}" for number in range(5)])
    seen = [row.id for start in (0, 2, 4) for row in find(cast, "tower", skipped=start, most=2)]
    assert len(set(seen)) == 5


def test_where_each_leads(cast: Cast) -> None:
    (item,) = add(cast, "Granite")
    message = do(cast, "bob", messages.post_message, text="Granite?")
    report(cast, "QuestionerAgent", {"question": "Granite or slate?"})
    question = the(Question, cast)
    page = f"/projects/{cast.project.id}"
    assert {row.type: row.url for row in find(cast, "granite")} == {
        "item": f"{page}/items/{item.id}/",
        "message": f"{page}/messages/?at={message.id}#message-{message.id}",
        "question": f"{page}/questions/?at={question.id}#question-{question.id}",
    }
    do(cast, "bob", questions.answer_question, question.id, answer="Slate")
    answer = the(Question, cast).answer_message_id
    (row,) = find(cast, "granite", types=("question",))
    assert row.url == f"{page}/messages/?at={answer}#message-{answer}"


def test_a_question_that_nobody_answered_is_found_on_its_page(cast: Cast) -> None:
    """Of the many that ended it is the page that begins with this one."""
    for text in ("Granite?", "Slate?"):
        report(cast, "QuestionerAgent", {"question": text})
        do(cast, "bob", questions.dismiss_question, the(Question, cast, text=text).id)
    (row,) = find(cast, "granite")
    address, _, anchor = row.url.partition("#")
    shown = browse(cast.ann).get(address, follow=True).text
    assert f'id="{anchor}"' in shown
    assert "Slate?" not in shown
