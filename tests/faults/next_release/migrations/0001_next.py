"""A column on each of the tables that a page reads first, as a release may add one, and the way back."""

from django.db import migrations

TABLES = ("items", "messages", "project_counters")


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0007_insight")]

    operations = [
        migrations.RunSQL(
            f"alter table {table} add column of_next_release text not null default ''",
            f"alter table {table} drop column of_next_release",
        )
        for table in TABLES
    ]
