#!/usr/bin/env python
"""Django's command-line entry point."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    finally:
        # What a command changed is shown on open pages too: its hints leave before it does.
        if "sessions_app.live.hints" in sys.modules:
            sys.modules["sessions_app.live.hints"].hints.close()


if __name__ == "__main__":
    main()
