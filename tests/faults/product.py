"""The running product with people in it: its processes, its doors, and an oracle beside it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from sessions_app import embedded
from tests.faults.person import Person
from tests.faults.process import Process
from tests.running import ROOT, environment, free_port

START_SECONDS = 180


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
        call = f"settle({base!r}, {self.stages}, people={people}, projects={projects})"
        done = self.manage("shell", "-c", f"from tests.faults.settling import settle; {call}")
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
        return self.listening(self.start("serve", "--port", str(port), *arguments), port)

    def listening(self, process: Process, port: int) -> Process:
        """A server that was started, once it listens: one of the product's from now on."""
        process.port = port
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and process.popen.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                self.processes.append(process)
                return process
            time.sleep(0.05)
        process.kill()
        raise AssertionError(f"it did not start:\n{process.log.read_text()}")

    def worker(self) -> Process:
        """`manage.py worker`, a process of its own."""
        process = self.start("worker")
        self.processes.append(process)
        return process

    def start(self, *arguments: str) -> Process:
        """`manage.py …`, a process of its own that nobody waits for."""
        return self.run(arguments[0], "manage.py", *arguments)

    def run(self, name: str, *arguments: str, program: str = sys.executable, **more: str) -> Process:
        """A process on the product's data, with a log of this name; likewise. Python unless told."""
        log = self.folder / f"{name}-{len(list(self.folder.glob('*.log')))}.log"
        with log.open("w") as out:
            popen = subprocess.Popen(
                [program, *arguments],
                cwd=ROOT,
                env=environment(self.data_dir, **self.more, **more),
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
        """End whatever was started. Raises AssertionError, once all is over, for what had to be killed."""
        for person in self.people:
            person.close()
        killed = []
        for process in self.processes:
            try:
                process.stop()
            except subprocess.TimeoutExpired:
                killed.append(process.log.name)
        embedded.stop(self.data_dir / "postgres")
        assert not killed, f"these did not end by themselves: {killed}"
