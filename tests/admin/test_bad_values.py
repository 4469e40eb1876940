"""No address of the admin is a 500: each of its pages, whoever registered it, with rubbish in every place."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.test import Client

from sessions_app.models import Session, User
from tests.admin.conftest import INSPECTED, path, rows
from tests.conftest import Cast
from tests.doing import nothing_changes
from tests.views.conftest import browse

pytestmark = pytest.mark.slow

HUGE = "9" * 5_000
RUBBISH = (
    *(
        "",
        "x",
        "-1",
        "0",
        str(2**63),
        HUGE,
        "1e9",
        "nan",
        "٣",
        "%",
        "%00",
        "\x00",
        "a\u202eb",
        "'; drop table x",
    ),
    *("00000000-0000-0000-0000-000000000000", "2026-13-45", "0001-01-01T00:00:00+14:00", "null", "[]", "{}"),
    *("~", "~~", "x~y", "1~2~3", "2026-01-01T00:00:00+00:00~x", f"0001-01-01T00:00:00+14:00~{'0' * 32}"),
    "\ud800".encode("utf-8", "surrogatepass"),
)
# For every page; the rest for one page of each kind.
SOME_RUBBISH = ("x", "\x00", HUGE, f"0001-01-01T00:00:00+14:00~{'0' * 32}")
KINDS = (Session, User)
PARAMETERS = (
    *("p", "q", "o", "all", "e", "before", "_facets", "_popup", "_to_field", "_changelist_filters"),
    *("id", "pk", "id__in", "id__exact", "id__gt", "id__isnull", "project", "person", "active", "length"),
    *("project__id__exact", "user__password__startswith", "password__startswith", "token_hash__startswith"),
    *(
        "metadata__a__b",
        "snapshot_at_start__x",
        "created_at__year",
        "created_at__gte",
        "nothing",
        "a__b__c__d",
    ),
)
ORDERS = ("zzz", "-1", "99", "1.2.3", "-1.-2", "1.x", ".", HUGE, "-" * 500, "0")
# A lookup of one's own could read a hash letter by letter.
LOOKUPS = ("id", "id__in", "token_hash__startswith", "password__startswith", "user__email__startswith")
FINE = {200, 302, 400, 403, 404, 422}


def ask(browser: Client, page: str, name: str, value: str | bytes) -> int:
    return browser.get(f"{page}?{quote(name)}={quote(value)}").status_code


def offered_by(model: type[Model]) -> set[str]:
    return {filter_.parameter_name for filter_ in admin.site._registry[model].list_filter}


def test_a_list_takes_any_parameter(filled: Cast, root: Client) -> None:
    """A filter, place, page, order or search that is none is refused, or finds nothing; of every page."""
    for model in INSPECTED:
        page = path(model)
        for name in (*offered_by(model), "q", "before"):
            for value in SOME_RUBBISH:
                assert ask(root, page, name, value) in FINE, (page, name, value)
        for name in LOOKUPS:
            assert ask(root, page, name, "a") == 400, (page, name)
        assert root.get(f"{page}?o=zzz&p=-1&all=&e=1&_facets=x&_popup=x&before=x").status_code == 200, page


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model._meta.label)
def test_a_list_takes_any_value(model: type[Model], filled: Cast, root: Client) -> None:
    """All of the rubbish where it is read, some of it in every other parameter one can think of."""
    page = path(model)
    for name in (*offered_by(model), "q", "before", "_to_field", "p"):
        for value in RUBBISH:
            assert ask(root, page, name, value) in FINE, (name, value)
    for name in PARAMETERS:
        for value in SOME_RUBBISH[:2]:
            assert ask(root, page, name, value) in FINE, (name, value)
    for value in ORDERS:
        assert ask(root, page, "o", value) == 200, value
    assert ask(root, page, "q", "x" * 100_000) == 200


def test_a_row_that_is_none_is_not_there(filled: Cast, root: Client) -> None:
    for model in INSPECTED:
        for row_id in ("x", str(2**63), "00000000-0000-0000-0000-000000000000", "_5F"):
            for page in ("change", "history", "delete"):
                answer = root.get(path(model, page, row_id))
                assert answer.status_code in (302, 403, 404), (model, page, row_id)


def actions_of(model: type[Model]) -> Iterable[str]:
    return (*admin.site._registry[model].actions, "delete_selected")


def test_an_action_on_what_is_none_changes_nothing(filled: Cast, root: Client) -> None:
    with nothing_changes():
        for model in INSPECTED:
            good = str(rows(model)[0].pk)
            for action in actions_of(model):
                for ids in ([], ["x"], [HUGE], [str(2**70)], [good, "x"], [good] * 51):
                    form = {"action": action, "_selected_action": ids, "index": "0"}
                    answer = root.post(path(model), form)
                    assert answer.status_code in (200, 302), (model, action, ids[:1])
                across = {"action": action, "_selected_action": good, "index": "0", "select_across": "1"}
                assert root.post(path(model), across).status_code in (200, 302)
        for action, index in (("nothing", "0"), ("", "x"), ("end_now", "-7"), ("end_now", HUGE)):
            form = {"action": action, "_selected_action": "x", "index": index}
            assert root.post(path(Session), form).status_code in (200, 302)


@pytest.mark.parametrize("value", ["x", "abc", "1", "%00", "\x00", "\u202e", "a.b.c", "-1", "//x.org", HUGE])
def test_the_other_doors_of_the_admin_take_any_value(value: str, filled: Cast, root: Client) -> None:
    for page in (
        f"/admin/autocomplete/?app_label=sessions_app&model_name=session&field_name=user&term={value}",
        f"/admin/autocomplete/?app_label=sessions_app&model_name=session&field_name=user&page={value}",
        f"/admin/autocomplete/?app_label={value}&model_name={value}&field_name={value}",
        f"/admin/r/{quote(value[:50])}/{quote(value[:50])}/",
        *(f"/admin/r/{kind.pk}/{quote(value[:50])}/" for kind in ContentType.objects.all()),
        f"/admin/jsi18n/?{value}={value}",
        f"/admin/login/?next={value}",
        f"/admin/password_change/?next={value}",
        f"/admin/password_change/done/?{value}={value}",
        f"/admin/?{value}={value}",
        f"/admin/{quote(value[:50])}/",
        f"/admin/{quote(value[:50])}/{quote(value[:50])}/{quote(value[:50])}/",
        f"/admin/sessions_app/session/{quote(value[:50])}/",
        f"/admin/sessions_app/{quote(value[:50])}/",
        f"/admin/sessions_app/user/{quote(value[:50])}/password/",
    ):
        for browser in (root, browse()):
            assert browser.get(page).status_code in FINE, page
            assert browser.post(page, {value: value}).status_code in FINE | {405}, page
