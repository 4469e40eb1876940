"""F: no form of any page takes what it must not, in whatever way it is sent."""

from __future__ import annotations

import itertools
import random
import urllib.parse
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.bad_values import FORM, MULTIPART, NO_NUMBERS, NOT_TEXT, escaped, multipart
from tests.faults.cases import case
from tests.faults.forms import Form, forms_of
from tests.faults.inputs import Inputs
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts

QUICK, FULL = 150, 10_000
A_MEGABYTE = "x" * 1_000_000
# The fields that hold a number, seen or hidden.
NUMBERS = {"version", "wake_sessions", "idle_park_days"}


@pytest.fixture(scope="module")
def forms(inputs: Inputs) -> list[Form]:
    """Every form of the pages."""
    return forms_of(inputs)


def posted(inputs: Inputs, form: Form, body: bytes, kind: str = FORM) -> int:
    """Send this body where a form leads; the token goes as a header, so that nothing else refuses it."""
    inputs.page.headers["X-CSRFToken"] = inputs.browser.cookies["csrftoken"]
    return inputs.page.ask("POST", form.action, body, kind).status


def wrong_bodies(form: Form, name: str) -> Iterator[tuple[bytes, str]]:
    """The form with bytes in a field that are no text, in every way it can be sent."""
    others = urllib.parse.urlencode({key: value for key, value in form.fields.items() if key != name})
    before, key = (others + "&" if others else "").encode(), urllib.parse.quote(name).encode()
    for raw in NOT_TEXT:
        yield before + key + b"=" + escaped(raw).encode(), FORM
        yield before + key + b"=" + raw, FORM
        yield multipart(name, raw), MULTIPART


@case("F01")
@sizes(QUICK, FULL)
def test_no_form_takes_what_is_no_text(
    inputs: Inputs, forms: list[Form], size: int, verdicts: Verdicts
) -> None:
    """NUL, half a surrogate pair and broken UTF-8, escaped, bare and as multipart; a megabyte of text."""
    attempts = [
        (form, body, kind)
        for form in forms
        for name in form.fields
        for body, kind in wrong_bodies(form, name)
    ]
    random.Random(4).shuffle(attempts)
    before, connections = inputs.rows(), inputs.page.connections
    statuses = Counter(posted(inputs, *attempt) for attempt in attempts[:size])
    verdicts.at_least("forms found", len(forms), 30)
    verdicts.only("answers to what is no text", statuses, {400})
    too_long = [(form, name) for form in forms for name in form.typed - {"csrfmiddlewaretoken"}]
    random.Random(4).shuffle(too_long)
    taken = []
    for form, name in too_long[: size // 10]:
        status = posted(inputs, form, urllib.parse.urlencode(form.fields | {name: A_MEGABYTE}).encode())
        if status not in (404, 409, 422):
            taken.append((form.action, name, status))
    verdicts.none("megabytes that were taken", taken)
    verdicts.holds("rows as before", inputs.rows() == before)
    verdicts.at_most("connections it took", inputs.page.connections - connections, 1)


@case("F03")
@sizes(QUICK, FULL)
def test_no_form_takes_what_is_no_number(
    inputs: Inputs, forms: list[Form], size: int, verdicts: Verdicts
) -> None:
    """Fractions, powers, signs, digits of other scripts, more than 64 bits, where a whole number is due."""
    attempts = [
        (form, name, text) for form in forms for name in form.fields.keys() & NUMBERS for text in NO_NUMBERS
    ]
    random.Random(4).shuffle(attempts)
    before = inputs.rows()
    statuses = Counter(
        posted(inputs, form, urllib.parse.urlencode(form.fields | {name: text}).encode())
        for form, name, text in attempts[:size]
    )
    verdicts.none("fields for numbers that no page has", NUMBERS - {name for _, name, _ in attempts})
    verdicts.only("answers to what is no number", statuses, {422})
    verdicts.holds("rows as before", inputs.rows() == before)


@case("F04")
@sizes(QUICK, FULL)
def test_no_form_takes_another_shape(
    inputs: Inputs, forms: list[Form], size: int, verdicts: Verdicts
) -> None:
    """1,001 fields, as a form and as multipart; bodies that are cut off or have no edge."""
    many = urllib.parse.urlencode({f"field{number}": "x" for number in range(1001)}).encode()
    edge = b"----edge--\r\n"
    parts = b"".join(multipart(f"field{number}", b"x").removesuffix(edge) for number in range(1001)) + edge
    no_edge = ((b"a=1", "multipart/form-data"), (b"a=1", "multipart/form-data; boundary="))
    bodies = ((many, FORM), (parts, MULTIPART), *no_edge)
    attempts = list(itertools.product(forms, bodies))
    random.Random(4).shuffle(attempts)
    before = inputs.rows()
    statuses = Counter(posted(inputs, form, *body) for form, body in attempts[:size])
    verdicts.only("answers to forms of another shape", statuses, {400})
    verdicts.holds("rows as before", inputs.rows() == before)
