"""Which addresses deliveries may go to: the public internet, and nothing of the operator's own."""

from __future__ import annotations

import queue
import socket
import threading
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# Where IPv6 has its public addresses. Everything else is local, mapped, translated or not given out:
# ::1, ::ffff:0:0/96, 64:ff9b::/96, fc00::/7, fe80::/10, ff00::/8.
_PUBLIC_V6 = IPv6Network("2000::/3")
# Inside it, but only wrappings of IPv4 addresses: Teredo and 6to4.
_WRAPPED_V4 = (IPv6Network("2001::/32"), IPv6Network("2002::/16"))


def is_public(address: str) -> bool:
    """Whether an address, as text, is one of the public internet."""
    found = ip_address(address.partition("%")[0])
    if not found.is_global or found.is_multicast or found.is_reserved:
        return False
    if isinstance(found, IPv4Address):
        return True
    return _is_plain_v6(found)


def resolve(host: str, port: int, timeout: float) -> list[str]:
    """The addresses a name leads to, as text, in the order the system prefers.

    Raises TimeoutError, and OSError when the name is not known. The system's own look-up has no limit
    to its time, so it runs beside us.
    """
    answers: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()
    threading.Thread(target=_look_up, args=[host, port, answers], name="resolver", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise TimeoutError(f"{host} was not found in time") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _is_plain_v6(address: IPv6Address) -> bool:
    return address in _PUBLIC_V6 and not any(address in wrapped for wrapped in _WRAPPED_V4)


def _look_up(host: str, port: int, answers: queue.SimpleQueue[list[str] | OSError]) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as unknown:
        answers.put(unknown)
    except UnicodeError as no_name:
        answers.put(OSError(str(no_name)))
    else:
        answers.put(list(dict.fromkeys(str(each[4][0]) for each in found)))
