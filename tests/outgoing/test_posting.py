"""One POST: what counts as success, and what a receiver cannot do to us."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from pathlib import Path

import pytest

from sessions_app.outgoing import addresses, connecting, posting
from sessions_app.outgoing.posting import post
from sessions_app.services.deliveries import Outcome
from tests.certificates import certificate_of
from tests.outgoing.receiver import DRIP_SECONDS, Receiver, drip, endless, garbage, hang_up, receiving, status

REFUSED = "its name leads to a private or local address, where nothing is sent"


def send(url: str, whole_seconds: float = 5) -> Outcome:
    return post(url, {"X-Own": "yes"}, b"{}", whole_seconds=whole_seconds)


def test_a_success_is_any_2xx(receiver: Receiver) -> None:
    for code in (200, 201, 202, 204, 299):
        receiver.answers.append(status(code))
        assert send(receiver.url) == Outcome(code)
    [first, *_] = receiver.got
    assert (first.path, first.body, first.headers["x-own"]) == ("/hook?of=leftoff", b"{}", "yes")
    assert first.headers["host"] == receiver.url.split("/")[2]


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(receiver: Receiver, code: int) -> None:
    receiver.answers.append(status(code, Location=receiver.url + "&again"))
    assert send(receiver.url) == Outcome(code, f"answered {code}: redirects are not followed")
    assert len(receiver.got) == 1


def test_every_other_status_is_a_failure(receiver: Receiver) -> None:
    receiver.answers += [status(500), status(404), status(410)]
    assert send(receiver.url) == Outcome(500, "answered 500")
    assert send(receiver.url) == Outcome(404, "answered 404")
    assert send(receiver.url) == Outcome(410, "answered 410: it wants no more", is_final=True)


def test_what_is_no_http_is_a_failure(receiver: Receiver) -> None:
    receiver.answers += [garbage, hang_up]
    for _ in range(2):
        assert send(receiver.url).error.startswith("does not speak HTTP as it should")


def test_nobody_there_is_a_failure(receiver: Receiver) -> None:
    with receiving() as gone:
        pass
    assert send(gone.url).error.startswith("no connection: ")
    assert send("http://nobody.invalid/", 20) == Outcome(error="its name is not known")


def test_an_answer_that_never_comes_is_given_up(monkeypatch, receiver: Receiver) -> None:
    monkeypatch.setattr(posting, "READ_SECONDS", 0.2)
    given_up = threading.Event()
    receiver.answers.append(lambda _handler: given_up.wait(60))
    assert send(receiver.url).error.startswith("no answer within")
    given_up.set()


def test_one_that_drips_is_given_up_too(receiver: Receiver) -> None:
    """Each byte comes within the limit of a read; the whole does not."""
    receiver.answers.append(drip)
    started = time.monotonic()
    assert send(receiver.url, 1) == Outcome(error="not done within 1 s")
    assert time.monotonic() - started < DRIP_SECONDS / 2


def test_an_endless_answer_is_not_read(receiver: Receiver) -> None:
    receiver.answers.append(endless)
    assert send(receiver.url) == Outcome(200)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0"])
def test_nothing_reaches_this_machine_unless_it_is_allowed(receiver: Receiver, settings, host: str) -> None:
    port = receiver.url.split("/")[2].split(":")[1]
    settings.WEBHOOK_ALLOW_PRIVATE = False
    assert send(f"http://{host}:{port}/") == Outcome(error=REFUSED)
    assert receiver.got == []


def test_the_address_that_was_judged_is_the_one_connected_to(receiver: Receiver, monkeypatch) -> None:
    """A name that tells another address at each look-up is looked up once."""
    told = []
    really = socket.getaddrinfo

    def rebinding(host: str, *more: object, **named: object) -> object:
        if host != "rebinding.example":
            return really(host, *more, **named)
        told.append(host)
        address = "127.0.0.1" if len(told) == 1 else "127.0.0.2"
        return really(address, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    port = receiver.url.split("/")[2].split(":")[1]
    assert send(f"http://rebinding.example:{port}/") == Outcome(204)
    assert told == ["rebinding.example"]
    assert receiver.got[0].headers["host"] == f"rebinding.example:{port}"


def test_of_several_addresses_only_public_ones_are_tried(monkeypatch) -> None:
    tried = []
    monkeypatch.setattr(connecting, "resolve", lambda *_: ["10.0.0.1", "8.8.8.8", "::1", "9.9.9.9"])

    def connect(_backend: object, address: str, *_more: object) -> None:
        tried.append(address)
        raise connecting.httpcore2.ConnectError("nobody there")

    monkeypatch.setattr(connecting.httpcore2.SyncBackend, "connect_tcp", connect)
    assert send("http://several.example/") == Outcome(error="no connection: nobody there")
    assert tried == ["8.8.8.8", "9.9.9.9"]


def test_a_name_server_that_does_not_answer_takes_no_longer(monkeypatch) -> None:
    given_up, told = threading.Event(), []

    def look_up(*_: object, **__: object) -> list[object]:
        told.append(given_up.wait(60))
        return []

    monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)
    assert send("http://slow.example/", 0.3).error != ""
    assert told == []
    given_up.set()


def test_no_proxy_of_the_environment_is_used(receiver: Receiver, monkeypatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert send(receiver.url) == Outcome(204)


def test_a_certificate_must_be_good_for_the_name(receiver: Receiver, tmp_path: Path, monkeypatch) -> None:
    """TLS speaks of the name, not of the address: only who can prove it is sent anything."""
    certificate, key = certificate_of("hooks.example", tmp_path)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with receiving(served) as secure:
        port = secure.url.split("/")[2].split(":")[1]
        assert "certificate verify failed" in send(f"https://127.0.0.1:{port}/").error
        monkeypatch.setattr(posting, "_tls", lambda: trusting)
        monkeypatch.setattr(connecting, "resolve", lambda *_: ["127.0.0.1"])
        assert send(f"https://hooks.example:{port}/") == Outcome(204)
        assert "certificate verify failed" in send(f"https://other.example:{port}/").error
    assert len(secure.got) == 1
