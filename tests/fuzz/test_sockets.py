"""The live socket under any handshake and any frames: it closes as documented, and nothing else is felt."""

from __future__ import annotations

import os
import struct
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import Phase, given
from hypothesis import strategies as st

from tests.commands.raw import Raw, RawSocket
from tests.faults.answers import shake
from tests.faults.conftest import running
from tests.faults.product import Person, Product, Stage
from tests.fuzz.budget import budget, in_time

pytestmark = in_time()

# docs/architecture.md: what the product ends a socket with; 1002 and 1007 are the protocol's own words for
# frames that are none; 1000 and what a browser said itself is said back.
DOCUMENTED = {1000, 1002, 1007, 1008, 1009, 1012, 1013, 4401, 4403}
TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
MOST_GROWTH_MB = 60
# Whoever still talks when the server has ended it may never read with which code; it is not often so.
MOST_WORDLESS = 0.1

words = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
places = st.one_of(
    st.just("a:0.0"),
    st.from_regex(r"[0-9a-f]{1,40}:[0-9]{1,25}\.[0-9]{1,25}", fullmatch=True),
    words,
)
said = st.one_of(
    places.map(lambda place: b'{"since": "' + place.encode() + b'"}'),
    st.binary(max_size=300),
    st.integers(4_000, 70_000).map(lambda size: b"x" * size),
)
# Opcode, whether it is the last of its message, reserved bits, whether it is masked, content.
frames = st.tuples(
    st.one_of(st.sampled_from([TEXT, TEXT, TEXT, 0, BINARY, CLOSE, PING, PONG]), st.integers(0, 15)),
    st.sampled_from([True, True, True, False]),
    st.sampled_from([0, 0, 0, 0, 1, 2, 4]),
    st.sampled_from([True, True, True, True, False]),
    st.one_of(said, st.integers(0, 65_535).map(lambda code: struct.pack(">H", code) + b"bye")),
)


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Product, Stage]]:
    """A product with one person and one project."""
    with running("--no-worker") as product:
        yield product, product.settle(people=1)


def framed(opcode: int, last: bool, reserved: int, masked: bool, content: bytes) -> bytes:
    """A frame as it goes over the wire."""
    size, bit = len(content), 0x80 if masked else 0
    if size < 126:
        length = bytes([bit | size])
    elif size < 65_536:
        length = bytes([bit | 126]) + struct.pack(">H", size)
    else:
        length = bytes([bit | 127]) + struct.pack(">Q", size)
    # A mask of zeros leaves the content as it is.
    return bytes([(0x80 if last else 0) | reserved << 4 | opcode]) + length + bytes(4 * masked) + content


def of_a_page(person: Person) -> list[str]:
    """The headers of this person's own page."""
    return [f"Origin: http://127.0.0.1:{person.port}", f"Cookie: {person.cookie_header()}"]


def ended_with(line: RawSocket) -> int:
    """With which code the server closed it; 0: it hung up without a word."""
    try:
        return line.close_code()
    except (AssertionError, ConnectionError):
        return 0


def megabytes(pid: int) -> float:
    """How much memory a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def test_any_frames_end_a_socket_as_documented(stage: tuple[Product, Stage]) -> None:
    product, made = stage
    (person,) = made.people
    path, headers = made.path("live/?since=a:0.0"), of_a_page(person)
    before = megabytes(product.web.popen.pid)
    codes: Counter[int] = Counter()

    @budget(100, phases=[Phase.generate, Phase.shrink])
    @given(st.lists(frames, min_size=1, max_size=6))
    def say(them: list[tuple[int, bool, int, bool, bytes]]) -> None:
        line, status = shake(product.web.port, path, *headers)
        try:
            assert status == 101
            # The last word is always goodbye: whatever came before it, the socket ends.
            goodbye = (CLOSE, True, 0, True, struct.pack(">H", 1000))
            with suppress(ConnectionError):
                for frame in (*them, goodbye):
                    line.tcp.sendall(framed(*frame))
            code = ended_with(line)
            codes[code] += 1
            own = {
                struct.unpack(">H", content[:2])[0]
                for kind, *_, content in them
                if kind == CLOSE and content[1:]
            }
            assert code in DOCUMENTED | own | {0, 1005}, code
        finally:
            line.tcp.close()

    say()
    assert codes[0] <= codes.total() * MOST_WORDLESS, codes
    still_well(product, person, made, before)


def test_any_handshake_is_answered(stage: tuple[Product, Stage]) -> None:
    """Any path, origin, place and header; only the page's own opens one."""
    product, made = stage
    (person,) = made.people
    mine = of_a_page(person)
    before = megabytes(product.web.popen.pid)
    paths = st.one_of(
        places.map(lambda place: made.path(f"live/?since={place}")),
        st.builds("{}?{}".format, st.sampled_from([made.path("live/"), made.path("live"), "/live/"]), words),
        words.map(lambda word: f"/{word}"),
        words.map(lambda word: f"/projects/{word}/live/"),
    )
    others = st.one_of(
        words.map("Origin: {}".format),
        words.map("Cookie: sessionid={}".format),
        words.map("Authorization: Bearer {}".format),
        words.map("Sec-WebSocket-Key: {}".format),
        words.map("Sec-WebSocket-Version: {}".format),
        words.map("Sec-WebSocket-Protocol: {}".format),
        words.map("Sec-WebSocket-Extensions: {}".format),
        words.map("Daphne-Root-Path: /{}".format),
    )

    @budget(150, phases=[Phase.generate, Phase.shrink])
    @given(paths, st.lists(others, max_size=2))
    def ask(path: str, more: list[str]) -> None:
        replaced = {header.partition(":")[0] for header in more}
        headers = [header for header in mine if header.partition(":")[0] not in replaced]
        line, status = shake(product.web.port, path, *headers, *more)
        line.tcp.close()
        assert status in {101, 400, 403, 404, 405, 426}, status
        if any(header.startswith(("Origin", "Cookie", "Authorization")) for header in more):
            assert status != 101

    ask()
    still_well(product, person, made, before)


def still_well(product: Product, person: Person, made: Stage, before: float) -> None:
    """The server serves, says nothing of a failure in its log, and holds no more memory than a little."""
    assert person.get(made.path(""))[0] == 200
    with Raw(product.web.port).tcp as idle:
        assert idle.fileno() > 0
    assert product.web.popen.poll() is None
    assert "Traceback" not in product.logs(), product.logs()[-5_000:]
    assert megabytes(product.web.popen.pid) - before < MOST_GROWTH_MB
