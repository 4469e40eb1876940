"""Black-box cases of the promises: real processes, real faults, an oracle that asks the database.

Each case is written once and runs in two sizes: a quick one by `pytest -m quick`, as CI does, and the full
one by `pytest -m faults`; a test that has but one size is in both. Each test says which case it is of
(`@case("A01")`) and notes what it found by the fixture `verdicts`; the run ends with the table of all that
was found, and fails where all cases were asked for and one has no line in it.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sessions_app import embedded
from tests.commands.raw import hang_up
from tests.faults.canaries import fail_for_secrets
from tests.faults.inputs import inputs  # noqa: F401
from tests.faults.product import Product
from tests.faults.proxy import Proxy, running_in_thread
from tests.faults.table import NOT_RUN, SIZES, as_table, table_of
from tests.faults.verdicts import Verdicts
from tests.prepared import install


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/faults" not in item.path.as_posix():
            continue
        if not any(item.get_closest_marker(size) for size in SIZES):
            # It has one size: both runs have it.
            item.add_marker(pytest.mark.quick)
            item.add_marker(pytest.mark.faults)
        if mark := item.get_closest_marker("case"):
            # Known of a test that is skipped or breaks off as well.
            item.user_properties.append(("case", mark.args[0]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if found := table_of(terminalreporter, config):
        terminalreporter.section("the promises' cases")
        for line in as_table(found):
            terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A case that did not run where all were asked for fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    # Where each of several workers ends, nobody reports.
    if reporter and any(verdict.verdict == NOT_RUN for verdict in table_of(reporter, session.config)):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def _hung_up() -> Iterator[None]:
    """What a test left open is closed behind it."""
    yield
    hang_up()


@pytest.fixture
def verdicts(request: pytest.FixtureRequest) -> Verdicts:
    """Where a test notes what it found of its case."""
    mark = request.node.get_closest_marker("case")
    assert mark, "a test of a case says which: @case(...)"
    verdicts = Verdicts(mark.args[0])
    # The list is filled while the test runs, and read when its report is made.
    request.node.user_properties.append(("verdicts", verdicts.found))
    return verdicts


@contextmanager
def installing(**more: str) -> Iterator[Product]:
    """The product on a folder that is not there yet; what is started on it is ended with the block."""
    folder = Path(tempfile.mkdtemp(prefix="leftoff-faults-"))
    folder.chmod(0o755)
    product = Product(folder, more)
    try:
        yield product
    finally:
        try:
            product.end()
            fail_for_secrets(product)
        finally:
            shutil.rmtree(folder)


@contextmanager
def running(*arguments: str, **more: str) -> Iterator[Product]:
    """The product on a folder of its own, until the block ends."""
    with installing(**more) as product:
        install(product.data_dir)
        product.serve(*arguments)
        yield product


@contextmanager
def running_behind_proxy(*arguments: str) -> Iterator[tuple[Product, Proxy]]:
    """The product with its database, which it reaches only through a proxy, until the block ends."""
    with installing(SECRET_KEY=secrets.token_urlsafe(48)) as product, behind_proxy(product) as proxy:
        product.serve(*arguments)
        yield product, proxy


@contextmanager
def behind_proxy(product: Product) -> Iterator[Proxy]:
    """Let what is started of the product reach its database through a proxy; it is ended with the block."""
    server = embedded.ensure_running(product.data_dir / "postgres")
    with running_in_thread(Proxy(socket_of(server))) as proxy:
        for name, role in (("DATABASE_URL", embedded.RUNTIME), ("DATABASE_OWNER_URL", embedded.OWNER)):
            product.more[name] = address(server, role, proxy)
        try:
            yield proxy
        finally:
            # While they still reach their database.
            proxy.mend()
            product.end()


def socket_of(server: embedded.Server) -> Path:
    return Path(server.host) / f".s.PGSQL.{server.port}"


def address(server: embedded.Server, role: str, proxy: Proxy) -> str:
    """Where a role reaches a server of these passwords, through the proxy."""
    return f"postgres://{role}:{server.password_of(role)}@127.0.0.1:{proxy.port}/{embedded.DATABASE}"


@pytest.fixture(scope="package")
def product() -> Iterator[Product]:
    """One product for the cases that leave it as they found it: each has people and projects of its own."""
    with running() as product:
        yield product


@pytest.fixture(scope="package")
def roomy() -> Iterator[Product]:
    """One for the cases that call more often than a program may."""
    with running(API_CALLS_PER_MINUTE="1000000") as product:
        yield product


@pytest.fixture(scope="package")
def quiet() -> Iterator[Product]:
    """One without a worker, which would fold and roll up what is made here."""
    with running("--no-worker") as product:
        yield product
