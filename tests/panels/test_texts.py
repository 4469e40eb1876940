"""A text that is drawn for many, and what each reader gets of it."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.template import engines

from sessions_app.panels.texts import TOKEN, VERSION, Choosing, Reader, Text

ANN, BOB = UUID(int=1), UUID(int=2)


def test_each_reader_gets_what_is_true_of_them() -> None:
    text = drawn(
        '<p{% personal "news" bob 7 %} class="new"{% endpersonal %}>'
        '{% personal "mine" bob %}You{% else %}Bob{% endpersonal %}</p>'
    )
    assert filled(text, Reader(ANN, 6)) == '<p class="new">Bob</p>'
    assert filled(text, Reader(ANN, 7)) == "<p>Bob</p>"
    assert filled(text, Reader(ANN, None)) == "<p>Bob</p>", "in a first session nothing is news"
    assert filled(text, Reader(BOB, 6)) == "<p>You</p>", "one's own act is none"


def test_an_agents_act_is_nobodys_own_and_news_to_all() -> None:
    text = drawn(
        '{% personal "mine" agent %}You{% endpersonal %}{% personal "news" agent 7 %}new{% endpersonal %}'
    )
    assert filled(text, Reader(ANN, 3)) == "new"


@pytest.mark.parametrize(
    ("reader", "marked"),
    [(Reader(ANN, 1), "-+-"), (Reader(BOB, 1), "--+"), (Reader(ANN, 3), "---"), (Reader(ANN, None), "---")],
)
def test_the_first_news_is_marked_once(reader: Reader, marked: str) -> None:
    """At the versions 1, 2 and 3; the second by Bob, the others by Ann or an agent."""
    asked = ("ann 1 False", "bob 2 False", "agent 3 False")
    text = drawn("".join(f'{{% personal "first" {one} %}}+{{% else %}}-{{% endpersonal %}}' for one in asked))
    assert filled(text, reader) == marked


def test_where_all_is_news_and_more_comes_before_none_is_marked() -> None:
    asked = ("bob 2 True", "bob 3 False")
    text = drawn("".join(f'{{% personal "first" {one} %}}+{{% endpersonal %}}' for one in asked))
    assert filled(text, Reader(ANN, 1)) == ""
    assert filled(text, Reader(ANN, 2)) == "+"


def test_of_readers_nobody_asks_about_it_is_chosen_once() -> None:
    text = drawn(
        '{% personal "mine" ann %}You{% endpersonal %}{% personal "news" bob 7 %}new{% endpersonal %}'
    )
    others = [text.choose(Reader(uuid4(), 3)) for _ in range(3)]
    assert others == [(False, True)] * 3
    assert len({id(chosen) for chosen in others}) == 1
    assert text.choose(Reader(ANN, 3)) == (True, True)
    assert text.choose(Reader(BOB, 3)) == text.choose(Reader(uuid4(), 7)) == (False, False)


def test_version_and_token_are_put_in_also_inside_a_choice() -> None:
    text = drawn(f'{VERSION} {{% personal "mine" ann %}}{TOKEN}{{% endpersonal %}} {TOKEN}')
    assert text.fill(text.choose(Reader(ANN, 1)), version="4.1", token="secret") == "4.1 secret secret"
    assert text.fill(text.choose(Reader(BOB, 1)), version="4.1", token="secret") == "4.1  secret"


def test_nobody_can_write_a_hole() -> None:
    """What people write stands there as it is: a mark is not to be guessed."""
    assert len({mark.rpartition("-")[0] for mark in (VERSION, TOKEN)}) == 1
    assert len(VERSION.split("-")[1]) == 16
    written = "hole-0123456789abcdef-token;"
    assert filled(Text.parse(written), Reader(uuid4(), None)) == written


def test_a_text_that_was_drawn_before_stands_in_others_with_its_holes() -> None:
    line = drawn(f'{{% personal "mine" ann %}}You, hi{{% else %}}Ann{{% endpersonal %}} said "hi" {VERSION}')
    texts: list[Text] = []
    first, second = line.put(texts), line.stamped({"hi": "bye"}).put(texts)
    chat = Text.parse(f"<p>{first}</p><p>{second}</p>{TOKEN}", texts)
    said = chat.fill(chat.choose(Reader(ANN, 1)), version="4.1", token="secret")
    assert said == '<p>You, hi said "hi" 4.1</p><p>You, bye said "bye" 4.1</p>secret'
    assert chat.fill(chat.choose(Reader(BOB, 1)), version="4.1", token="").count("Ann") == 2


@pytest.mark.parametrize("inner", ["row", "choice"])
def test_a_choice_holds_no_row_and_no_other_choice(inner: str) -> None:
    """It is an error of the template, and never a mark that readers see."""
    texts: list[Text] = []
    held = Text.parse("Lamp").put(texts) if inner == "row" else '{% personal "mine" bob %}B{% endpersonal %}'
    with pytest.raises(ValueError, match="holds neither"):
        drawn(f'{{% personal "mine" ann %}}A{{% else %}}{held}{{% endpersonal %}}')


def test_what_is_chosen_in_one_text_goes_on_in_the_next() -> None:
    """The first that is new to a reader is found once, in however many texts a page is drawn."""
    lines = [drawn(f'{{% personal "first" bob {at} False %}}New{{% endpersonal %}}{at}') for at in (1, 2, 3)]
    choosing = Choosing(Reader(ANN, 1))
    assert "".join(line.fill(choosing.choose(line)) for line in lines) == "1New23"


def drawn(template: str) -> Text:
    who = {"ann": ANN, "bob": BOB, "agent": None}
    return Text.parse(engines["django"].from_string(template).render({"shared": [], **who}))


def filled(text: Text, reader: Reader) -> str:
    return text.fill(text.choose(reader), version="", token="")
