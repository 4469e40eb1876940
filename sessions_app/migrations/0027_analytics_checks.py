"""Analytics are asked about where something may have made them old, not of everybody who is here."""

from django.db import migrations, models
from django.db.models.deletion import DO_NOTHING

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0026_own_by_index")]

    operations = [
        migrations.CreateModel(
            name="AnalyticsCheck",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "project",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=DO_NOTHING,
                        related_name="+",
                        to="sessions_app.project",
                    ),
                ),
            ],
            options={
                "db_table": "analytics_checks",
                "indexes": [models.Index(fields=["project"], name="analytics_checks_of_project")],
            },
        ),
        RunSQLFile("policies/analytics_checks_v1"),
        RunSQLFile("functions/erase_project_v7"),
        RunSQLFile("functions/stale_members_v1"),
        RunSQLFile("functions/digests_v3"),
        RunSQLFile("functions/release_digested_v2"),
        RunSQLFile("functions/check_again_v1"),
        # Last: it locks tables that everybody writes.
        RunSQLFile("triggers/analytics_checks_v1"),
    ]
