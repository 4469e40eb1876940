"""When somebody was last active is looked up, where all their project's sessions were read."""

from django.db import migrations

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0013_acting_project")]

    operations = [
        RunSQLFile("functions/step_facts_v4"),
    ]
