"""How many projects somebody has, and their figures over all of them, however many they are in."""

from django.db import migrations

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0022_own_projects")]

    operations = [
        RunSQLFile("functions/own_projects_found_v1"),
        RunSQLFile("functions/own_counted_until_v1"),
    ]
