"""G07: what was taken away is gone at the next request, and within seconds on open sockets."""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import subprocess
import sys
import time
from typing import Any

from tests.faults.asking import Client
from tests.faults.cases import case
from tests.faults.listening import Listener, all_hear
from tests.faults.product import Product
from tests.faults.revoke_world import AFTERWARDS
from tests.faults.verdicts import Floor, Verdicts
from tests.running import ROOT, environment

PROMISED_SECONDS = 5
# What /livez takes on a quiet machine, in milliseconds.
QUIET_MS = 2.0
OUT, LESS = 4401, 4403
# How the sockets of page, program and agent end (0: not at all); and what is answered to the page, to the
# program that reads, to the one that writes, and to the agent.
ENDS = {
    "removed": ((LESS, LESS, 0), (404, 404, 404, 200)),
    "lowered": ((LESS, 0, 0), (200, 200, 403, 200)),
    "deactivated": ((OUT, OUT, 0), (302, 401, 401, 200)),
    "password changed": ((OUT, OUT, 0), (302, 401, 401, 200)),
    "token revoked": ((0, 0, OUT), (200, 200, 201, 401)),
    "deleted": ((LESS, LESS, OUT), (404, 404, 404, 401)),
}
KINDS = ("cookie", "bearer", "agent")


@case("G07")
def test_a_revoke_by_another_process_holds_at_once(product: Product, verdicts: Verdicts) -> None:
    """By a service in a process of its own, and by rows alone, whose own hint never comes."""
    port = product.web.port
    other = subprocess.Popen(
        [
            *(sys.executable, "manage.py", "shell", "-c"),
            f"from tests.faults.revoke_world import run; run('http://127.0.0.1:{port}')",
        ],
        cwd=ROOT,
        env=environment(product.data_dir, **product.more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        victims = told_by(other, "VICTIMS")
        listeners, at, wrong = asyncio.run(story(other, victims, port))
    finally:
        other.kill()
        other.communicate()
    took, leaked = [0.0], []
    for name in victims:
        for kind, code, listener in zip(KINDS, ends(name)[0], listeners[name], strict=True):
            if listener.closed_with != code:
                wrong.append(f"{name}: {kind}: {listener.closed_with}, not {code}")
            if code:
                took.append(listener.closed_at - at[name])
                leaked += [f"{name}: {kind}: {text[:80]}" for text in listener.heard if is_told(text)]
    verdicts.none(
        f"of {len(victims)} revokes, ends of sockets and answers that are not as they must be", wrong
    )
    verdicts.at_most("slowest socket to be closed", max(took), PROMISED_SECONDS, "s", floor=floor(port))
    verdicts.none("sockets told of what came after the revoke", leaked)


async def story(
    other: subprocess.Popen[str], victims: dict[str, dict[str, str]], port: int
) -> tuple[dict[str, list[Listener]], dict[str, float], list[str]]:
    """Open all sockets, have everything revoked, ask at every door, and wait until the sockets are closed, as
    long as is promised and a little more; returns the sockets, when each was revoked, and wrong answers."""
    listeners = {
        name: [
            Listener(port, victim["project"], cookie=victim["cookie"]),
            Listener(port, victim["project"], bearer=victim["bearer"]),
            Listener(port, victim["project"], bearer=victim["agent"]),
        ]
        for name, victim in victims.items()
    }
    tasks = []
    for name, victim in victims.items():
        since = await asyncio.to_thread(place_of, victim, port)
        for listener in listeners[name]:
            tasks.append(asyncio.create_task(listener.listen(since if listener.cookie else "")))
    everybody = [one for three in listeners.values() for one in three]
    await all_hear(everybody, 60)
    for listener in everybody:
        # What was pushed so far was theirs.
        listener.heard.clear()
    assert other.stdin
    other.stdin.write("go\n")
    other.stdin.flush()
    at = await asyncio.to_thread(told_by, other, "REVOKED")
    # Whether or not a socket has been closed yet.
    wrong = await asyncio.to_thread(wrong_answers, victims, port, refused=True)
    doomed = [
        listener
        for name, three in listeners.items()
        for listener, code in zip(three, ends(name)[0], strict=True)
        if code
    ]
    until = time.monotonic() + 4 * PROMISED_SECONDS
    while not all(listener.closed_at for listener in doomed) and time.monotonic() < until:
        await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    # Not sooner: what is granted may be a reason for the servers to look.
    wrong += await asyncio.to_thread(wrong_answers, victims, port, refused=False)
    return listeners, at, wrong


def ends(name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What must come of a victim's sockets and requests, whichever way it was revoked."""
    return ENDS[re.sub(r" by .*", "", name)]


def is_told(text: str) -> bool:
    """Whether a push tells of what happens there: to a page what is said, to a program that something is."""
    return AFTERWARDS in text or json.loads(text)["type"] == "changed"


def told_by(other: subprocess.Popen[str], word: str) -> Any:
    """What the other process prints after a word."""
    assert other.stdout
    for line in other.stdout:
        if line.startswith(f"{word} "):
            return json.loads(line.removeprefix(f"{word} "))
    raise AssertionError(f"it ended without {word}")


def place_of(victim: dict[str, str], port: int) -> str:
    """Load the page as the victim's browser; returns what it shows, as its socket says it."""
    browser = Client(port, cookie=victim["cookie"])
    page = browser.ask("GET", f"/projects/{victim['project']}/")
    browser.close()
    assert page.status == 200, page.text[:300]
    epoch, version = (re.search(rf'data-{name}="([\w.]+)"', page.text) for name in ("epoch", "version"))
    assert epoch, version
    return f"{epoch[1]}:{version[1]}"


def wrong_answers(victims: dict[str, dict[str, str]], port: int, *, refused: bool) -> list[str]:
    """What is not as it must be at the next request by each door that must refuse, or by each other."""
    found = []
    for name, victim in victims.items():
        api = f"/api/projects/{victim['project']}"
        page, program, agent = clients = (
            Client(port, cookie=victim["cookie"]),
            Client(port, bearer=victim["bearer"]),
            Client(port, bearer=victim["agent"]),
        )
        doors: tuple[tuple[str, Client, str, str, object], ...] = (
            ("page", page, "GET", f"/projects/{victim['project']}/", None),
            ("API", program, "GET", api, None),
            ("write", program, "POST", f"{api}/messages", {"text": "Still here"}),
            ("agent", agent, "GET", f"{api}/briefing", None),
        )
        for (door, client, method, path, body), wanted in zip(doors, ends(name)[1], strict=True):
            if (wanted >= 300) == refused and (got := client.ask(method, path, body=body).status) != wanted:
                found.append(f"{name}: {door}: {got}, not {wanted}")
        for client in clients:
            client.close()
    return found


def floor(port: int) -> Floor:
    """How slow the machine is just now: what the product's plainest answer takes."""
    client, taken = Client(port), []
    for _ in range(50):
        started = time.perf_counter()
        client.ask("GET", "/livez")
        taken.append((time.perf_counter() - started) * 1000)
    client.close()
    return Floor(statistics.median(taken), QUIET_MS)
