"""Several machines of one installation, all of them on this one: two web processes, two workers, a Redis and
a replica. They know each other only by the addresses in their environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from sessions_app import embedded
from tests.faults.conftest import address, behind_proxy, installing, socket_of
from tests.faults.figures import METRICS_TOKEN
from tests.faults.person import Person
from tests.faults.process import Process
from tests.faults.product import Product
from tests.faults.proxy import Proxy, running_in_thread
from tests.faults.redis_server import own_redis
from tests.faults.replica_server import own_replica
from tests.prepared import install
from tests.running import free_port


class Machine(Protocol):
    """What may be killed, and start again under the same address."""

    def kill(self) -> None: ...

    def start(self) -> None: ...


@dataclass
class Ours:
    """A process of the product's as a machine."""

    product: Product
    run: Callable[[], Process]
    process: Process | None = None

    def start(self) -> None:
        self.process = self.run()

    def kill(self) -> None:
        assert self.process
        self.product.processes.remove(self.process)
        self.process.kill()


@dataclass(frozen=True)
class Machines:
    """All of them; the web processes listen at `ports`, and `base` is where people are told that they are."""

    product: Product
    ports: tuple[int, int]
    # Each kind by what it is called, one machine that is killed.
    each: dict[str, Machine]

    def browser(self, person: Person, port: int) -> Person:
        """The same person's browser at one of them, closed with the product."""
        browser = person.at(port)
        self.product.people.append(browser)
        return browser

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"


@contextmanager
def several_machines() -> Iterator[Machines]:
    """Running until the block ends."""
    ports = free_port(), free_port()
    settings = {
        "SECRET_KEY": "several" * 8,
        "BASE_URL": f"http://127.0.0.1:{ports[0]}",
        "METRICS_TOKEN": METRICS_TOKEN,
        "API_CALLS_PER_MINUTE": "1000000",
    }
    with installing(**settings) as product, own_redis() as redis:
        install(product.data_dir)
        product.more["REDIS_URL"] = f"redis://127.0.0.1:{redis.port}/0"
        with (
            behind_proxy(product),
            own_replica(embedded.ensure_running(product.data_dir / "postgres")) as replica,
            running_in_thread(Proxy(socket_of(replica.server))) as line,
        ):
            product.more["DATABASE_REPLICA_URL"] = address(replica.server, embedded.RUNTIME, line)
            web = Ours(product, lambda: product.serve("--no-worker", port=ports[0]))
            worker = Ours(product, product.worker)
            web.start()
            product.serve("--no-worker", port=ports[1])
            worker.start()
            product.worker()
            each: dict[str, Machine] = {
                "a web process": web,
                "a worker": worker,
                "Redis": redis,
                "the replica": replica,
            }
            yield Machines(product, ports, each)
            # While they still have all that they use.
            product.end()
