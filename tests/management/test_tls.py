"""TLS that the server speaks itself: files that fit, and what is agreed on with a browser."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import daphne.server  # noqa: F401 -- chooses Twisted's reactor, before anybody asks for it
import pytest
from cryptography import x509
from daphne.http_protocol import HTTPFactory
from django.core.management.base import CommandError
from OpenSSL import SSL
from twisted.internet.testing import StringTransport

from sessions_app.management import serving
from sessions_app.management.web import tls
from tests.certificates import certificate_of


def agreed(options: object, offered: list[bytes]) -> tuple[bytes, list[str]]:
    """What a browser that offers these protocols speaks with us, and whose certificates it was shown."""
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_alpn_protos(offered)
    browser, transport = SSL.Connection(context), StringTransport()
    browser.set_connect_state()
    transport.setTcpNoDelay = lambda _is_wanted: None
    server = tls.spoken_by(HTTPFactory(None), options).buildProtocol(None)
    server.makeConnection(transport)
    for _ in range(3):
        with suppress(SSL.WantReadError):
            browser.do_handshake()
        with suppress(SSL.WantReadError):
            server.dataReceived(browser.bio_read(64 * 1024))
        if said := transport.value():
            browser.bio_write(said)
        transport.clear()
    shown = browser.get_peer_cert_chain(as_cryptography=True) or []
    names = [str(each.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value) for each in shown]
    return browser.get_alpn_proto_negotiated(), names


def test_http2_is_agreed_on_where_it_is_offered(tmp_path: Path) -> None:
    options = tls.options(*certificate_of("a", tmp_path))
    assert agreed(options, [b"h2", b"http/1.1"])[0] == b"h2"
    assert agreed(options, [b"http/1.1"])[0] == b"http/1.1"


def test_a_chain_is_shown_whole(tmp_path: Path) -> None:
    certificate, key = certificate_of("a", tmp_path)
    other, _ = certificate_of("b", tmp_path)
    certificate.write_bytes(certificate.read_bytes() + other.read_bytes())
    assert agreed(tls.options(certificate, key), [b"h2"])[1] == ["a", "b"]


def test_files_that_do_not_fit_are_named(tmp_path: Path) -> None:
    certificate, key = certificate_of("a", tmp_path)
    other = certificate_of("b", tmp_path)[1]
    none = tmp_path / "none"
    for bad, words in (
        ((none, key), "none: No such file"),
        ((certificate, none), "none: No such file"),
        ((key, key), "a.key holds no certificate"),
        ((certificate, certificate), "a.pem holds no key"),
        ((certificate, other), "is not that of"),
    ):
        with pytest.raises(tls.NoCertificate, match=words):
            tls.options(*bad)


def test_it_wants_both_files_and_an_address_by_https(tmp_path: Path, settings: object) -> None:
    files = certificate_of("a", tmp_path)
    assert serving.tls_options(None, None) is None
    with pytest.raises(CommandError, match="both or neither"):
        serving.tls_options(files[0], None)
    settings.USES_TLS = False  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="BASE_URL has to begin with https://"):
        serving.tls_options(*files)
    settings.USES_TLS = True  # type: ignore[attr-defined]
    assert serving.tls_options(*files)
    with pytest.raises(CommandError, match="No such file"):
        serving.tls_options(files[0], tmp_path / "none")
