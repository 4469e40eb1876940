"""Staff see what their permissions name, and nothing else by way of a page that they may open."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.test import Client, RequestFactory

from sessions_app.models import (
    Activity,
    Blocker,
    HandOff,
    Item,
    Membership,
    Project,
    Session,
    TrackedActivity,
    User,
    Webhook,
    WebhookDelivery,
)
from tests.admin.conftest import path, rows, staff
from tests.conftest import Cast
from tests.views.conftest import browse


def viewer_of(*models: type[Model]) -> Client:
    """The browser of somebody of the staff who may look at rows of these kinds."""
    return browse(staff("Sue", *(("view", model) for model in models)))


def opened(browser: Client, row: Model) -> str:
    """The main part of the page of a row."""
    answer = browser.get(path(type(row), "change", row.pk))
    assert answer.status_code == 200
    return answer.text.partition("<form")[2]


@pytest.mark.parametrize(
    ("also", "told"),
    [
        ((), ()),
        ((Activity,), ("happened",)),
        ((TrackedActivity, HandOff), ()),
        ((Activity, TrackedActivity, HandOff), ("time_line", "happened")),
    ],
)
def test_a_session_tells_of_what_one_may_look_at(
    also: tuple[type[Model], ...], told: tuple[str, ...], filled: Cast
) -> None:
    page = opened(viewer_of(Session, *also), rows(Session)[0])
    for column, heading in (("time_line", "Time line"), ("happened", "in the project meanwhile")):
        assert (f"field-{column}" in page, heading in page) == (column in told,) * 2
    assert "field-length" in page


@pytest.mark.parametrize(
    ("model", "column", "needed"),
    [
        (Project, "members", (Membership, User)),
        (WebhookDelivery, "webhook_url", (Webhook,)),
        (Blocker, "item", (Item,)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_column_of_other_rows_is_for_those_who_may_look_at_them(
    model: type[Model], column: str, needed: tuple[type[Model], ...], filled: Cast
) -> None:
    row = rows(model)[0]
    for also in ((), needed):
        browser = viewer_of(model, *also)
        pages = opened(browser, row) + browser.get(path(model)).text
        assert (f"field-{column}" in pages) == bool(also)
        User.objects.get(display_name="Sue").delete()


def test_a_filter_offers_only_names_that_one_may_look_at(filled: Cast) -> None:
    """Nor is it told whether there is somebody; a whole id says nothing new, and works."""
    few, all_ = viewer_of(Session), browse(staff("Stan", *(("view", m) for m in (Session, User, Project))))
    ann, project = filled.ann, filled.project
    for words in (f"person={ann.email}", "person=ann", "project=light", f"q={ann.email}"):
        found = [browser.get(f"{path(Session)}?{words}") for browser in (few, all_)]
        assert found[0].context["cl"].result_count == 0, words
        assert ann.email not in found[0].text.replace(f'value="{ann.email}"', "").replace(words, ""), words
    assert found[1].context["cl"].result_count >= 1
    for words, secret in ((f"person={ann.id}", ann.email), (f"project={project.id}", ">Lighthouse</a></li>")):
        found = [browser.get(f"{path(Session)}?{words}") for browser in (few, all_)]
        counts = [answer.context["cl"].result_count for answer in found]
        assert counts[0] == counts[1] >= 1
        assert [secret in answer.text for answer in found] == [False, True]
    text = few.get(path(Session)).text
    assert (text.count("The whole id"), "e-mail" in text) == (3, False)


def test_what_was_done_to_a_row_is_for_those_who_may_look_at_the_log(filled: Cast) -> None:
    """It names people of the staff by their e-mail."""
    row = rows(Session)[0]
    for also, status in (((), 403), ((LogEntry,), 200)):
        browser = viewer_of(Session, *also)
        assert browser.get(path(Session, "history", row.pk)).status_code == status
        page = browser.get(path(Session, "change", row.pk)).text
        assert ("historylink" in page) == (status == 200)
        LogEntry.objects.all().delete()
        User.objects.get(display_name="Sue").delete()


def test_nothing_of_a_password_is_shown(filled: Cast, root: Client) -> None:
    """Only whether there is one, and the way to set another; nothing at all to whoever may not."""
    page = path(User, "change", filled.ann.pk)
    User.objects.filter(id=filled.ann.id).update(password="pbkdf2_sha256$1000$SaltOfAnn$HashOfAnn")
    changer = browse(staff("Stan", ("view", User), ("change", User)))
    for browser, is_told in ((viewer_of(User), False), (changer, True), (root, True)):
        text = browser.get(page).text
        assert not re.search(r"Sa\*|SaltOf|HashOf|pbkdf2|sha256", text)
        assert ("field-password_is" in text, "/password/" in text) == (is_told, is_told)
    chief = User.objects.get(email="root@example.org")
    assert "/password/" not in changer.get(path(User, "change", chief.pk)).text
    assert root.get(f"/admin/sessions_app/user/{filled.ann.pk}/password/").status_code == 200
    filled.ann.set_unusable_password()
    filled.ann.save()
    assert "None: nobody can sign in with one." in root.get(page).text


def test_the_log_names_people_by_their_ids_only(filled: Cast, root: Client) -> None:
    """Whatever the form: made, changed, given another password, deleted by Django's own way."""
    words = "a long way to the sea"
    form = {"display_name": "New", "password1": words, "password2": words, "usable_password": "true"}
    root.post(path(User, "add"), form | {"email": "new@example.org"})
    new = User.objects.get(email="new@example.org")
    root.post(path(User, "change", new.pk), {"display_name": "Nina", "time_zone": "UTC", "is_active": "on"})
    root.post(f"/admin/sessions_app/user/{new.pk}/password/", form)
    request = RequestFactory().post("/")
    request.user = User.objects.get(email="root@example.org")
    admin.site.get_model_admin(User).log_deletions(request, User.objects.filter(id=new.id))
    entries = LogEntry.objects.filter(object_id=str(new.pk))
    assert [entry.get_change_message() for entry in entries.order_by("id")] == [
        *("Added.", "Changed Display name.", "Changed password.", "Deleted."),
    ]
    assert {entry.object_repr for entry in entries} == {f"{User._meta.verbose_name} {new.pk}"}
