"""The forms of the running product's pages, found as a browser would find them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests.faults.inputs import Answer, Inputs

# Where pages lead to that are not this person's project, or that end what is being looked at.
_NOT_OURS = re.compile(r"^/(admin|static|account/logout|api|profile/data)|\.(csv|zip)$|/leave/")
OWN_PAGES = ("/", "/profile/", "/account/password/change/")
MOST_PAGES = 60
NOT_TYPED = {"submit", "button", "checkbox", "radio", "file"}


@dataclass
class Form:
    """One that is posted: where to, and its fields with what they hold."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    # Those that hold any text.
    typed: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._form: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.links += [given[name] for name in ("href", "hx-get") if given.get(name)]
        name = given.get("name")
        if tag == "form":
            action = (given.get("hx-post") or given.get("action", "")).partition("#")[0]
            self._form = Form(action) if given.get("method", "").lower() == "post" and action else None
            if self._form:
                self.forms.append(self._form)
        elif self._form and name and tag in ("input", "textarea", "select"):
            self._form.fields.setdefault(name, given.get("value", ""))
            if tag != "select" and given.get("type", "text") not in NOT_TYPED:
                self._form.typed.add(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None


def pages_of(inputs: Inputs, project: str) -> Iterator[Answer]:
    """The pages that a person finds from their own and from this project's on."""
    waiting = [f"/projects/{project}/", f"/projects/{project}/settings/", *OWN_PAGES]
    seen: set[str] = set()
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop(0).partition("#")[0]
        is_of_another = path.startswith("/projects/") and project not in path
        if (
            path in seen
            or not path.startswith("/")
            or is_of_another
            or _NOT_OURS.search(path.partition("?")[0])
        ):
            continue
        seen.add(path)
        answer = inputs.page.ask("GET", path)
        if answer.status == 200 and "html" in answer.kind:
            waiting += read(answer).links
            yield answer


def forms_of(inputs: Inputs) -> list[Form]:
    """Every form that pages lead to, one for each address and set of fields."""
    found: dict[object, Form] = {}
    for answer in pages_of(inputs, inputs.ids["project_id"]):
        for form in read(answer).forms:
            if not _NOT_OURS.search(form.action):
                found.setdefault((form.action, frozenset(form.fields)), form)
    return list(found.values())


def read(answer: Answer) -> _Reader:
    """What a page holds."""
    reader = _Reader()
    reader.feed(answer.text)
    return reader
