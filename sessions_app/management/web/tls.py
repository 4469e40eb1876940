"""TLS where no proxy in front speaks it: with HTTP/2 for whoever knows it, sockets by HTTP/1.1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificates
from OpenSSL import SSL
from twisted.internet.ssl import CertificateOptions, TLSVersion
from twisted.protocols.tls import TLSMemoryBIOFactory

PROTOCOLS = [b"h2", b"http/1.1"]


class NoCertificate(Exception):
    """A file of the certificate or its key cannot be used; its text says which, and why."""


def options(certificate: Path, key: Path) -> Any:  # noqa: ANN401 -- Twisted's
    """What TLS is spoken with: PEM files, the certificate first and whoever signed it after it.

    Raises NoCertificate.
    """
    try:
        own, *others = load_pem_x509_certificates(certificate.read_bytes())
    except OSError as trouble:
        raise NoCertificate(f"{certificate}: {trouble.strerror}") from None
    except ValueError:
        raise NoCertificate(f"{certificate} holds no certificate as PEM.") from None
    try:
        private = load_pem_private_key(key.read_bytes(), password=None)
    except OSError as trouble:
        raise NoCertificate(f"{key}: {trouble.strerror}") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise NoCertificate(f"{key} holds no key as PEM that needs no password.") from None
    found = CertificateOptions(
        privateKey=private,
        certificate=own,
        extraCertChain=others,
        acceptableProtocols=PROTOCOLS,
        raiseMinimumTo=TLSVersion.TLSv1_2,
    )
    try:
        found.getContext()
    except SSL.Error:
        raise NoCertificate(f"The key in {key} is not that of {certificate}.") from None
    return found


def spoken_by(factory: Any, chosen: Any) -> Any:  # noqa: ANN401 -- Twisted's
    """A factory of connections that speak TLS around those of `factory`; `chosen` is `options()`."""
    return TLSMemoryBIOFactory(chosen, False, factory)
