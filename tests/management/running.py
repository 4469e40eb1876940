"""Commands run as somebody types them, in the tests' own process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.core.management import CommandError, call_command


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    error: str

    @property
    def document(self) -> Any:
        """The JSON on stdout: there is nothing else there."""
        return json.loads(self.out)


def manage(name: str, *typed: str, **known: Any) -> Ran:
    """Run `manage.py name typed…`; `known` are options that are no words, such as a file that is open."""
    out = StringIO()
    try:
        call_command(name, *typed, stdout=out, stderr=StringIO(), **known)
    except CommandError as failed:
        # What argparse refuses is "Error: …" in-process, and 2 from a command line.
        is_usage = str(failed).startswith("Error: ")
        return Ran(2 if is_usage else failed.returncode, out.getvalue(), str(failed))
    return Ran(0, out.getvalue(), "")
