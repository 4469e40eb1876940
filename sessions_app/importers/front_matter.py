"""The small part of YAML that stands above a decision record; the rest of YAML is left alone."""

from __future__ import annotations

import re

FENCE = "---"

_BLOCK = re.compile(r"[|>][+-]?\d?$")


def split(lines: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Part the front matter from the body.

    Args:
        lines: a whole file.

    Returns:
        Each field by its lower-case name as a list of values (a scalar is a list of one, nothing is an
        empty list), and the lines of the body. A fence that never closes is a ruler of the body.
    """
    if not lines or lines[0].rstrip() != FENCE:
        return {}, lines
    for end, line in enumerate(lines[1:], start=1):
        if line.rstrip() in (FENCE, "..."):
            return _fields(lines[1:end]), lines[end + 1 :]
    return {}, lines


def _fields(lines: list[str]) -> dict[str, list[str]]:
    raw: dict[str, list[str]] = {}
    name = None
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        word, colon, value = line.partition(":")
        if line[0] in " \t-":  # belongs to the field above; a list item needs no indent in YAML
            if name:
                raw[name].append(line.strip())
        elif colon and (not value or value[0].isspace()):
            name = word.strip().lower()
            raw[name] = [value]
    return {name: _values(first.strip(), rest) for name, (first, *rest) in raw.items()}


def _values(first: str, rest: list[str]) -> list[str]:
    if _BLOCK.match(first):
        return [" ".join(rest)]
    if first.startswith("["):
        return [value for part in _parts(" ".join([first, *rest])) if (value := _scalar(part))]
    if not _uncommented(first) and rest and rest[0].startswith("-"):
        items = (line[1:].strip() for line in rest if line.startswith("-"))
        return [value for item in items if (value := _scalar(item))]
    value = _scalar(" ".join([first, *rest]).strip())
    return [value] if value else []


def _parts(inline: str) -> list[str]:
    """The parts of `[a, "b, c"]`; commas inside quotes do not part."""
    parts, quote = [""], ""
    for char in inline[1:]:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and not parts[-1].strip():
            quote = char
        elif char == "]":
            break
        elif char == ",":
            parts.append("")
            continue
        parts[-1] += char
    return [part.strip() for part in parts]


def _scalar(text: str) -> str:
    if text[:1] == "'" and (end := re.match(r"'((?:[^']|'')*)'", text)):
        return end[1].replace("''", "'").strip()
    if text[:1] == '"' and (end := re.match(r'"((?:[^"\\]|\\.)*)"', text)):
        return re.sub(r"\\(.)", r"\1", end[1]).strip()
    text = _uncommented(text)
    return "" if text.lower() in ("null", "~") else text


def _uncommented(text: str) -> str:
    return re.split(r"(?:^|\s)#", text, maxsplit=1)[0].rstrip()
