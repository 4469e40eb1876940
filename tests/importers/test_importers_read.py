"""`read` tells formats apart, and refuses a path as a whole with a sentence that helps."""

from __future__ import annotations

import os

import pytest

from sessions_app.importers import ImportFormatError, read

LINE = '{"id": "a-1", "title": "Paint the fence", "status": "open"}\n'


def test_a_folder_is_adr_and_a_jsonl_file_is_beads(tmp_path):
    (tmp_path / "001-fence.md").write_text("# Fence\n")
    log = tmp_path / "work.jsonl"
    log.write_text(LINE)
    assert [row.where for row in read(tmp_path).rows] == ["001-fence.md"]
    assert [row.where for row in read(log).rows] == ["work.jsonl:1"]


def test_a_named_format_needs_no_ending(tmp_path):
    log = tmp_path / "issues.json"
    log.write_text(LINE)
    assert read(log, "beads").read == 1


@pytest.mark.parametrize("kind", [None, "beads", "adr", "jira"])
def test_what_cannot_be_read_at_all_says_what_is_expected(tmp_path, kind):
    path = tmp_path / "notes.txt"
    if kind is None:
        path.write_text("hello")
    with pytest.raises(ImportFormatError, match=r"folder|\.jsonl"):
        read(path, kind)


def test_a_missing_path_says_so(tmp_path):
    with pytest.raises(ImportFormatError, match="does not exist"):
        read(tmp_path / "gone.jsonl")


def test_each_reader_refuses_the_others_shape(tmp_path):
    log = tmp_path / "work.jsonl"
    log.write_text(LINE)
    with pytest.raises(ImportFormatError, match="not a folder"):
        read(log, "adr")
    with pytest.raises(ImportFormatError, match="not a file"):
        read(tmp_path, "beads")


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(ImportFormatError):
        read(tmp_path / "pipe.jsonl")


def test_progress_goes_up_to_its_total(tmp_path):
    log = tmp_path / "work.jsonl"
    log.write_text(LINE + "\n" + LINE.replace("a-1", "a-2").strip())
    seen = []
    read(log, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_an_empty_source_is_an_empty_reading(tmp_path):
    (tmp_path / "work.jsonl").write_bytes(b"")
    assert read(tmp_path / "work.jsonl").read == 0
    assert read(tmp_path).rows == ()
