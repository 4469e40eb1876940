"""What the clock looks for among all projects and people is found by index: few have it."""

from django.db import migrations, models
from django.db.models import F, Q

from sessions_app.db.operations import beside_writes, index_beside_writes

PARKING = models.Index(
    fields=["id"],
    condition=Q(("idle_park_days__isnull", False), ("archived_at__isnull", True)),
    name="projects_parking",
)
WITH_DIGEST = models.Index(
    F("digest_at").asc(nulls_first=True),
    F("id"),
    condition=Q(("is_active", True), Q(("digest", "off"), _negated=True)),
    name="users_with_digest",
)


class Migration(migrations.Migration):
    """Beside whatever is being written."""

    atomic = False

    dependencies = [("sessions_app", "0016_longest_idle")]

    operations = beside_writes(
        index_beside_writes(
            "project",
            "projects (id) where idle_park_days is not null and archived_at is null",
            PARKING,
        ),
        index_beside_writes(
            "user",
            "users (digest_at asc nulls first, id) where is_active and not (digest = 'off')",
            WITH_DIGEST,
        ),
    )
