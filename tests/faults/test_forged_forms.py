"""L07: what another site makes a browser send has no effect, on any route that changes something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.factories import PASSWORD
from tests.faults.access import Access
from tests.faults.access_routes import Column, every_route, plain_path
from tests.faults.asking import CSRF_TOKEN, Client
from tests.faults.cases import case
from tests.faults.product import Product
from tests.faults.verdicts import Verdicts
from tests.views import table as page_table
from tests.views.table import SIGN_IN

FOREIGN = "https://evil.example"
TOLD = "Reload it and try again"


@pytest.fixture(scope="module")
def access(product: Product) -> Access:
    """People of its own in the product of all."""
    return Access.to(product)


@case("L07")
def test_a_form_of_another_site_does_nothing(access: Access, verdicts: Verdicts) -> None:
    """Without a token, from a foreign origin with the right one, and with that of before a new sign-in."""
    wrong, sent = [], 0
    with closing(access.client(access.by("owner by cookie"))) as owner:
        old = sign_in_again(access, owner)
        before = effects(access)
        for call in unsafe(access):
            # The middleware is one for all: what others made is tried in one way.
            for how, more in list(forgeries(old))[: None if call["is_ours"] else 1]:
                for htmx in (False, True) if call["is_ours"] else (False,):
                    sent += 1
                    told = owner.ask("POST", call["path"], form=call["form"], htmx=htmx, **more)
                    if told.status != 403 or TOLD not in told.text:
                        wrong.append(f"{call['name']} with {how}: {told.status}")
        after = effects(access)
        verdicts.none(f"of {sent:,} forged forms, those not refused in words", wrong)
        verdicts.none("tables they changed", [what for what, rows in before.items() if after[what] != rows])
        form = {"title": "Mine, after a reload"}
        done = owner.ask("POST", f"/projects/{access.told['project']}/items/", form=form)
        verdicts.only("the same form after a reload", [done.status], {302})


@case("L07")
def test_a_cookie_never_opens_the_api(access: Access, verdicts: Verdicts) -> None:
    """Each operation by the owner's cookie alone, from our own origin."""
    wrong, before = [], effects(access)
    calls = [call for call in access.told["operations"] if call["caller"] == "owner"]
    with closing(access.client(access.by("owner by cookie"))) as owner:
        for call in calls:
            told = owner.ask(call["method"], call["path"], body=call["body"])
            if told.status != 401 or not told.headers.get("WWW-Authenticate"):
                wrong.append(f"{call['name']}: {told.status}")
    verdicts.none(f"of {len(calls)} operations, those a cookie opened", wrong)
    after = effects(access)
    verdicts.none("tables they changed", [what for what, rows in before.items() if after[what] != rows])


def forgeries(old: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The ways to send a form that is not the page's own."""
    yield "no token", {"token": ""}
    yield "a foreign origin", {"origin": FOREIGN}
    yield "the token of before", {"token": old}


def unsafe(access: Access) -> Iterator[dict[str, Any]]:
    """Every route that takes a form: the product's own, and those of accounts and the admin."""
    posts = [call for call in access.told["pages"] if call["method"] == "POST"]
    own = {call["name"]: call for call in posts if call["caller"] in (None, "owner")}
    for name, row in page_table.TABLE.items():
        # Mail programs post to the link of a digest by themselves: its secret alone decides.
        if row.post and name != "unsubscribe":
            yield {**own[name], "is_ours": True}
    for route in every_route():
        if route.column in (Column.ACCOUNT, Column.ADMIN):
            path = plain_path(route, access.told["rows"])
            yield {
                "name": route.name or route.pattern,
                "path": path,
                "form": {"post": "yes"},
                "is_ours": False,
            }


def sign_in_again(access: Access, browser: Client) -> str:
    """Sign the owner in as in another tab; returns the token of before, which the tab of now still holds."""
    page = browser.ask("GET", SIGN_IN)
    form = {"login": access.told["owner"], "password": PASSWORD}
    again = Client(browser.port)
    told = again.ask("POST", SIGN_IN, form=form)
    again.close()
    assert (page.status, told.status) == (302, 302), told.text
    cookies = dict(re.findall(r"(\w+)=([^;]+)", "; ".join(told.headers.get_all("Set-Cookie"))))
    browser.cookie, browser.csrf = cookies["sessionid"], cookies["csrftoken"]
    return CSRF_TOKEN


def effects(access: Access) -> dict[str, str]:
    """What the project and its people hold, and how many projects there are."""
    ((users, projects),) = access.product.ask(
        "select (select sum(hashtextextended(u::text, 0)) from users u), (select count(*) from projects)"
    )
    return access.picture() | {"users": str(users), "projects": str(projects)}
