"""What the operators' commands have in common, so that they look alike and a script can rely on each."""

from __future__ import annotations

import getpass
import json
import logging
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.db import InterfaceError, OperationalError
from rich.console import Console
from rich.progress import Progress

from sessions_app.embedded import EmbeddedError
from sessions_app.management import database, leaving
from sessions_app.services.errors import ServiceError

# Who ran what on this machine, and what came of it; ids and numbers, never texts or secrets.
audit = logging.getLogger("sessions_app.audit")

_EXAMPLES = "examples:"
_EXIT_CODES = """
exit codes: 0 done, 1 refused or failed (the reason is on stderr), 2 wrong usage.
With --json stdout holds one JSON document and nothing else."""
_INTERRUPTED = "Interrupted. What was done is done and nothing is half done: run it again for the rest."


@dataclass
class Report:
    """What a command has to say: as a document for programs, as lines for people.

    `failed` is the sentence it fails with after all that; "" when it did not.
    """

    document: dict[str, Any]
    lines: list[str] = field(default_factory=list)
    failed: str = ""


class TeachingCommand(BaseCommand):
    """A command with examples in its help, --json, and where it changes things --dry-run.

    Whoever writes one implements `arguments` and `run`.
    """

    # A line each, as typed.
    examples: ClassVar[tuple[str, ...]] = ()
    # Offered where there is something to try out.
    has_dry_run: ClassVar[bool] = True
    # Refused on a database that is not of this release.
    needs_database: ClassVar[bool] = True

    def arguments(self, parser: CommandParser) -> None:
        """Add what is this command's own."""

    def run(self, options: dict[str, Any]) -> Report:
        """Do it. Raises CommandError (exit code 1) when it cannot; nothing is half done then."""
        raise NotImplementedError

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:  # noqa: ANN401
        """Django's, with the examples at its end."""
        typed = "\n".join(f"  manage.py {subcommand} {example}".rstrip() for example in self.examples)
        kwargs |= {"epilog": f"{_EXAMPLES}\n{typed}\n{_EXIT_CODES}", "formatter_class": _Formatter}
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        assert isinstance(parser, CommandParser)
        self.arguments(parser)
        if self.has_dry_run:
            parser.add_argument("--dry-run", action="store_true", help="change nothing, only say what would")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def execute(self, *args: Any, **options: Any) -> str | None:  # noqa: ANN401 -- Django's signature
        """Run it; what goes wrong is a sentence and an exit code, not a traceback."""
        try:
            with leaving.interruptible(_INTERRUPTED):
                return super().execute(*args, **options)
        except ServiceError as refused:
            raise CommandError(str(refused)) from refused
        except (EmbeddedError, OperationalError, InterfaceError) as trouble:
            raise CommandError(f"The database cannot be used: {trouble}") from trouble

    def handle(self, **options: Any) -> None:  # noqa: ANN401 -- Django's signature
        """Run it and print its report. Raises CommandError when it failed."""
        if self.needs_database:
            database.require_ready()
        report = self.run(options)
        if options["json"]:
            self.stdout.write(json.dumps(report.document, ensure_ascii=False, default=str))
        else:
            for line in report.lines:
                self.stdout.write(line)
        if report.failed:
            raise CommandError(report.failed)

    def note(self, **did: object) -> None:
        """Leave a line in the log of who changed what by this command."""
        name = self.__module__.rpartition(".")[2]
        told = " ".join(f"{key}={value}" for key, value in did.items())
        audit.info("%s by %s: %s", name, _who(), told)

    @contextmanager
    def progress(self, what: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """A bar on stderr while the block runs, on a terminal only; call what it yields with each advance.

        `total` None: nobody knows how much there is.
        """
        with _bars() as bars:
            bar = bars.add_task(what, total=total)
            yield lambda advance: bars.advance(bar, advance)

    @contextmanager
    def progress_so_far(self, what: str) -> Iterator[Callable[[int, int], None]]:
        """The same for work that tells how much is done by now, and of how much."""
        with _bars() as bars:
            bar = bars.add_task(what, total=None)
            yield lambda done, total: bars.update(bar, completed=done, total=total)


class _Formatter(DjangoHelpFormatter):
    """Leaves the lines of the examples as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if text.startswith(_EXAMPLES) else super()._fill_text(text, width, indent)


def _bars() -> Progress:
    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "a user without a name"
