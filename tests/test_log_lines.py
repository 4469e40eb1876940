"""What a line of the log is: one record, of a request or job, with nothing in it that was sent."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction

from config import logs
from config.log_written import WHOLE_BYTES, WrittenTogether
from config.logs import JsonLines, MaskSecrets, PlainLines, SendersMistakes
from sessions_app.jobs import job as jobs
from sessions_app.metrics.observed import observing, request_id
from tests.api.conftest import agent_program, program
from tests.conftest import Cast
from tests.metrics import mcp_calls
from tests.views.conftest import World, browse, world  # noqa: F401 -- a fixture

SECRET = "loa_Zm9yLWFuLWFnZW50LXRvLXNob3c-_x"
NAME = "0123456789abcdef"


class Log:
    """What is written by the product's formatters while a test runs."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self.written = io.StringIO()
        self.handler = logging.StreamHandler(self.written)
        self.handler.setFormatter(formatter)
        self.handler.addFilter(SendersMistakes())
        self.handler.addFilter(MaskSecrets())

    def lines(self) -> list[str]:
        return self.written.getvalue().splitlines()

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines()]


def _listening(formatter: logging.Formatter) -> Iterator[Log]:
    log, root, access = Log(formatter), logging.getLogger(), logging.getLogger("leftoff.access")
    before = access.level
    root.addHandler(log.handler)
    access.setLevel(logging.INFO)
    yield log
    root.removeHandler(log.handler)
    access.setLevel(before)


@pytest.fixture
def as_json() -> Iterator[Log]:
    yield from _listening(JsonLines())


@pytest.fixture
def plain() -> Iterator[Log]:
    yield from _listening(PlainLines())


def test_a_record_is_one_object_and_tells_of_which_request_it_is(as_json: Log) -> None:
    with observing(NAME):
        logging.getLogger("x").warning("it was %s", "late")
    with observing("7", is_job=True):
        logging.getLogger("x").error("broken")
    logging.getLogger("x").warning("by nobody")
    first, second, third = as_json.records()
    assert first.pop("time").endswith("+00:00")
    assert first == {"level": "WARNING", "logger": "x", "message": "it was late", "request": NAME}
    assert (second["job"], "request" in second) == ("7", False)
    assert third.keys() == {"time", "level", "logger", "message"}


def test_what_django_says_of_a_request_names_its_route_too(world: World, as_json: Log) -> None:  # noqa: F811
    """It speaks before we do: of a form without its token, of a method, of a fault."""
    browse(world.cast.ann).post(world.path("decisions"))
    browse(world.cast.ann, enforce_csrf_checks=True).post(world.path("messages"), {"text": "x"})
    told = [record["message"] for record in as_json.records() if record["logger"].startswith("django.")]
    assert told == [
        "Method Not Allowed (POST): /projects/<uuid:project_id>/decisions/",
        "Forbidden (CSRF cookie not set.): /projects/<uuid:project_id>/messages/",
    ]
    assert str(world.cast.project.id) not in as_json.written.getvalue()


def test_a_foreign_host_is_told_in_a_line(as_json: Log) -> None:
    """Whoever looks for holes sends many: nothing is broken, and nobody is to be called."""
    assert browse().get("/", headers={"host": "evil.example"}).status_code == 400
    [told] = [record for record in as_json.records() if record["logger"] == "django.security.DisallowedHost"]
    assert (told["level"], "traceback" in told) == ("WARNING", False)
    assert "evil.example" in told["message"]


def test_what_a_library_hangs_on_a_record_stays_out(as_json: Log) -> None:
    extra = {"request": "GET /?q=secret", "job": {"args": "secret"}, "route": f"/{SECRET}", "status": 200}
    logging.getLogger("x").warning("words", extra=extra)
    [told] = as_json.records()
    assert told.keys() == {"time", "level", "logger", "message", "route", "status"}
    assert "secret" not in as_json.lines()[0]
    assert told["route"] == "/loa_***"


