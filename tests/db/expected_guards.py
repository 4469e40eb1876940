"""sessions_app/db/guards.json, made of a database as the migrations leave it.

`DATA_DIR=/tmp/new python -m tests.db.expected_guards` writes it, of an embedded database made for that.
"""

from __future__ import annotations

import json
import os

import django
from django.core.management import call_command


def text() -> str:
    """The whole file."""
    from sessions_app.db import guards

    return json.dumps(guards.found(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    from sessions_app.db import guards

    call_command("migrate", verbosity=0)
    guards.FILE.write_text(text(), encoding="utf-8")
