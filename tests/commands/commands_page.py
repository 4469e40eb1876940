"""docs/operations/commands.md, made of each command's own `--help`.

`python -m tests.commands.commands_page` writes it.
"""

from __future__ import annotations

import os
from argparse import SUPPRESS
from pathlib import Path

import django
from django.core.management import get_commands, load_command_class
from django.core.management.base import DjangoHelpFormatter

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations" / "commands.md"
BEGIN = """# Commands

`manage.py COMMAND --help` tells what stands here. Every command also takes Django's options,
such as `--verbosity` and `--no-color`. It ends with 0 when all is well, with 1 and one sentence when it
cannot do what it was asked, and with 2 when it does not understand its arguments.

Made by `python -m tests.commands.commands_page`.
"""


def names() -> list[str]:
    """The product's own commands."""
    return sorted(name for name, app in get_commands().items() if app == "sessions_app")


def page() -> str:
    """The whole page."""
    return BEGIN + "".join(f"\n## {name}\n\n```\n{help_of(name)}```\n" for name in names())


def help_of(name: str) -> str:
    """What `manage.py <name> --help` prints, without the options that every command has."""
    parser = load_command_class("sessions_app", name).create_parser("manage.py", name)
    for option in parser._actions:
        if {*option.option_strings} & (DjangoHelpFormatter.show_last | {"--help"}):
            option.help = SUPPRESS
    return parser.format_help()


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    # The width of a page, whatever the terminal's is.
    os.environ["COLUMNS"] = "100"
    django.setup()
    PAGE.write_text(page(), encoding="utf-8")
