"""What the clock looks for among all projects and people is found by index: few have it."""

from django.db import migrations, models
from django.db.models import F, Q

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


def built(model: str, on: str, index: models.Index) -> migrations.RunSQL:
    """An index built while others write; what a try left half built, which is of no use, goes first."""
    drop = f"drop index concurrently if exists {index.name}"
    return migrations.RunSQL(
        sql=[drop, f"create index concurrently if not exists {index.name} on {on}"],
        reverse_sql=[drop],
        state_operations=[migrations.AddIndex(model_name=model, index=index)],
    )


class Migration(migrations.Migration):
    """As 0008: beside whatever is being written, waiting a minute for others; broken off, it is run again."""

    atomic = False

    dependencies = [("sessions_app", "0016_longest_idle")]

    operations = [
        migrations.RunSQL(
            sql=[
                "select set_config('growth.lock_timeout', current_setting('lock_timeout'), false)",
                "set lock_timeout = '60s'",
            ],
            reverse_sql=migrations.RunSQL.noop,
        ),
        built(
            "project",
            "projects (id) where idle_park_days is not null and archived_at is null",
            PARKING,
        ),
        built(
            "user",
            "users (digest_at asc nulls first, id) where is_active and not (digest = 'off')",
            WITH_DIGEST,
        ),
        migrations.RunSQL(
            sql=["select set_config('lock_timeout', current_setting('growth.lock_timeout'), false)"],
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
