"""Texts that people and agents send: one rule for all doors."""

from __future__ import annotations

from sessions_app.services.errors import Invalid


def clean_text(value: str, field: str, *, most: int, required: bool = False) -> str:
    """Return `value` without surrounding white space and with plain newlines.

    Raises Invalid naming `field` when it is empty though required, longer than `most` characters,
    or holds what PostgreSQL cannot store (NUL, lone surrogates).
    """
    text = value.replace("\r\n", "\n").strip()
    if required and not text:
        raise Invalid(field, "must not be empty.")
    if len(text) > most:
        raise Invalid(field, f"must have at most {most:,} characters; this has {len(text):,}.")
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Invalid(field, "holds characters that are not text (NUL or half a surrogate pair).")
    return text


def clean_line(value: str, field: str, *, most: int, required: bool = True) -> str:
    """The same for one line: newlines and tabs become single spaces."""
    return clean_text(" ".join(value.split()), field, most=most, required=required)
