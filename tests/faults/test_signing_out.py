"""L03: a sign-in that ends takes its pages, its tokens and its sockets along."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

from tests.factories import PASSWORD
from tests.faults.asking import Client
from tests.faults.cases import case
from tests.faults.listening import Listener, all_hear
from tests.faults.product import Product
from tests.faults.test_revokes import OUT, PROMISED_SECONDS, floor, place_of
from tests.faults.verdicts import Verdicts

Online = dict[str, str]
ANOTHER = "another one entirely"


def sign_out(browser: Client, _root: Client, _online: Online) -> int:
    return browser.ask("POST", "/account/logout/", form={}).status


def change_password(browser: Client, _root: Client, _online: Online) -> int:
    form = {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER}
    return browser.ask("POST", "/account/password/change/", form=form).status


def switch_off(_browser: Client, root: Client, online: Online) -> int:
    """As staff do it in the admin: by the form of the account, without its tick."""
    path = f"/admin/sessions_app/user/{online['id']}/change/"
    form = Form()
    form.feed(root.ask("GET", path).text)
    form.fields.pop("is_active")
    return root.ask("POST", path, form=form.fields).status


class Form(HTMLParser):
    """The fields of the forms in a page, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, object] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name, kind = said.get("name"), said.get("type", "text")
        is_sent = kind not in ("submit", "checkbox") or (kind == "checkbox" and "checked" in said)
        if tag == "input" and name and is_sent and not name.startswith("_"):
            self.fields[name] = said.get("value") or ("on" if kind == "checkbox" else "")


@case("L03")
def test_an_ended_sign_in_leaves_nothing_open(product: Product, verdicts: Verdicts) -> None:
    """Signing out, another password, and an account that staff switch off; each tried by what was open."""
    port = product.web.port
    ways: dict[str, Callable[[Client, Client, Online], int]] = {
        "signed out": sign_out,
        "another password": change_password,
        "switched off": switch_off,
    }
    where = f"http://127.0.0.1:{port}"
    script = f"from tests.faults.revoke_world import go_online; go_online({where!r}, {len(ways)})"
    done = product.manage("shell", "-c", script, check=False)
    found = re.search(r"^ONLINE (.*)$", done.stdout, re.M)
    assert found, done.stdout + done.stderr
    told = json.loads(found[1])
    root = Client(port, cookie=told["root"])
    wrong, took = [], []
    for (way, end), online in zip(ways.items(), told["people"], strict=True):
        faults, seconds = asyncio.run(story(port, root, online, end))
        wrong += [f"{way}: {fault}" for fault in faults]
        took.append(seconds)
    root.close()
    verdicts.none(f"of {len(ways)} ends, what was still open or could be kept", wrong)
    verdicts.at_most("slowest socket to be closed", max(took), PROMISED_SECONDS, "s", floor=floor(port))


async def story(
    port: int, root: Client, online: Online, end: Callable[[Client, Client, Online], int]
) -> tuple[list[str], float]:
    """Be online, end the sign-in; returns what is wrong, and the seconds until the last socket was closed."""
    browser, program = Client(port, cookie=online["cookie"]), Client(port, bearer=online["bearer"])
    wrong = list(kept(browser, online))
    if program.ask("GET", f"/api/projects/{online['project']}").status != 200:
        wrong.append("the program was not signed in")
    sockets = [
        Listener(port, online["project"], cookie=online["cookie"]),
        Listener(port, online["project"], bearer=online["bearer"]),
    ]
    since = place_of(online, port)
    tasks = [asyncio.create_task(socket.listen(since if socket.cookie else "")) for socket in sockets]
    await all_hear(sockets, 60)
    status = await asyncio.to_thread(end, browser, root, online)
    ended, until = time.time(), time.monotonic() + 4 * PROMISED_SECONDS
    if status != 302:
        wrong.append(f"the act itself: {status}")
    wrong += await asyncio.to_thread(lambda: list(still_open(port, program, online)))
    browser.close()
    program.close()
    for socket in sockets:
        await socket.stays_until(until)
        if socket.closed_with != OUT:
            wrong.append(f"a socket was closed with {socket.closed_with}, not {OUT}")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    again = Listener(port, online["project"], cookie=online["cookie"])
    await again.listen(since)
    if again.status != 403:
        wrong.append(f"a new socket afterwards: {again.status}")
    return wrong, max(socket.closed_at or time.time() for socket in sockets) - ended


def kept(browser: Client, online: Online) -> Iterator[str]:
    """Pages that a browser may show again after it has signed out."""
    for path in (f"/projects/{online['project']}/", "/", "/profile/"):
        answer = browser.ask("GET", path)
        if answer.status != 200 or "no-store" not in answer.headers.get("Cache-Control", ""):
            yield f"{path}: {answer.status}, {answer.headers.get('Cache-Control')}"


def still_open(port: int, program: Client, online: Online) -> Iterator[str]:
    """What the cookie and the tokens of before still open."""
    page, api = f"/projects/{online['project']}/", f"/api/projects/{online['project']}"
    old, nobody = Client(port, cookie=online["cookie"]), Client(port)
    for client, method, path, body, wanted in (
        (old, "GET", page, None, 302),
        (program, "GET", api, None, 401),
        (program, "POST", f"{api}/messages", {"text": "Still here"}, 401),
        (nobody, "POST", "/api/auth/refresh", {"refreshToken": online["refresh"]}, 401),
    ):
        answer = client.ask(method, path, body=body)
        if answer.status != wanted:
            yield f"{method} {path} afterwards: {answer.status}, not {wanted}"
    old.close()
    nobody.close()
