"""Files as a ZIP that is written while it is sent: nothing but the part at hand is kept."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Iterator

# What a ZIP can date.
_FIRST_YEAR, _LAST_YEAR = 1980, 2107
PIECE_BYTES = 16 * 1024


def zip_pieces(files: Iterable[tuple[str, dt.datetime, Iterable[str]]]) -> Iterator[bytes]:
    """The pieces of a ZIP of these files, each a name, a moment and the parts of a text."""
    sent = _Sent()
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, moment, texts in files:
            with archive.open(_entry(name, moment), "w") as entry:
                for text in texts:
                    entry.write(text.encode())
                    if sent.is_piece:
                        yield sent.take()
            yield sent.take()
    yield sent.take()


class _Sent(io.RawIOBase):
    """A file that cannot go back: what was written to it is taken away."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        self._pieces.append(bytes(piece))
        self._bytes += len(piece)
        return len(piece)

    @property
    def is_piece(self) -> bool:
        """Whether it is worth sending."""
        return self._bytes >= PIECE_BYTES

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        self._bytes = 0
        return taken


def _entry(name: str, moment: dt.datetime) -> zipfile.ZipInfo:
    when = moment.astimezone(dt.UTC)
    year = min(max(when.year, _FIRST_YEAR), _LAST_YEAR)
    entry = zipfile.ZipInfo(name, (year, when.month, when.day, when.hour, when.minute, when.second))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
