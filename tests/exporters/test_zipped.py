"""A ZIP that is written while it is sent."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

from sessions_app.exporters.zipped import zip_pieces
from tests.exporters.making import WHEN


def test_the_pieces_are_a_zip() -> None:
    long_ago = dt.datetime(1066, 10, 14, tzinfo=dt.UTC)
    made = zip_pieces(
        [("0001-one.md", WHEN, ["Ünï" * 4_000, "Ünï" * 5_000]), ("0002-two.md", long_ago, ["two"])]
    )
    pieces = list(made)
    # A piece for each file, so that the first is on its way before the last is read.
    assert len(pieces) == 3
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["0001-one.md", "0002-two.md"]
        assert archive.read("0001-one.md").decode() == "Ünï" * 9_000
        assert [entry.date_time[0] for entry in archive.infolist()] == [2026, 1980]


def test_nothing_is_an_empty_zip() -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(zip_pieces([])))) as archive:
        assert archive.namelist() == []
