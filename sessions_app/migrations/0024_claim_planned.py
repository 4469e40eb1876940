"""What the digester looks for is planned each time: among all projects, or in a few."""

from django.db import migrations

_CLAIM = "function claim_digests(uuid, integer, integer, uuid[])"


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0023_own_projects_found")]

    operations = [
        migrations.RunSQL(
            sql=[f"alter {_CLAIM} set plan_cache_mode = force_custom_plan"],
            reverse_sql=[f"alter {_CLAIM} reset plan_cache_mode"],
        ),
    ]
