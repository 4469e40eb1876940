"""The running product with people in it: its processes, its doors, and an oracle beside it."""

from __future__ import annotations

import http.client
import json
import os
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
from pathlib import Path
from typing import Any

import psycopg

from sessions_app import embedded
from tests.running import ROOT, environment, free_port

START_SECONDS = 180

# Makes people and projects through the services, and signs each person in, in a browser and as a program;
# prints what the tests need.
_SETTLE = """
import datetime, json, uuid
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app import clock
from sessions_app.models import ApiSignIn, Membership, User
from sessions_app.services import access_tokens, projects
# Whose tokens they are: the server's, not this command's.
settings.BASE_URL = "{base}"
count, project_count = {people}, {projects}
people, made = [], []
for number in range(count):
    user = User.objects.create_user(f"p{{number}}-{mark}@example.org", display_name=f"Person {{number}}")
    store = SessionStore()
    store[SESSION_KEY], store[HASH_SESSION_KEY] = str(user.id), user.get_session_auth_hash()
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store.create()
    now, sign_in = clock.now(), uuid.uuid4()
    ApiSignIn.objects.create(
        id=sign_in, user=user, refresh_hash=sign_in.hex, auth_hash=user.get_session_auth_hash(),
        refreshed_at=now, expires_at=now + datetime.timedelta(days=1), created_at=now,
    )
    people.append((user, store.session_key, access_tokens.issue(user.id, sign_in)[0]))
for number in range(project_count):
    owner = people[number % count][0]
    with acting_as(owner.id):
        project = projects.create_project(owner, title=f"Project {{number}}")
    with acting_as_system([project.id]):
        for user, *_ in people:
            if user != owner:
                Membership.objects.create(project=project, user=user, role="editor")
    made.append(str(project.id))
print("SETTLED " + json.dumps({{
    "people": [{{"id": str(user.id), "session": key, "bearer": token}} for user, key, token in people],
    "projects": made, "cookie": settings.SESSION_COOKIE_NAME,
}}))
"""


@dataclass
class Person:
    """A signed-in browser's HTTP side: one connection, kept alive, never following by itself."""

    id: str
    cookies: dict[str, str]
    port: int
    timeout: float = 20.0
    # The same person's program has this one, for a quarter of an hour.
    bearer: str = ""
    connection: http.client.HTTPConnection | None = None
    # Those of the last answer, names in lower case.
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def get(self, path: str) -> tuple[int, str]:
        return self._request("GET", path, None)

    def post(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        if "csrftoken" not in self.cookies:
            # Any page with a form gives the token; this one is no project's.
            assert self.get("/profile/")[0] == 200
        fields = {"csrfmiddlewaretoken": self.cookies["csrftoken"], **(form or {})}
        return self._request("POST", path, urllib.parse.urlencode(fields))

    def at(self, port: int) -> Person:
        """The same person's browser at another server process."""
        return Person(self.id, dict(self.cookies), port, self.timeout, self.bearer)

    def _request(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        headers = {"Cookie": self.cookie_header(), "Host": f"127.0.0.1:{self.port}"}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.base}
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        self.headers = {name.lower(): value for name, value in response.headers.items()}
        return response.status, text

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


@dataclass
class Process:
    """One process of ours, and what it says."""

    popen: subprocess.Popen[bytes]
    log: Path
    port: int = 0

    @property
    def resident_bytes(self) -> int:
        """How much memory it holds."""
        return int(Path(f"/proc/{self.popen.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait(10)

    def stop(self) -> int:
        """SIGTERM, then wait; returns the exit code."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(40)


@dataclass
class Stage:
    """One case's own people and projects in a running product."""

    people: list[Person]
    projects: list[str]
    # The first project's title and its owner's address.
    title: str
    owner: str

    def path(self, door: str, project: int = 0) -> str:
        return f"/projects/{self.projects[project]}/{door}"


@dataclass
class Product:
    """The product on a data folder of its own."""

    folder: Path
    more: dict[str, str] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    stages: int = 0

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    def settle(self, *, people: int, projects: int = 1) -> Stage:
        """Make people, each a member of each of the projects, and sign them in."""
        self.stages += 1
        base = f"http://127.0.0.1:{self.web.port}"
        script = _SETTLE.format(people=people, projects=projects, mark=self.stages, base=base)
        done = self.manage("shell", "-c", script)
        found = re.search(r"^SETTLED (.*)$", done.stdout, re.M)
        assert found, done.stdout + done.stderr
        settled = json.loads(found[1])
        people_made = [
            Person(each["id"], {settled["cookie"]: each["session"]}, self.web.port, bearer=each["bearer"])
            for each in settled["people"]
        ]
        self.people += people_made
        return Stage(people_made, settled["projects"], "Project 0", f"p0-{self.stages}@example.org")

    @property
    def web(self) -> Process:
        return self.processes[0]

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment(self.data_dir, **self.more),
            capture_output=True,
            text=True,
            check=check,
            timeout=180,
        )

    def serve(self, *arguments: str, port: int = 0) -> Process:
        """One more server process, once it listens."""
        port = port or free_port()
        process = self.start("serve", "--port", str(port), *arguments)
        process.port = port
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and process.popen.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                self.processes.append(process)
                return process
            time.sleep(0.05)
        raise AssertionError(f"it did not start:\n{process.log.read_text()}")

    def worker(self) -> Process:
        """`manage.py worker`, a process of its own."""
        process = self.start("worker")
        self.processes.append(process)
        return process

    def start(self, *arguments: str) -> Process:
        """`manage.py …`, a process of its own that nobody waits for."""
        log = self.folder / f"{arguments[0]}-{len(list(self.folder.glob('*.log')))}.log"
        with log.open("w") as out:
            popen = subprocess.Popen(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env=environment(self.data_dir, **self.more),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        return Process(popen, log)

    @contextmanager
    def oracle(self, role: str = embedded.BACKUP) -> Iterator[psycopg.Connection[Any]]:
        """A connection that sees every row, beside the product; as `postgres` also what other roles do."""
        server = embedded.ensure_running(self.data_dir / "postgres")
        with psycopg.connect(**server.params(role, embedded.DATABASE), autocommit=True) as connection:
            yield connection

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What the oracle says to one question."""
        with self.oracle() as oracle:
            return oracle.execute(sql, values).fetchall()

    def postmaster(self) -> int:
        return int((self.data_dir / "postgres" / "postmaster.pid").read_text().split("\n")[0])

    def logs(self) -> str:
        return "".join(process.log.read_text() for process in self.processes)

    def end(self) -> None:
        for person in self.people:
            person.close()
        for process in self.processes:
            process.stop()
        embedded.stop(self.data_dir / "postgres")


def kill(pid: int) -> None:
    """SIGKILL."""
    os.kill(pid, signal.SIGKILL)
