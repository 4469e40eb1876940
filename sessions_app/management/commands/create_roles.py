"""Create the database roles on a server of one's own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sessions_app.management import database


class Command(BaseCommand):
    help = "Create the run-time role named in DATABASE_URL, with DATABASE_OWNER_URL's rights."

    def handle(self, **options: Any) -> None:  # noqa: ANN401 -- Django's signature
        """Create what is missing; running it twice is fine."""
        if not settings.DATABASE_OWNER_URL:
            raise CommandError("DATABASE_OWNER_URL is not set; the embedded server has its roles already.")
        database.create_roles(self.stdout.write)
