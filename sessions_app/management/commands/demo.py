"""Run the product with a lived-in demo to look around in."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sessions_app.demo.seed import seed
from sessions_app.management import database, serving

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Command(BaseCommand):
    help = "Like `serve`, with people, agents and three projects with weeks of history."

    def add_arguments(self, parser: ArgumentParser) -> None:
        serving.add_arguments(parser)
        parser.add_argument("--prepare-only", action="store_true", help="make the data, do not serve")

    def handle(self, **options: Any) -> None:  # noqa: ANN401 -- Django's signature
        """Prepare the demo once (a second start carries on with the same data) and serve it."""
        if not settings.IS_EMBEDDED:
            raise CommandError("The demo's passwords are public: it runs on the embedded database only.")
        if options["host"] not in LOOPBACK:
            raise CommandError("The demo's passwords are public: it listens on this machine only.")
        speaks = serving.tls_options(options["tls_cert"], options["tls_key"])
        serving.listen_at(options["host"], options["port"])
        with serving.starting():
            self._serve(options, speaks)

    def _serve(self, options: dict[str, Any], speaks: Any) -> None:  # noqa: ANN401 -- Twisted's
        database.prepare(self.stdout.write)
        seeded = seed(self.stdout.write)
        if options["prepare_only"]:
            return

        def announce() -> None:
            self.stdout.write(self.style.SUCCESS(f"\nLeftoff is at {settings.BASE_URL}/"))
            for name, email, password in seeded.sign_in:
                self.stdout.write(f"  sign in as {name}: {email} / {password}")
            self.stdout.write("Ctrl-C stops it; the data stays.")
            self.stdout.flush()

        serving.serve(options, announce, speaks)
