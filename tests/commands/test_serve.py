"""`manage.py serve`: everything in one process, and gone without a trace when it ends."""

from __future__ import annotations

import http.client
import json
import re
import signal
from pathlib import Path

import pytest

from tests.commands.conftest import Installation, pids_using, postmaster
from tests.running import Browser, free_port, manage, work_log


def header_of(base: str, path: str) -> tuple[int, http.client.HTTPMessage]:
    """Status and headers, of a path that is sent byte for byte."""
    connection = http.client.HTTPConnection(base.removeprefix("http://"), timeout=10)
    connection.putrequest("GET", path, skip_accept_encoding=True)
    connection.endheaders()
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, response.headers


def project_of(browser: Browser, title: str) -> str:
    """A new project's address."""
    status, body, _ = browser.post("/projects/", {"title": title})
    assert status == 302, body
    return re.findall(r'href="(/projects/[0-9a-f-]{36}/)"', browser.get("/")[1])[0]


@pytest.mark.slow
def test_the_first_start_leads_to_the_first_owner(empty: Installation) -> None:
    """From nothing: a database, a link, an owner; then the link is dead and is not printed again."""
    serving = empty.serve()
    log = serving.log.read_text()
    assert f"Leftoff is at {serving.base}/" in log
    link = re.search(rf"{serving.base}(/welcome/\S+)", log)
    assert link
    for path in ("/livez", "/readyz"):
        status, headers = header_of(serving.base, path)
        assert status == 200
        assert "Server" not in headers
    olga = serving.first_owner()
    assert olga.get("/")[0] == 200
    assert Browser(serving.base).get(link.group(1))[0] == 404
    for path in ("/%00", "/%ff/", "/projects/%00/", "/?x=%ed%a0%80", "/welcome/%FF/", "/static/%00"):
        assert 400 <= header_of(serving.base, path)[0] < 500, path
    status, headers = header_of(serving.base, "/static/css/base.css")
    assert (status, headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert (empty.data_dir / "secret_key").stat().st_mode & 0o777 == 0o600
    assert serving.stop(signal.SIGINT) == 0
    assert pids_using(empty.data_dir) == set()
    second = empty.serve()
    assert "/welcome/" not in second.log.read_text()
    assert second.sign_in().get("/")[0] == 200


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_it_ends_soon_and_takes_its_database_along(installed: Installation, how: signal.Signals) -> None:
    """Also while a browser keeps its connection open."""
    serving = installed.serve()
    lingering = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=10)
    lingering.request("GET", "/livez")
    assert lingering.getresponse().read() == b"ok\n"
    server = postmaster(installed.data_dir)
    assert server is not None
    assert serving.stop(how) == 0
    lingering.close()
    assert postmaster(installed.data_dir) is None
    assert not Path(f"/proc/{server}").exists()
    assert "Traceback" not in serving.log.read_text()


@pytest.mark.slow
def test_two_processes_and_a_command_work_on_the_same_data(installed: Installation, tmp_path: Path) -> None:
    """A second server, an import beside them, and the database lives until the last one ends."""
    first = installed.serve()
    olga = first.first_owner()
    page = project_of(olga, "Shared")
    second = installed.serve()
    elsewhere = second.sign_in()
    assert olga.post(f"{page}items/", {"title": "Seen from both"})[0] == 302
    assert "Seen from both" in elsewhere.get(page)[1]
    source = work_log(tmp_path / "log.jsonl", 12)
    into = ("--project", "Shared", "--owner", "OLGA@example.org", "--json")
    arguments = ("import_project", str(source), *into)
    report = json.loads(manage(installed.data_dir, *arguments).stdout)
    assert (report["added"], report["unchanged"]) == (12, 0)
    for browser in (olga, elsewhere):
        assert "Idea number 0" in browser.get(page)[1]
    assert json.loads(manage(installed.data_dir, *arguments).stdout)["unchanged"] == 12
    assert first.stop(signal.SIGTERM) == 0
    assert elsewhere.get(page)[0] == 200
    assert second.stop(signal.SIGTERM) == 0
    assert pids_using(installed.data_dir) == set()


def test_a_command_that_fails_says_so_and_leaves_no_database_behind(
    installed: Installation, tmp_path: Path
) -> None:
    """Exit code 1 and a sentence, no traceback; and the database it started is gone with it."""
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{not json}\n")
    arguments = ("import_project", str(bad), "--project", "P", "--owner", "x@example.org")
    run = manage(installed.data_dir, *arguments, check=False, **installed.more)
    assert run.returncode == 1, run.stderr
    assert "nothing was imported" in run.stderr
    assert "Traceback" not in run.stderr
    assert postmaster(installed.data_dir) is None


def test_an_address_that_cannot_be_listened_at_is_refused(empty: Installation) -> None:
    run = manage(empty.data_dir, "serve", "--host", "192.0.2.1", "--port", str(free_port()), check=False)
    assert run.returncode == 1
    assert "Cannot listen on 192.0.2.1" in run.stderr
    assert not (empty.data_dir / "postgres").exists()
