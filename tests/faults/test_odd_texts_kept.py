"""F: texts that play tricks on the eye are kept as they are, counted alike, and stay in their place."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

import pytest

from tests.faults.cases import case
from tests.faults.forms import pages_of
from tests.faults.inputs import Inputs
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts

TURNING = "\u202eegap eht fo thgir"
ODD = (
    *("\u202egnp.exe", "zero\u200bwidth\u200d\ufeff here", "a" + "\u0300" * 290, "pаypаl in two alphabets"),
    *("👩‍👩‍👧‍👦" * 40, "<script>alert(1)</script>", "{{ 7 * 7 }}{% debug %}", "'; drop table items; --"),
)
# What is only heard stands beside nothing, and an option is a line of its own.
LINES_OF_THEIR_OWN = {"bdi", "option"}
NOT_SHOWN = {"title", "script", "style"}
EMPTY = {"input", "br", "img", "meta", "link", "hr", "path", "use", "circle", "line", "rect"}


class _Isolated(HTMLParser):
    """Where a text stands that is in nothing which keeps its direction to itself."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.bare: list[str] = []
        self.seen = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        keeps = tag in LINES_OF_THEIR_OWN or given.get("dir") == "auto" or "sr-only" in classes
        if tag == "input" and "\u202e" in (given.get("value") or "") and given.get("type") != "hidden":
            self._note(keeps, f"<input name={given.get('name')}>")
        if tag not in EMPTY:
            self.open.append((tag, keeps))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "\u202e" in data and not NOT_SHOWN & {tag for tag, _ in self.open}:
            self._note(
                any(keeps for _, keeps in self.open),
                " ".join([*(tag for tag, _ in self.open[-3:]), data.strip()]),
            )

    def _note(self, keeps: bool, where: str) -> None:
        self.seen += 1
        if not keeps:
            self.bare.append(where)


@pytest.fixture(scope="module")
def project(inputs: Inputs) -> str:
    """A project in which every name and text turns what follows it round."""
    assert inputs.post("/profile/", display_name=TURNING, time_zone="Europe/Berlin") == 302
    made = inputs.call("/projects", {"title": TURNING})
    path = f"/projects/{made.data()['id']}"
    items = [inputs.call(f"{path}/items", {"title": f"{TURNING} {n}", "text": TURNING}) for n in range(4)]
    ids = [item.data()["id"] for item in items]
    for verb, item in (("decide", ids[0]), ("park", ids[1])):
        inputs.call(f"{path}/items/{item}/{verb}", {"reason": TURNING})
    inputs.call(f"{path}/items/{ids[2]}/dependencies", {"blockingId": ids[3]})
    inputs.call(f"{path}/messages", {"text": TURNING})
    for noun, body in (
        ("questions", {"text": TURNING, "options": [TURNING, "No"], "blocks": [ids[2]]}),
        ("blockers", {"text": TURNING}),
        ("agent-activity", {"action": "looks", "details": {"questions": [TURNING], "gaps": [TURNING]}}),
    ):
        answer = inputs.call(f"{path}/{noun}", body | {"agentType": "Planner"})
        assert answer.status in (201, 202), answer.text
    inputs.wait_until_digested()
    return made.data()["id"]


@case("F10")
@sizes(1, 1)
def test_a_text_that_turns_round_turns_only_itself(
    inputs: Inputs, project: str, size: int, verdicts: Verdicts
) -> None:
    """Wherever a page shows it: in `bdi`, or where `dir` is auto."""
    places = [_Isolated(page.text) for page in pages_of(inputs, project)]
    verdicts.at_least("places it is shown at", sum(place.seen for place in places), 50)
    verdicts.none("not isolated", Counter(where for place in places for where in place.bare))


@case("F10")
@sizes(1, 1)
def test_odd_texts_are_kept_and_counted_alike(
    inputs: Inputs, project: str, size: int, verdicts: Verdicts
) -> None:
    """At the API, at a form and in the database."""
    path, stored = f"/projects/{project}/items", "select title from items where id::text = %s"
    kept = []
    for text in ODD:
        made = inputs.call(path, {"title": text}).data()["id"]
        kept += inputs.product.ask(stored, made)
    verdicts.none("titles that are not as they were given", {text for (text,) in kept} ^ set(ODD))
    form = f"/projects/{project}/items/"
    answers = Counter()
    for text in ("🏮" * 300, "e\u0301" * 150, "🏮" * 301, "e\u0301" * 150 + "e"):
        answers[
            len(text),
            inputs.call(path, {"title": text}).status,
            inputs.post(form, title=text),
        ] += 1
    verdicts.only("length, answer of the API, of the form", answers, {(300, 201, 302), (301, 422, 422)})
    counted = inputs.product.ask(
        "select distinct char_length(title) from items where project_id::text = %s and title like %s",
        *(project, "🏮%"),
    )
    verdicts.only("length in the database", [row[0] for row in counted], {300})
    marks = "e" + "\u0301" * 10_000
    inputs.call(f"/projects/{project}/messages", {"text": marks})
    ((message,),) = inputs.product.ask(
        "select text from messages where project_id::text = %s order by created_at desc limit 1", project
    )
    verdicts.holds("10,000 marks on one letter kept", message == marks, f"{len(message):,}")


@case("F10")
@sizes(1, 1)
def test_no_agent_passes_for_another(inputs: Inputs, project: str, size: int, verdicts: Verdicts) -> None:
    """Names of agents that read alike are one name, by case, width, accents and what is not seen."""
    path = f"/projects/{project}/agent-tokens"
    taken = inputs.call(path, {"name": "One", "agentType": "Café Agent"})
    assert taken.status == 201, taken.text
    alike = (
        "CAFÉ AGENT",
        "Cafe\u0301 Agent",
        "Ｃafé Agent",
        "Café\u200b Agent",
        "Café Agent\u202e",
        "CaféAgent",
    )
    answers = Counter()
    for name in alike:
        answer = inputs.call(path, {"name": "Two", "agentType": name})
        answers[answer.status, *answer.fields()] += 1
    verdicts.only("answers to names that read alike", answers, {(422, "agentType")})