def test_a_traceback_is_masked_and_of_its_record(as_json: Log) -> None:
    try:
        raise ValueError(f"for {SECRET}\nsecond line")
    except ValueError:
        logging.getLogger("x").exception("it failed")
    [told] = as_json.records()
    assert "for loa_***\nsecond line" in told["traceback"]
    assert SECRET not in as_json.lines()[0]


@pytest.mark.parametrize(
    "between", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1b[2J", "\x85", "\u2028", "\u2029"]
)
def test_no_text_can_pass_for_another_record(as_json: Log, plain: Log, between: str) -> None:
    forged = f"late{between}2026-01-01 00:00:00,000 WARNING x forged"
    logging.getLogger("x").warning("it was %s", forged)
    try:
        raise ValueError(forged)
    except ValueError:
        logging.getLogger("x").exception("failed")
    assert [record["message"] for record in as_json.records()] == [f"it was {forged}", "failed"]
    begun = [line for line in plain.written.getvalue().splitlines() if not line.startswith("    ")]
    assert len(begun) == 2
    assert not any(line.startswith("2026-01-01") for line in plain.lines())
    assert "\x1b" not in plain.written.getvalue()


def test_a_request_is_one_line_without_anything_that_was_sent(
    world: World,  # noqa: F811
    as_json: Log,
) -> None:
    item = world.item("A very secret title")
    browser = browse(world.cast.ann)
    browser.get(world.path("search"), {"q": "very secret words"}, headers={"x-request-id": NAME})
    browser.post(world.path("item_edit", item_id=item.id), {"title": "very secret", "version": "0"})
    agent_program(world.cast).post(
        f"/projects/{world.cast.project.id}/agent-activity", {"action": "very secret"}
    )
    program(world.cast.ann).get("/projects/none?very=secret")
    browser.get("/very-secret")
    mcp_calls.call("very-secret", mcp_calls.report(action="very secret"))
    lines = [record for record in as_json.records() if record["logger"] == "leftoff.access"]
    first = lines[0]
    assert first["request"] == NAME
    assert (first["method"], first["status"]) == ("GET", 200)
    assert first["route"] == "/projects/<uuid:project_id>/search/"
    assert first["message"] == "GET /projects/<uuid:project_id>/search/ 200"
    assert first["queries"] > 3
    assert first["ms"] >= 0
    assert [(line["route"], line["status"]) for line in lines[-2:]] == [("unknown", 404), ("/mcp", 401)]
    assert len({line["request"] for line in lines}) == len(lines)
    for line in as_json.lines():
        assert "secret" not in line, line
        assert str(world.cast.ann.email) not in line


@pytest.mark.parametrize(
    "path",
    [
        "/account/password/reset/key/1-very-secret/",
        "/account/confirm-email/MQ:very-secret/",
        "/invitations/very-secret/",
        "/unsubscribe/very-secret/",
        "/welcome/very-secret/",
    ],
)
def test_no_line_tells_the_secret_of_a_link(
    cast: Cast, as_json: Log, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Not found, not possible, or broken: Django words the last two itself."""

    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("inside")

    browser = browse(raise_request_exception=False)
    for ask in (browser.get, browser.post, browser.put):
        ask(path)
    monkeypatch.setattr("sessions_app.middleware.TimeZoneMiddleware.__call__", broken)
    browser.get(path)
    told = as_json.lines()
    assert any(record["level"] == "ERROR" for record in as_json.records())
    assert not [line for line in told if "very-secret" in line]


def test_what_the_database_says_of_rows_stays_out(cast: Cast, as_json: Log) -> None:
    """Its own words in full would be a text of somebody's, or an e-mail address."""
    for said in (
        "Key (lower(email::text))=(ann@example.org) already exists.",
        "Failing row contains (7, ann@example.org, a first line\n\na very secret one, null).",
    ):
        raising = "do $$begin raise exception 'broken' using detail = %s, hint = 'Look there.'; end$$"
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(raising, [said])
        except DatabaseError as error:
            logging.getLogger("x").exception("failed: %s", error)
    logging.getLogger("x").warning("it was: %s", said)
    for line in as_json.lines():
        assert not {word for word in ("ann@", "secret", "PL/pgSQL") if word in line}, line
    told = as_json.records()[0]
    for text in (told["message"], told["traceback"]):
        assert "broken\nDETAIL:  ***\nHINT:  Look there.\nCONTEXT:  ***" in text
    # The traceback goes on behind it.
    assert "The above exception was the direct cause" in told["traceback"]


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        (NAME, True),
        ("6d1f4c1e-8f0a-4b57-9a53-0d6f0c1f2a10", True),
        ("short", False),
        ("x" * 65, False),
        ("line\nbreak-in-it", False),
        ("Bearer something", False),
        ("ünïcode-letters", False),
        ("", False),
    ],
)
def test_a_clients_name_for_its_request_is_taken_when_it_is_well_formed(given: str, is_taken: bool) -> None:
    assert (request_id(given) == given) is is_taken
    assert len(request_id(given)) >= 8


