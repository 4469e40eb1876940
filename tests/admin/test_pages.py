"""Every list and every row opens, for whoever may; nobody changes anything there."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.test import Client

from sessions_app import clock
from sessions_app.admin.inspected import Careful, Inspected
from sessions_app.db.rls import acting_as
from sessions_app.models import (
    Activity,
    AgentToken,
    ApiSignIn,
    Invitation,
    Message,
    Project,
    Session,
    User,
    Webhook,
)
from sessions_app.services import items, sessions, tracking
from sessions_app.services.audit import VIEWED
from tests.admin.conftest import INSPECTED, path, rows, staff
from tests.conftest import Cast
from tests.doing import HOUR, NINE, add, nothing_changes
from tests.views.conftest import browse

MINUTES = HOUR / 6

SECRETS = {
    AgentToken: ("token_hash",),
    ApiSignIn: ("refresh_hash", "auth_hash"),
    Invitation: ("token_hash",),
    Webhook: ("secret",),
    User: ("password",),
}


def test_a_list_and_its_rows_open_for_staff_who_may_view_them(filled: Cast) -> None:
    """Each for staff with that one right, who get nothing else; no page shows a secret."""
    for number, model in enumerate(INSPECTED):
        browser = browse(staff(f"S{number}", ("view", model)))
        listed = browser.get(path(model))
        assert listed.status_code == 200, listed.text
        assert listed.context["cl"].result_count >= 1, model
        row = rows(model)[0]
        opened = browser.get(path(model, "change", row.pk))
        assert opened.status_code == 200, opened.text
        for secret in SECRETS.get(model, ()):
            assert str(getattr(row, secret)) not in opened.text + listed.text
        other = INSPECTED[number - 1]
        assert browser.get(path(other)).status_code == 403
        assert browser.get(path(other, "change", rows(other)[0].pk)).status_code == 403


def test_whoever_is_not_staff_is_sent_to_sign_in(filled: Cast) -> None:
    """Members, owners too, and strangers."""
    for nobody in (browse(filled.ann), browse()):
        for model in INSPECTED:
            for page in (path(model), path(model, "change", rows(model)[0].pk)):
                answer = nobody.get(page)
                assert (answer.status_code, answer.headers["Location"][:13]) == (302, "/admin/login/")


def test_every_page_is_one_of_ours() -> None:
    """A library's own page would count a million rows, and take any lookup."""
    assert [model for model in INSPECTED if not isinstance(admin.site._registry[model], Careful)] == []


def test_nothing_is_added_changed_or_deleted_by_hand(filled: Cast, root: Client) -> None:
    """Not even by those who may do everything; accounts are the one exception, and they are not deleted."""
    with nothing_changes():
        for model in INSPECTED:
            row = rows(model)[0]
            assert root.post(path(model, "delete", row.pk), {"post": "yes"}).status_code == 403
            if model is User:
                continue
            assert isinstance(admin.site._registry[model], Inspected)
            for page in (path(model, "add"), path(model, "change", row.pk)):
                assert root.post(page, {"title": "X"}).status_code == 403, page


@pytest.mark.parametrize("model", [Session, Message, Activity, Project])
def test_opening_a_row_is_noted_without_its_words(model: type[Model], filled: Cast) -> None:
    sue = staff("Sue", ("view", model))
    row = rows(model)[0]
    browser = browse(sue)
    browser.get(path(model))
    assert not LogEntry.objects.filter(user=sue).exists()
    browser.get(path(model, "change", row.pk))
    entry = LogEntry.objects.get(user=sue)
    assert (entry.action_flag, entry.object_id, entry.get_change_message()) == (
        VIEWED,
        str(row.pk),
        "Viewed.",
    )
    assert entry.object_repr == f"{model._meta.verbose_name} {row.pk}"


def test_a_session_tells_what_happened_in_it(cast: Cast, root: Client) -> None:
    """What its person did, in runs; and what changed the project meanwhile, by whomever."""
    project_id, ann, bob = cast.project.id, cast.actor("ann"), cast.actor("bob")
    lamp, lens, wire = add(cast, "Lamp", "Lens", "Wire")
    with acting_as(cast.ann.id), clock.at(NINE):
        session, _ = sessions.start_session(cast.ann.id, project_id)
    with acting_as(cast.ann.id), clock.at(NINE + MINUTES):
        items.decide_item(project_id, ann, lamp.id, reason="It is the cheaper one")
        items.park_item(project_id, bob, lens.id)
        for kind in ("typed", "typed", "scrolled"):
            tracking.track_activity(cast.ann.id, project_id, kind=kind)
        sessions.touch_session(cast.ann.id, project_id)
    with acting_as(cast.ann.id), clock.at(NINE + HOUR):
        sessions.end_session(cast.ann.id, project_id)
        items.decide_item(project_id, bob, wire.id)
    parts = root.get(path(Session, "change", session.pk)).text.split("</ol>")
    line, meanwhile = (re.findall(r"<span>(.*?)</span>", part) for part in parts[:2])
    assert [unescape(text) for text in line[-4:]] == [
        "The session starts",
        "Ann decided Lamp (exploring → decided): It is the cheaper one",
        "Input, 3 times in less than a minute (scrolled, typed)",
        "The session ends",
    ]
    assert [unescape(text) for text in meanwhile] == [
        "Ann decided Lamp (exploring → decided): It is the cheaper one",
        "Bob parked Lens (exploring → parked)",
    ]


def test_a_page_holds_no_inline_script_or_style(filled: Cast, root: Client) -> None:
    """The content policy needs no exception for the admin."""
    for page in (path(Session), path(Session, "change", rows(Session)[0].pk), path(User)):
        answer = root.get(page)
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "<style" not in answer.text
        assert " style=" not in answer.text
        assert " onclick=" not in answer.text
