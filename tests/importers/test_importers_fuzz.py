"""Whatever the bytes are: no reader raises, every record ends in one place, every row can be stored."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from sessions_app.importers import read
from sessions_app.importers.rows import KEY_MAX, PERSON_MAX, REASON_MAX, TEXT_MAX, TITLE_MAX

# Keys and values are drawn from few, so that the draws meet each other and the reader's own words.
KEYS = st.sampled_from(["a", "b", "c", "", " "])
WORDS = st.sampled_from(
    ["open", "closed", "deferred", "tombstone", "task", "message", "blocks", "2025-01-01"]
)
TEXTS = st.one_of(KEYS, WORDS, st.text(alphabet=st.characters(), max_size=20))
ANY = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)
LINKS = st.fixed_dictionaries(
    {"depends_on_id": KEYS, "type": st.sampled_from(["blocks", "blocks", "related"])},
    optional={"issue_id": KEYS},
)
TEXT_FIELDS = [
    "status",
    "issue_type",
    "description",
    "notes",
    "close_reason",
    "assignee",
    "updated_at",
    "closed_at",
]
BEADS = st.fixed_dictionaries(
    {"id": KEYS, "title": TEXTS},
    optional=dict.fromkeys(TEXT_FIELDS, st.one_of(TEXTS, TEXTS, ANY))
    | {"dependencies": st.one_of(st.lists(LINKS, max_size=4), ANY)},
)
LINES = st.one_of(
    BEADS.map(lambda value: json.dumps(value).encode()),
    ANY.map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=40),
)

MARKDOWN_LINES = """\
---
# 1. Fence
# Status
## Status
## Status: done
✅ Accepted
Superseded by [8](8.md)
status: [a, 'b'
Date: 1/2/03
date: 0001-01-01T00:00+14:00
deciders:
- Ann
a: |
## Decision
We will:
* [a][b]
[b]: x
```
<!--
-->
~~x~~ **b

""".splitlines()
LINE = st.one_of(st.sampled_from(MARKDOWN_LINES), st.text(max_size=9))
MARKDOWN = st.lists(LINE, max_size=12).map(lambda lines: "\n".join(lines).encode())
NAMES = st.sampled_from(["1-a", "01-b", "ADR-1", "readme", "notes", "0000-template", "x/1-a", "2022-01-01-x"])


@given(st.binary(max_size=300))
def test_arbitrary_bytes_as_a_log(data):
    assert_accounted_for(read_log(data))


@given(st.lists(LINES, max_size=8))
def test_arbitrary_lines_in_a_log(lines):
    data = b"\n".join(lines)
    reading = read_log(data)
    assert_accounted_for(reading)
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    assert reading.read == sum(1 for line in lines if line.strip())


@given(NAMES, st.binary(max_size=300))
def test_arbitrary_bytes_as_a_record(name, data):
    reading = read_folder({name: data})
    assert_accounted_for(reading)
    assert reading.read == 1


@given(st.dictionaries(NAMES, MARKDOWN, max_size=4))
def test_arbitrary_markdown_in_a_folder(files):
    reading = read_folder(files)
    assert_accounted_for(reading)
    assert reading.read == len(files)


def read_log(data):
    with TemporaryDirectory() as folder:
        path = Path(folder, "work.jsonl")
        path.write_bytes(data)
        return read(path)


def read_folder(files):
    with TemporaryDirectory() as folder:
        for name, data in files.items():
            path = Path(folder, f"{name}.md")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        return read(Path(folder))


def assert_accounted_for(reading):
    ends = [len(reading.rows), len(reading.gone), sum(reading.skipped.values()), len(reading.problems)]
    assert sum(ends) == reading.read
    keys = [row.key for row in reading.rows]
    assert len({*keys, *reading.gone}) == len(keys) + len(reading.gone)
    for row in reading.rows:
        assert_storable(row)
        assert set(row.waits_for) <= set(keys) - {row.key}


def assert_storable(row):
    texts = {
        row.title: TITLE_MAX,
        row.text: TEXT_MAX,
        row.reason: REASON_MAX,
        row.key: KEY_MAX,
        row.where: 5_000,
    }
    for text, limit in [*texts.items(), *((name, PERSON_MAX) for name in row.people)]:
        assert len(text) <= limit
        assert "\0" not in text
        text.encode()
    assert row.title.strip()
    assert row.key.strip()
    assert row.date is None or row.date.utcoffset().total_seconds() == 0
    assert row.state in ("exploring", "decided", "parked")
    assert row.state != "exploring" or row.reason == ""