def test_every_answer_carries_its_name(cast: Cast) -> None:
    for path, status in (
        ("/livez", 200),
        ("/nothing/", 404),
        ("/?x=%00", 400),
        ("/api/none", 404),
        ("/", 302),
    ):
        answer = browse().get(path, headers={"x-request-id": NAME})
        assert (answer.status_code, answer.headers["X-Request-ID"]) == (status, NAME)
    assert browse().get("/livez").headers["X-Request-ID"] != browse().get("/livez").headers["X-Request-ID"]
    _status, headers = mcp_calls.call("stranger", mcp_calls.report(action="x"))
    assert len(headers["x-request-id"]) == 32


def test_a_fault_of_ours_tells_its_name_to_whoever_met_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, as_json: Log
) -> None:
    """On the page, on its notice, and in the problem of a program: the log has it too."""

    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr("sessions_app.panels.projects.page", broken)
    monkeypatch.setattr("sessions_app.services.projects.create_project", broken)
    named = {"x-request-id": NAME}
    browser = browse(cast.ann, raise_request_exception=False)
    for headers in (named, named | {"hx-request": "true"}):
        page = browser.get("/", headers=headers)
        assert (page.status_code, NAME in page.text) == (500, True)
    monkeypatch.setattr("tests.api.conftest._client.raise_request_exception", False)
    answer = program(cast.ann).post("/projects", {"title": "T"}, x_request_id=NAME)
    assert (answer.status_code, answer.json()["requestId"]) == (500, NAME)
    found = [record for record in as_json.records() if "inside" in record.get("traceback", "")]
    assert [record["request"] for record in found] == [NAME] * 3
    # What one did oneself has no name to quote, but its lines have.
    assert "requestId" not in program(cast.ann).post("/projects", {}, x_request_id="of-a-422").json()
    refused = [record for record in as_json.records() if record.get("request") == "of-a-422"]
    assert [(record["logger"], record["level"]) for record in refused] == [
        ("leftoff.access", "INFO"),
        ("django.request", "WARNING"),
    ]


def test_a_jobs_lines_tell_which_job_it_is(as_json: Log) -> None:
    from concurrent.futures import Future
    from types import SimpleNamespace

    job = SimpleNamespace(id=41, task_name="sessions_app.jobs.upkeep.upkeep")
    jobs._run(lambda: logging.getLogger("x").warning("at it"), Future(), job)  # type: ignore[arg-type]
    assert [(record["job"], record["message"]) for record in as_json.records()] == [("41", "at it")]


def test_a_format_is_chosen_or_follows_from_who_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stderr", io.StringIO())
    assert [logs.log_format("", debug=debug) for debug in (False, True)] == ["json", "plain"]
    monkeypatch.setattr("sys.stderr", Screen())
    assert logs.log_format("", debug=False) == "plain"
    assert logs.log_format("json", debug=True) == "json"
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT must be json or plain"):
        logs.log_format("xml", debug=False)


