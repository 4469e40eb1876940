"""The digester claims as many projects as it asks for, and no more."""

from django.db import migrations

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0013_acting_project")]

    operations = [
        RunSQLFile("functions/digests_v2"),
    ]
