"""A column on each of the tables that a page reads first, as a release may add one, and the way back."""

from django.db import migrations

# In the order in which requests take them, there and back. The other way round each request under way may
# hold one of them and wait for another, and hardly any try gets all three.
TABLES = ("project_counters", "items", "messages")


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0007_insight")]

    operations = [
        migrations.RunSQL(
            [f"alter table {table} add column of_next_release text not null default ''" for table in TABLES],
            [f"alter table {table} drop column of_next_release" for table in TABLES],
        )
    ]
