"""Run the product: database, migrations, web server and worker."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from sessions_app.demo import people as demo_people
from sessions_app.first_owner import first_owner_link
from sessions_app.management import database, serving
from sessions_app.models import User


class Command(BaseCommand):
    help = "Start everything (the embedded PostgreSQL when DATABASE_URL is unset), migrate, and serve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        serving.add_arguments(parser)

    def handle(self, **options: Any) -> None:  # noqa: ANN401 -- Django's signature
        """Serve until Ctrl-C. While nobody has an account, print the first owner's one-time link."""
        speaks = serving.tls_options(options["tls_cert"], options["tls_key"])
        serving.listen_at(options["host"], options["port"])
        with serving.starting():
            self._serve(options, speaks)

    def _serve(self, options: dict[str, Any], speaks: Any) -> None:  # noqa: ANN401 -- Twisted's
        database.prepare(self.stdout.write)
        link = "" if User.objects.exists() else first_owner_link()

        def announce() -> None:
            self.stdout.write(self.style.SUCCESS(f"Leftoff is at {settings.BASE_URL}/"))
            if demo_people.are_there():
                self.stdout.write(
                    self.style.WARNING(
                        "This data is the demo's, whose passwords are public. "
                        "DATA_DIR=… manage.py serve starts afresh elsewhere."
                    )
                )
            if link:
                self.stdout.write(f"Nobody has an account yet. Make the first one, once, at\n  {link}")
            self.stdout.write("Ctrl-C stops it.")
            self.stdout.flush()

        serving.serve(options, announce, speaks)
