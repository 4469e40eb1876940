"""The product as its own processes: started by its own command, spoken to over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 180


# The system gives ports from 32768 on to whoever asks for any, also while a server of ours comes up. Of those
# below each process of the tests has a hundred, and gives one after the other. It begins anywhere, as another
# process may have the same hundred.
FIRST_PORT, PORTS_EACH, PROCESSES = 10_000, 100, 200
# Of all these the only one that Chromium opens no page from.
UNSAFE_PORT = 10_080
_numbers = count(random.SystemRandom().randrange(PORTS_EACH))


def free_port() -> int:
    """A port nobody listens on, and that nobody else is given meanwhile."""
    first = FIRST_PORT + os.getpid() % PROCESSES * PORTS_EACH
    for number in islice(_numbers, PORTS_EACH):
        port = first + number % PORTS_EACH
        if port == UNSAFE_PORT:
            continue
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError(f"no port is free from {first} on")


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """The environment of a process of ours with its own data folder, nothing of the tests' in it."""
    of_the_tests = (
        "DATA_DIR",
        "EMBEDDED_POSTGRES_FAST_UNSAFE",
        "DATABASE_POOL_SIZE",
        "DJANGO_SETTINGS_MODULE",
    )
    plain = {key: value for key, value in os.environ.items() if key not in of_the_tests}
    return plain | {"DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"} | more


def manage(
    data_dir: Path, *arguments: str, check: bool = True, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run one manage.py command to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(data_dir, **more),
        capture_output=True,
        text=True,
        check=check,
        timeout=120,
    )


@contextmanager
def serving(data_dir: Path, command: str = "serve", **more: str) -> Iterator[str]:
    """`manage.py serve` (or demo) until the block ends; yields its address."""
    port = free_port()
    with open(data_dir.parent / f"{data_dir.name}.log", "w+") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", command, "--port", str(port)],
            cwd=ROOT,
            env=environment(data_dir, **more),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_ready(process, port, log.name)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"it did not start:\n{Path(log).read_text()}")


@dataclass
class Browser:
    """A person's HTTP client: keeps cookies, fills in the CSRF token, follows nothing by itself."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> tuple[int, str, float]:
        """Status, body, and seconds to the first byte of the answer."""
        return self._request("GET", path, None)

    def post(self, path: str, form: dict[str, str]) -> tuple[int, str, float]:
        """Post a form; the token comes from a page that was read before."""
        token = self.cookies.get("csrftoken") or self.cookies.get("__Host-csrf", "")
        return self._request("POST", path, urllib.parse.urlencode({"csrfmiddlewaretoken": token, **form}))

    def sign_in(self, email: str, password: str) -> None:
        """Sign in as a person does."""
        self.get("/account/login/")
        status, body, _ = self.post("/account/login/", {"login": email, "password": password})
        assert status == 302, body

    def _request(self, method: str, path: str, body: str | None) -> tuple[int, str, float]:
        address = urllib.parse.urlsplit(self.base)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.base}
        started = time.perf_counter()
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        to_first_byte = time.perf_counter() - started
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        text = response.read().decode()
        connection.close()
        return response.status, text, to_first_byte


def first_owner(base: str, log: Path, email: str, name: str, password: str) -> Browser:
    """Make the first account by the printed one-time link, and be signed in."""
    link = re.search(r"http://\S+/welcome/\S+", log.read_text())
    assert link, log.read_text()
    browser = Browser(base)
    path = urllib.parse.urlsplit(link.group()).path
    browser.get(path)
    status, body, _ = browser.post(path, {"email": email, "display_name": name, "password": password})
    # The page says that something went wrong, the log what.
    assert status == 302, f"{status}\n{body}\n{log.read_text()}"
    return browser


def work_log(path: Path, count: int) -> Path:
    """A made-up agents' work log of so many records in all three states, for imports."""
    states = ("open", "closed", "deferred")
    with path.open("w") as out:
        for number in range(count):
            record = {
                "id": f"w-{number}",
                "title": f"Idea number {number}",
                "description": f"What we know of idea {number} so far.",
                "status": states[number % 3],
                "issue_type": "task",
                "created_at": "2026-01-05T10:00:00Z",
                "updated_at": "2026-01-06T10:00:00Z",
            }
            if number % 10 == 3:
                record["dependencies"] = [
                    {"issue_id": f"w-{number}", "depends_on_id": f"w-{number - 3}", "type": "blocks"}
                ]
            out.write(json.dumps(record) + "\n")
    return path