class Pipe(io.StringIO):
    """Where a handler writes to, and how often it did."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []

    def write(self, text: str) -> int:
        self.writes.append(text)
        return super().write(text)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    handler, log = WrittenTogether(), logging.getLogger("x.together")
    handler.stream = pipe = Pipe()
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield pipe
    log.removeHandler(handler)
    log.setLevel(logging.NOTSET)


def test_lines_of_one_turn_of_a_loop_are_written_at_once(pipe: Pipe) -> None:
    log = logging.getLogger("x.together")

    async def story() -> None:
        for number in range(3):
            log.info("%s", number)
        assert pipe.writes == []
        await asyncio.sleep(0)
        assert pipe.writes == ["0\n1\n2\n"]
        log.info("three")
        log.warning("four")
        assert pipe.writes[1:] == ["three\nfour\n"]
        log.info("five")
        # Another thread waits for nobody.
        await asyncio.to_thread(log.info, "six")

    asyncio.run(story())
    log.info("seven")
    assert pipe.getvalue().split() == ["0", "1", "2", "three", "four", "five", "six", "seven"]


def test_lines_go_out_whole_by_themselves_or_with_others(pipe: Pipe) -> None:
    """What is longer than PIPE_BUF another process's lines may get into."""
    log = logging.getLogger("x.together")
    said = [letter * 300 for letter in "abcdefghijklmnop\u00fc\u20ac"] + ["x" * 9_000] + ["y" * 100] * 90

    async def story() -> None:
        for words in said:
            log.info(words)

    asyncio.run(story())
    assert pipe.getvalue().splitlines() == said
    assert 3 < len(pipe.writes) < 12
    for written in pipe.writes:
        assert written.endswith("\n")
        assert len(written.encode()) <= WHOLE_BYTES or written == "x" * 9_000 + "\n"


def test_what_a_loop_that_ended_did_not_write_is_written_by_the_next(pipe: Pipe) -> None:
    log = logging.getLogger("x.together")

    def end() -> None:
        # In the loop's last turn: what it is asked to do then it does not.
        loop.stop()
        log.info("first")

    loop = asyncio.new_event_loop()
    loop.call_soon(end)
    loop.run_forever()
    loop.close()
    assert pipe.writes == []

    async def story() -> None:
        log.info("second")

    asyncio.run(story())
    assert pipe.writes == ["first\nsecond\n"]


def test_what_is_said_amid_a_write_is_written_after_it(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal's handler says it, in the very thread; Python's own buffer would refuse it."""
    log, write = logging.getLogger("x.together"), pipe.write

    def signalled(text: str) -> int:
        if text == "outer\n":
            log.warning("inner")
            assert pipe.writes == []
        return write(text)

    monkeypatch.setattr(pipe, "write", signalled)
    log.info("outer")
    assert pipe.writes == ["outer\n", "inner\n"]


@pytest.mark.parametrize("trouble", [OSError, ValueError, RuntimeError("reentrant call")])
def test_a_line_that_cannot_be_written_breaks_nothing(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def broken(_text: str) -> int:
        raise trouble

    monkeypatch.setattr(pipe, "write", broken)
    logging.getLogger("x.together").info("unheard")
    monkeypatch.undo()
    logging.getLogger("x.together").info("heard")
    assert pipe.writes == ["heard\n"]


def test_other_handlers_are_given_the_record_as_it_was(pipe: Pipe) -> None:
    [handler] = logging.getLogger("x.together").handlers
    handler.addFilter(SendersMistakes())
    handler.addFilter(MaskSecrets())
    told = {"name": SendersMistakes.NAMES[0], "levelno": logging.ERROR, "msg": "for %s", "args": (SECRET,)}
    record = logging.makeLogRecord(told)
    before = dict(record.__dict__)
    handler.handle(record)
    assert (pipe.writes, record.__dict__) == (["for loa_***\n"], before)


def test_without_a_stderr_nothing_is_written_or_kept() -> None:
    handler = WrittenTogether()
    # As in a process that was started with it closed.
    handler.stream = None
    handler.handle(logging.makeLogRecord({"msg": "unheard"}))
    assert not handler._waiting
