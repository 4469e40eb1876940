"""The product and what it is measured beside, on daphne and on uvicorn, one process each, on one database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sessions_app import embedded
from tests.benchmarks.raw_asgi import DATABASE
from tests.faults.conftest import installing
from tests.faults.process import Process
from tests.faults.product import Product
from tests.prepared import install
from tests.running import free_port

DAPHNE, UVICORN = SERVERS = ("daphne", "uvicorn")
# Nobody who measures is to be told to call less often.
MANY_CALLS = "1000000000"
# As docs/operations/other-servers.md has it.
UVICORN_OPTIONS = (
    *("--timeout-graceful-shutdown", "10", "--ws-max-size", "65536", "--ws-per-message-deflate", "false"),
    *("--no-server-header", "--no-access-log", "--log-level", "warning", "--no-proxy-headers"),
)


@dataclass
class Served:
    """The product with a web process on each server; no worker."""

    product: Product
    # By the server's name.
    processes: dict[str, Process]

    @property
    def ports(self) -> dict[str, int]:
        return {server: process.port for server, process in self.processes.items()}

    def beside(self, application: str, server: str, role: str = embedded.RUNTIME, **more: str) -> int:
        """Start another application (`module:name`) on this server and database; its port.

        It finds the database in its environment, to be reached as `role`; `more` is there as well.
        """
        postgres = embedded.ensure_running(self.product.data_dir / "postgres")
        told = {DATABASE: postgres.url(role, embedded.DATABASE), **more}
        return start(self.product, application, server, **told).port


@contextmanager
def served(*arguments: str, **more: str) -> Iterator[Served]:
    """The product, by `manage.py serve` and by uvicorn, on one durable database, until the block ends.

    `arguments` are those of `serve`; `more` is the environment of both.
    """
    port = free_port()
    # Both give and take the same tokens.
    told = {"BASE_URL": f"http://127.0.0.1:{port}", "API_CALLS_PER_MINUTE": MANY_CALLS, **more}
    with installing(**told) as product:
        install(product.data_dir)
        daphne = product.serve("--no-worker", *arguments, port=port)
        uvicorn = start(product, "config.asgi:application", UVICORN)
        assert product.ask("select current_setting('fsync'), current_setting('synchronous_commit')") == [
            ("on", "on")
        ]
        yield Served(product, {DAPHNE: daphne, UVICORN: uvicorn})


def start(product: Product, application: str, server: str, **more: str) -> Process:
    """An ASGI application in a process of its own on this server, once it listens."""
    port = free_port()
    options = UVICORN_OPTIONS if server == UVICORN else ("-v", "0")
    at = "--port" if server == UVICORN else "-p"
    name = application.partition(":")[0].rpartition(".")[2]
    process = product.run(f"{name}-{server}", "-m", server, application, at, str(port), *options, **more)
    return product.listening(process, port)
